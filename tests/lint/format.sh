#!/usr/bin/env bash
# format: the C sources are as .clang-format says; `./dev fmt` makes them so.
set -euo pipefail
# shellcheck disable=SC2016
git ls-files -z --cached --others --exclude-standard '*.c' '*.h' | xargs -0 -r -n 1 sh -c '
	clang-format-14 --dry-run -Werror "$1" 2>/dev/null || { echo "$1"; exit 1; }' format
