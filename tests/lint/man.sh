#!/usr/bin/env bash
# man: the manual pages have no fault that mandoc knows; ttctl(1) has each verb of the command
# table, and no other; ttsyncd(8) and ttshop-sandbox(1) have each option of their programs.
set -euo pipefail
mandoc -T lint -W warning daemon/*.8 etc/*.5 ctl/*.1 tests/sandbox/*.1

verbs() { sed -n 's/^CMD(\(.*\))$/\1/p' daemon/control/cmd.def | tr _ ' ' | sort; }
explained() {
	sed -n '/^\.Sh VERBS/,/^\.Sh ENVIRONMENT/s/^\.It Ic \([a-z ]*[a-z]\).*/\1/p' ctl/ttctl.1 | sort
}
diff <(verbs) <(explained) >&2 || { echo "ttctl(1) and daemon/control/cmd.def differ" >&2; exit 1; }

has_options() { # PAGE: each option read from stdin
	while read -r option; do
		grep -qE "^\.It Fl -$option( |\$)" "$1" || { echo "$1 lacks --$option" >&2; exit 1; }
	done
}
grep -oE '\{ "[a-z-]+", (no|required)_argument' daemon/main.c | cut -d'"' -f2 |
	has_options daemon/ttsyncd.8
sed -nE 's/^(TEXT|NUM|FLAG)\([a-z_]+, "([a-z-]+)".*/\2/p' tests/sandbox/option.def |
	has_options tests/sandbox/ttshop-sandbox.1
