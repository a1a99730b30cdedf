#!/usr/bin/env bash
# layers.sh finds each kind of breach, and leaves a clean tree alone.
set -euo pipefail
layers=$(cd "$(dirname "$0")" && pwd)/layers.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

plant() { # FILE INCLUDE: a tree with that one file
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/$(dirname "$1")"
	printf '#include %s\n' "$2" >"$tree/$1"
}

found() {
	plant "$@"
	if "$layers" "$tree" >"$tree/out"; then
		echo "not found: $1 includes $2" >&2
		exit 1
	fi
	grep -q "^$1:1: " "$tree/out" || { cat "$tree/out" >&2; exit 1; }
}

clean() {
	plant "$@"
	"$layers" "$tree" >&2 || { echo "refused though right: $1 includes $2" >&2; exit 1; }
}

found common/a.c '"daemon/base/log.h"'
found daemon/base/a.c '"daemon/io/pg.h"'
found daemon/io/http.c '"daemon/io/pg.h"'
found daemon/tiktok/a.c '"daemon/io/http.h"'
found daemon/store/a.c '"daemon/queue/kind.h"'
found daemon/sync/a.c '"daemon/work/pool.h"'
found daemon/web/a.c '"daemon/control/cmd.h"'
found daemon/stats/a.c '"daemon/web/web.h"'
found daemon/base/a.c '"log.h"'
found daemon/elsewhere/a.c '"common/err.h"'
found ctl/a.c '"daemon/base/log.h"'
found tests/sandbox/a.c '"daemon/tiktok/sign.h"'
found common/a.c '<json-c/json.h>'
found daemon/io/a.c '<curl/curl.h>'
found daemon/io/httpd.c '<curl/curl.h>'
found daemon/store/a.c '<libpq-fe.h>'
found daemon/work/a.c '<event2/event.h>'
found daemon/queue/a.c '<hiredis/async.h>'
found daemon/base/a.c '<ini.h>'
found daemon/grant/a.c '<sodium.h>'

clean common/json.c '<json-c/json.h>'
clean daemon/io/http_answer.c '<curl/curl.h>'
clean daemon/io/pg.c '<libpq-fe.h>'
clean daemon/io/pg.c '"daemon/io/pg.h"'
clean daemon/io/pg.c '"daemon/base/loop.h"'
clean daemon/base/loop.c '<event2/event.h>'
clean daemon/store/a.c '"daemon/io/pg.h"'
clean daemon/web/a.c '"daemon/grant/grant.h"'
clean daemon/main.c '"daemon/control/control.h"'
clean ctl/a.c '"common/err.h"'
clean tests/sandbox/a.c '<event2/http.h>'
