#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL on a unix socket, named in DUZHAN_TEST_PG:
#   tools/pg.sh go test ./...
# As root the server runs as postgres (it refuses root), otherwise as whoever calls.
set -euo pipefail

bindir=""
if command -v pg_config >/dev/null; then bindir=$(pg_config --bindir); fi
if [ ! -x "$bindir/initdb" ]; then
	for d in /usr/lib/postgresql/*/bin; do [ -x "$d/initdb" ] && bindir=$d; done
fi
if [ ! -x "$bindir/initdb" ]; then
	if [ "${CI:-}" = true ]; then
		echo "PostgreSQL is missing and under CI nothing may be left out" >&2
		exit 1
	fi
	echo "left out: tests on PostgreSQL (initdb not found)"
	exec "$@"
fi

# A socket's path may have 107 bytes, so the directory is short.
dir=$(mktemp -d /tmp/dzpg.XXXXXX)
as() { bash -c "$1"; }
if [ "$(id -u)" = 0 ]; then
	chown postgres "$dir"
	as() { su postgres -s /bin/bash -c "$1"; }
fi
chmod 755 "$dir"
stop() {
	as "cd '$dir' && '$bindir/pg_ctl' -D '$dir/data' -m immediate -w stop" >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

as "cd '$dir' && '$bindir/initdb' -D '$dir/data' -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync" >"$dir/initdb.log"
as "cd '$dir' && '$bindir/pg_ctl' -D '$dir/data' -w -l '$dir/log' -o \"-k '$dir' -c listen_addresses='' -c fsync=off -c max_connections=200\" start" >/dev/null
export DUZHAN_TEST_PG="postgres:///postgres?host=$dir&user=postgres"
"$@"
