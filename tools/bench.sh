#!/usr/bin/env bash
# Runs the benches; the program writes its section of docs/bench.md. DUZHAN_BENCH_DIR names where its data
# lie while it runs (the disk that is measured); by default the system's folder for temporary files.
set -euo pipefail
case "${1:-short}" in
short | long) exec go run ./tools/bench "${1:-short}" ;;
*) echo "usage: tools/bench.sh short|long" >&2; exit 2 ;;
esac
