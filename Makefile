# Every target's line behind ## is its help; `make` alone prints them.
SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export GOTOOLCHAIN := local
export CGO_ENABLED ?= 0

BIN   := bin/duzhan
DATA  ?= ./var
ADDR  ?= 127.0.0.1:8470
FUZZTIME ?= 5s

STATICCHECK := v0.8.2
GOFUMPT     := v0.12.0
# A tool sits under a name that carries its version, so a new version is a new file.
STATICCHECK_BIN := bin/staticcheck-$(STATICCHECK)
GOFUMPT_BIN     := bin/gofumpt-$(GOFUMPT)

.PHONY: help
help: ## print these lines
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

# --- build and run -----------------------------------------------------------

ui/node_modules/.stamp: ui/package.json ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	@touch $@

UI_SOURCES := $(shell find ui/src data/messages -type f 2>/dev/null) $(wildcard ui/*.html ui/vite.config.ts ui/scripts/*.mjs)
ui/dist/index.html: ui/node_modules/.stamp $(UI_SOURCES)
	cd ui && npm run --silent build

.PHONY: ui
ui: ui/dist/index.html ## build the pages into ui/dist

.PHONY: build
build: ui ## build the pages and bin/duzhan, which carries them
	go build -trimpath -o $(BIN) ./cmd/duzhan

.PHONY: run
run: build ## serve the demonstration on 127.0.0.1:8470, making ./var if it is absent
	@test -d $(DATA) || { rm -rf $(DATA).part && $(BIN) demo --data $(DATA).part && mv $(DATA).part $(DATA); }
	$(BIN) serve --data $(DATA) --listen $(ADDR)

.PHONY: cross
cross: ui ## static binaries for linux amd64, arm64, loong64
	@for arch in amd64 arm64 loong64; do \
	  echo "linux/$$arch"; CGO_ENABLED=0 GOOS=linux GOARCH=$$arch go build -trimpath -ldflags '-s -w' -o bin/duzhan-linux-$$arch ./cmd/duzhan; \
	done

# --- checks ------------------------------------------------------------------

.PHONY: test
test: tools lint verify test-go coverage test-ui test-browser ## run everything; installs what it needs
	@echo 'make test: every check passed'

.PHONY: tools
tools: # system packages the checks drive: PostgreSQL, Chromium, CJK fonts, poppler
	@tools/need.sh

.PHONY: test-go
test-go: ui ## Go tests on SQLite and on a throw-away PostgreSQL, each fuzz target on its seeds
	tools/pg.sh go test -timeout 20m ./...

.PHONY: test-ui
test-ui: ui ## types, unit tests and size limits of the pages
	cd ui && npm run --silent check && npm run --silent test && npm run --silent budget

.PHONY: test-browser
test-browser: build ## the pages in a real Chromium against a real duzhan
	@tools/browser.sh

$(STATICCHECK_BIN):
	tools/gotool.sh honnef.co/go/tools/cmd/staticcheck $(STATICCHECK) $@

$(GOFUMPT_BIN):
	tools/gotool.sh mvdan.cc/gofumpt $(GOFUMPT) $@

.PHONY: lint
lint: $(STATICCHECK_BIN) $(GOFUMPT_BIN) ui ## go vet, staticcheck, gofumpt, eslint, biome
	go vet ./...
	$(STATICCHECK_BIN) ./...
	@out="$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 -r $(GOFUMPT_BIN) -l)"; \
	  if [ -n "$$out" ]; then echo "not formatted by gofumpt:"; echo "$$out"; exit 1; fi
	cd ui && npm run --silent lint

.PHONY: race
race: ui ## Go tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 tools/pg.sh go test -race -timeout 40m ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (5s)
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: coverage
coverage: ## requirement rows and the tests that cite them
	go run ./tools/coverage

.PHONY: verify
verify: ui ## regenerate the OpenAPI text and the TypeScript client; fail on a difference
	@tools/verify.sh

.PHONY: bench
bench: build ## the short benches
	go run ./tools/bench short

.PHONY: bench-long
bench-long: build ## every bench, up to ten million entries, into docs/bench.md
	go run ./tools/bench long

.PHONY: bench-pages
bench-pages: build ## how fast the pages are in a slowed Chromium, into docs/bench.md
	DUZHAN_PAGES_BENCH=1 tools/browser.sh

.PHONY: screens
screens: build ## draw docs/screens anew
	DUZHAN_SCREENS=1 tools/browser.sh

.PHONY: clean
clean: ## remove what make made, not ./var
	rm -rf bin ui/node_modules ui/test/out
	find ui/dist -mindepth 1 ! -name .keep -delete
