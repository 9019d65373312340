#!/usr/bin/env bash
# Runs the benches. `short` prints; `long` also writes docs/bench.md by the bench program itself.
set -euo pipefail
case "${1:-short}" in
short) go test -run '^$' -bench . -benchtime 1x ./... ;;
long) DUZHAN_BENCH=long go test -run '^$' -bench . -benchtime 1x -timeout 6h ./... ;;
*) echo "usage: tools/bench.sh short|long" >&2; exit 2 ;;
esac
