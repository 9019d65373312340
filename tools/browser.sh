#!/usr/bin/env bash
# Serves a fresh demonstration on a free port and runs the browser checks against it.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
	if [ "${CI:-}" = true ]; then
		echo "Chromium is missing and under CI nothing may be left out" >&2
		exit 1
	fi
	echo "left out: checks in a browser (chromium not found)"
	exit 0
fi
export DUZHAN_CHROMIUM=$chromium
if [ -n "${DUZHAN_PAGES_BENCH:-}" ]; then exec node ui/scripts/vitals.mjs; fi
exec node ui/test/browser/run.mjs
