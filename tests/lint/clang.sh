#!/usr/bin/env bash
# clang: everything builds with clang, warnings being errors, and clang-tidy finds nothing
# (.clang-tidy says what it looks for).
# usage: clang.sh BUILDS
set -euo pipefail
build=$1/clang
cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug >"$build.log"
cmake --build "$build" >>"$build.log" || { grep -A3 error: "$build.log"; exit 1; }
sources() { find common daemon ctl tests/sandbox tests/harness -name '*.c' -print0 2>/dev/null; }
sources | xargs -0 -r -n 4 -P "$(nproc)" clang-tidy-14 --quiet -p "$build" 2>"$build.tidy.log" ||
	{ grep -v 'warnings generated' "$build.tidy.log" || true; exit 1; }
