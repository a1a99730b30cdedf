#!/usr/bin/env bash
# settings: what ttsyncd.conf(5) marks "later" is used by nothing, and everything else is used: an
# option that does nothing says so, and stops saying so the day it does something.
set -euo pipefail
bad=0
while IFS=', ' read -r section key field; do
	marked=$(awk -v section="[$section]" -v key="$key" '
		$1 == ".Ss" { here = $2 == section }
		here && $1 == ".It" && $3 == key { print ($0 ~ /Em later$/ ? "later" : "now") }
	' etc/ttsyncd.conf.5)
	used=later
	if grep -rqE "(->|\.)$field\>" daemon --include='*.[ch]' --exclude='conf*'; then
		used=now
	elif [[ $field == plans_* ]] && grep -rq 'conf_plan_' daemon --include='*.c' --exclude='conf*'; then
		used=now # by conf_plan_rank and conf_plan_ok
	fi
	[ "$marked" = "$used" ] || { echo "[$section] $key: the manual says $marked, the sources $used"; bad=1; }
done < <(sed -n 's/^SETTING(\([^,]*, [^,]*, [^,]*\),.*/\1/p' daemon/base/conf.def)
[ "$bad" = 0 ]
