#!/usr/bin/env bash
# binary: what the release programs say of themselves: position-independent, relocations read-only
# before main, no executable stack, no text relocations (reliability.md 10), no failpoints.
# usage: binary.sh BUILDS
set -euo pipefail
bad=0
checked=0
for program in "$1"/release/{ttsyncd,ttctl,ttshop-sandbox}; do
	[ -x "$program" ] || continue
	checked=$((checked + 1))
	headers=$(readelf -hldW "$program")
	claim() { # WHAT REGEX: one line of the headers matches
		grep -qE "$2" <<<"$headers" || { echo "$program: $1"; bad=1; }
	}
	claim "not position-independent" 'Type: +DYN \(Position-Independent'
	claim "no read-only relocations" '^ *GNU_RELRO'
	claim "relocations are done late" 'BIND_NOW|FLAGS_1.* NOW'
	claim "the stack may be executable" 'GNU_STACK .* RW +0x'
	if grep -q TEXTREL <<<"$headers"; then
		echo "$program: text relocations"
		bad=1
	fi
	if ! grep -q __stack_chk_fail <<<"$(readelf --dyn-syms -W "$program")"; then
		echo "$program: no stack protector"
		bad=1
	fi
done
# failpoints are for tests: the debug build has them, or this finds nothing anywhere
if [ -x "$1/release/ttsyncd" ] && [ -x "$1/debug/ttsyncd" ]; then
	grep -q TTSYNCD_FAILPOINT "$1/debug/ttsyncd" ||
		{ echo "$1/debug/ttsyncd: no failpoints"; bad=1; }
	if grep -q TTSYNCD_FAILPOINT "$1/release/ttsyncd"; then
		echo "$1/release/ttsyncd: has failpoints"
		bad=1
	fi
fi
[ "$checked" -gt 0 ] || { echo "$1/release has no program to look at"; exit 1; }
[ "$bad" = 0 ]
