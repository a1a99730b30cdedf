#!/usr/bin/env bash
# words.sh finds each forbidden word, and does not mind it in comments, texts and longer names.
set -euo pipefail
words=$(cd "$(dirname "$0")" && pwd)/words.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests" "$tree/daemon"

found() {
	printf '%s\n' "$2" >"$tree/$1"
	if "$words" "$tree" >/dev/null; then
		echo "not found in $1: $2" >&2
		exit 1
	fi
	rm "$tree/$1"
}

clean() {
	printf '%s\n' "$2" >"$tree/$1"
	"$words" "$tree" >&2 || { echo "refused though right in $1: $2" >&2; exit 1; }
	rm "$tree/$1"
}

found tests/a.c '	usleep(10);'
found tests/a.c 'int x = 1; sleep (1);'
found tests/a.c '/* one */ sleep(1); /* two */'
found daemon/a.c 'sprintf(s, "%d", x);'
found daemon/a.c '	return atoi(s);'
found daemon/a.c '	strcat(a, b);'
found daemon/a.c '	r = PQexec(c, sql);'

clean daemon/a.c '	snprintf(s, n, "%d", x);'
clean daemon/a.c '	int no_sleep(void);'
clean daemon/a.c '	o->sleep(o);'
clean daemon/a.c '	/* never sleep() here */'
clean daemon/a.c '	log("strcpy(a, b)");'
clean daemon/a.c '/*
 * about atoi(s) and
 * sprintf(s)
 */
int x;'
clean tests/a.c '	PQexec(c, sql);'
