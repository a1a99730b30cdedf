#!/usr/bin/env bash
# layers: who may include whom (style.md 1, design.md 4). Reads every #include of the sources.
# usage: layers.sh [ROOT]; exits 1 and names each breach.
set -euo pipefail
cd "${1:-.}"

# Folders, highest first; those of one line do not include each other. A file may include what
# stands below its own line, its own folder included.
order=(
	'daemon/control daemon/web daemon/stats'
	'daemon/work'
	'daemon/sync'
	'daemon/grant'
	'daemon/queue'
	'daemon/store'
	'daemon/tiktok'
	'daemon/io'
	'daemon/base'
	'common'
)

# A library's headers, and the only place (file or folder) they may appear in.
libraries='
json-c/ common/json.c
json.h common/json.c
sodium.h common/crypto.c
sodium/ common/crypto.c
curl/ daemon/io/http.c
curl/ daemon/io/http_*.c
libpq-fe.h daemon/io/pg*.c
postgresql/ daemon/io/pg*.c
hiredis daemon/io/redis*.c
async.h daemon/io/redis*.c
ini.h daemon/base/conf.c
qrencode.h ctl/qr.c
openssl/ tests/sandbox/
event2/ daemon/base/
event2/ daemon/io/
event2/ tests/sandbox/
event.h nowhere
systemd/ nowhere
jansson.h nowhere
'

# Every include of common/, daemon/, ctl/ and the sandbox, as FILE<tab>LINE<tab>HEADER.
includes() {
	local folders=()
	mapfile -t folders < <(ls -d common daemon ctl tests/sandbox 2>/dev/null)
	# shellcheck disable=SC2016
	find "${folders[@]}" -name '*.[ch]' -print0 | sort -z |
		xargs -0 -r awk -v OFS='\t' 'match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]+/) {
			header = substr($0, RSTART, RLENGTH)
			sub(/^[^"<]*/, "", header)
			print FILENAME, FNR, header
		}'
}

includes | awk -F '\t' -v order="$(printf '%s\n' "${order[@]}")" -v libraries="$libraries" '
function folder_of(path,   at) {
	at = path
	sub(/\/[^\/]*$/, "", at)
	return at
}

function breach(why) {
	printf "%s:%s: %s\n", $1, $2, why
	breaches++
}

# Does the file stand in the place: a file, a folder/ or a file with one *?
function stands_in(file, place,   parts) {
	if (place ~ /\/$/)
		return index(file, place) == 1
	if (split(place, parts, "*") == 2)
		return index(file, parts[1]) == 1 && substr(file, length(file) - length(parts[2]) + 1) == parts[2]
	return file == place
}

function check_library(file, header,   i, known, fits) {
	for (i = 1; i <= n_libraries; i++)
		if (header == lib[i] || (lib[i] ~ /\/$/ && index(header, lib[i]) == 1) ||
		    index(header, lib[i] "/") == 1) {
			known = 1
			fits = fits || stands_in(file, home[i])
		}
	if (known && !fits)
		breach("<" header "> does not belong here")
}

function check_ours(file, header,   from, to) {
	from = folder_of(file)
	to = folder_of(header)
	if (to == header) {
		breach("\"" header "\": write it from the root of the repository")
	} else if (from == "ctl" || from == "tests/sandbox") {
		if (to != "common" && to != from)
			breach("\"" header "\": " from " includes common/ alone")
	} else if (from == "daemon/tiktok" && to != from && to != "common") {
		breach("\"" header "\": daemon/tiktok is pure and includes common/ alone")
	} else if (from == "daemon") {
		return # main.c and daemon.c start everything
	} else if (!(from in rank)) {
		breach("folder " from " is not in the order of design.md 4")
	} else if (to == "text") {
		return # texts embedded by the build
	} else if (!(to in rank)) {
		breach("\"" header "\": " from " does not include " to)
	} else if (from == to) {
		if (from == "daemon/io" && stem(file) != stem(header))
			breach("\"" header "\": files of daemon/io do not include each other")
	} else if (rank[to] <= rank[from]) {
		breach("\"" header "\": " from " does not stand above " to)
	}
}

# redis.c and redis_link.h are one library: the name up to the first _ or dot.
function stem(path) {
	sub(/.*\//, "", path)
	sub(/[_.].*/, "", path)
	return path
}

BEGIN {
	n = split(order, lines, "\n")
	for (i = 1; i <= n; i++) {
		m = split(lines[i], words, " ")
		for (j = 1; j <= m; j++)
			rank[words[j]] = i
	}
	n = split(libraries, lines, "\n")
	for (i = 1; i <= n; i++)
		if (split(lines[i], words, " ") == 2) {
			lib[++n_libraries] = words[1]
			home[n_libraries] = words[2]
		}
}

{
	header = substr($3, 2)
	if (substr($3, 1, 1) == "<")
		check_library($1, header)
	else
		check_ours($1, header)
	files[$1] = 1
}

END {
	for (file in files)
		n_files++
	if (!n_files) {
		print "no source was found"
		exit 1
	}
	exit breaches > 0
}'
