#!/usr/bin/env bash
# Installs one Go tool by exact version, outside go.mod: tools/gotool.sh PACKAGE VERSION FILE
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
GOBIN=$dir GOFLAGS='' go install "$1@$2"
mkdir -p "$(dirname "$3")"
mv "$dir/$(basename "$1")" "$3"
