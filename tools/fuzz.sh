#!/usr/bin/env bash
# Runs every fuzz target of the module for the time given, one after the other.
set -euo pipefail
time=${1:-5s}
while IFS=: read -r file target; do
	echo "$target in $(dirname "$file")"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$(dirname "$file")"
done < <(git ls-files -c -o --exclude-standard '*_test.go' | xargs -r grep -HoE 'func Fuzz[A-Za-z0-9_]+' | sed 's/:func /:/')
