#!/usr/bin/env bash
# unit: systemd understands the service, and its exposure is at most 1.5 (reliability.md 10).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export SYSTEMD_COLORS=0

# verify wants the program to be there: any program stands in for the one that is not installed
sed 's|^ExecStart=/usr/sbin/ttsyncd|ExecStart=/bin/true|' systemd/ttsyncd.service >"$dir/ttsyncd.service"
systemd-analyze verify --man=no "$dir/ttsyncd.service" 2>"$dir/verify" ||
	{ cat "$dir/verify" >&2; exit 1; }
if grep -F ttsyncd.service "$dir/verify" >&2; then
	exit 1
fi
systemd-analyze security --no-pager --offline=true --threshold=15 systemd/ttsyncd.service |
	tail -n 1
