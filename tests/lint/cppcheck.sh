#!/usr/bin/env bash
# cppcheck: no warning, portability or performance finding. Two checks are left out: uninitvar does
# not follow an array filled in a loop (compilers and sanitizers do), arrayIndexThenCheck takes any
# later comparison of the index for a check of it.
set -euo pipefail
folders=()
for folder in common daemon ctl tests/sandbox tests/harness; do
	[ ! -d "$folder" ] || folders+=("$folder")
done
cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
	--library=tests/lint/cppcheck.cfg --error-exitcode=1 -j "$(nproc)" -I . \
	--suppress=missingIncludeSystem --suppress=uninitvar --suppress=arrayIndexThenCheck \
	--template='{file}:{line}: {id}: {message}' "${folders[@]}"
