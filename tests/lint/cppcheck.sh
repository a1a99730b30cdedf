#!/usr/bin/env bash
# cppcheck: no warning, portability or performance finding.
set -euo pipefail
cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
	--error-exitcode=1 -j "$(nproc)" -I . --suppress=missingIncludeSystem \
	--template='{file}:{line}: {id}: {message}' common daemon ctl tests/sandbox
