#!/usr/bin/env bash
# features: every test that tests/FEATURES.md names is there.
set -euo pipefail
have() {
	find tests -name '*.c' -exec sed -nE \
		's/^(Test|ParameterizedTest|Theory)\((.*, *)?([A-Za-z_0-9]+), *([A-Za-z_0-9]+).*/\3\/\4/p' {} + | sort -u
}
# shellcheck disable=SC2016
named() { grep -oE '`[a-z_0-9]+/[a-z_0-9]+`' tests/FEATURES.md | tr -d '`' | sort -u; }
gone=$(comm -13 <(have) <(named))
[ -z "$gone" ] || { printf 'tests/FEATURES.md names tests that are not there:\n%s\n' "$gone"; exit 1; }
