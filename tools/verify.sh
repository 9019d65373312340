#!/usr/bin/env bash
# The committed OpenAPI text and the TypeScript client made from it must be what the code gives.
set -euo pipefail
if [ ! -d cmd/duzhan ]; then echo "nothing to verify: cmd/duzhan does not exist"; exit 0; fi
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
go run ./cmd/duzhan openapi >"$new/openapi.json"
(cd ui && npx --no-install openapi-typescript "$new/openapi.json" --root-types --root-types-no-schema-prefix -o "$new/schema.d.ts" >/dev/null)
bad=0
diff -u ui/openapi.json "$new/openapi.json" || bad=1
diff -u ui/src/shared/schema.d.ts "$new/schema.d.ts" || bad=1
if [ $bad = 1 ]; then
	if [ "${1:-}" = --write ]; then
		cp "$new/openapi.json" ui/openapi.json
		cp "$new/schema.d.ts" ui/src/shared/schema.d.ts
		echo "written: ui/openapi.json, ui/src/shared/schema.d.ts"
		exit 0
	fi
	echo "the generated API files differ; write them with tools/verify.sh --write" >&2
	exit 1
fi
echo "OpenAPI and TypeScript client are as generated"
