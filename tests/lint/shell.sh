#!/usr/bin/env bash
# shell: every shell script is as shellcheck wants it.
set -euo pipefail
{
	find tests etc systemd packaging .ci -type f -name '*.sh' -print0 2>/dev/null
	printf 'dev\0'
	[ ! -f .ci/run ] || printf '.ci/run\0'
} | xargs -0 shellcheck
