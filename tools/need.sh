#!/usr/bin/env bash
# Finds what the checks drive and installs what is missing where it may (apt, as root).
# What stays missing is named with what is then left out; under CI nothing may be left out.
set -euo pipefail

missing=() why=()
need() { # need PACKAGE WHAT-IS-LEFT-OUT TEST...
	local package=$1 what=$2
	shift 2
	if ! "$@" >/dev/null 2>&1; then
		missing+=("$package")
		why+=("$package: $what")
	fi
}
check() {
	missing=() why=()
	need postgresql "tests on PostgreSQL" has_postgres
	need chromium "checks in a browser" has_chromium
	need fonts-noto-cjk "Chinese text in pictures" has_cjk
	need poppler-utils "reading printed pages back" command -v pdftotext
}
has_postgres() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_cjk() { [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -1)" ]; }

check
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "installing ${missing[*]}"
	apt-get update -qq || true
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || true
	check
fi
if [ ${#missing[@]} -gt 0 ]; then
	printf 'left out, not installed here (needs root and apt-get): %s\n' "${why[@]}"
	if [ "${CI:-}" = true ]; then
		echo "under CI nothing may be left out" >&2
		exit 1
	fi
fi
