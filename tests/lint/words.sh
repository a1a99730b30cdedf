#!/usr/bin/env bash
# words: what does not stand in our sources (style.md 10 and 13). Names each line.
# usage: words.sh [ROOT]
set -euo pipefail
cd "${1:-.}"

bad=0

# forbid WHY REGEX FILE...: no line of these files, comments left out, matches.
forbid() {
	local why=$1 regex=$2 hits
	shift 2
	hits=$(awk -v regex="$regex" '
		FNR == 1 { comment = 0 }
		{
			line = $0
			gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
			gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
			if (comment && sub(/^.*\*\//, "", line))
				comment = 0
			if (!comment && sub(/\/\*.*$/, "", line))
				comment = 2
			if (comment != 1 && line ~ regex)
				print FILENAME ":" FNR ": " $0
			if (comment)
				comment = 1
		}' "$@" /dev/null)
	[ -n "$hits" ] || return 0
	printf '%s\n%s\n' "$why:" "$hits"
	bad=1
}

sources() { find "$@" -name '*.[ch]' 2>/dev/null | sort; }
mapfile -t ours < <(sources common daemon ctl tests)
mapfile -t daemon < <(sources daemon)
b='(^|[^A-Za-z0-9_.>])' # where a name begins: also not a member of that name

forbid "unbounded or unchecked text" \
	"$b(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|gets|alloca)[ \t]*\\(" "${ours[@]}"
forbid "a sleep: wait for an event, with a deadline" \
	"$b(sleep|usleep|nanosleep|clock_nanosleep)[ \t]*\\(" "${ours[@]}"
forbid "a call that blocks the loop" \
	"$b(PQexec|PQexecParams|PQconnectdb|redisCommand|redisConnect|curl_easy_perform|getaddrinfo|gethostbyname)[ \t]*\\(" \
	"${daemon[@]}"
[ "$bad" = 0 ]
