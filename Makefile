# Scrutineer. `make help` lists what there is; CONTRIBUTING.md says why.

SHELL := bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Static everywhere: the binary is also the whole container image of the
# reference system, and a dynamic one could not be.
export CGO_ENABLED := 0

# The stamp comes from git where there is git. The date is the commit's, so
# that two builds of one commit are the same bytes.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
DATE    ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

STAMP   := scrutineer/cmd/internal/version
LDFLAGS := -X $(STAMP).version=$(VERSION) -X $(STAMP).commit=$(COMMIT) -X $(STAMP).date=$(DATE)
GOBUILD := go build -trimpath -ldflags '$(LDFLAGS)'

# What `make mutation` changes; its own list where this is empty.
PACKAGES ?=

# Handed on to scrutineer by `make run`, for example ARGS='--seed 7'.
ARGS ?=

.PHONY: help
help: ## print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## attack the example election and write a report (needs Go alone)
	bin/scrutineer run $(ARGS)

.PHONY: build
build: ## build bin/scrutineer
	@$(GOBUILD) -o bin/ ./cmd/...

.PHONY: test
test: deps ## install what the tests need, then run all of them
	@go run ./scripts/testrun -timeout 15m ./...

.PHONY: lint
lint: bin/staticcheck ## gofmt, vet, staticcheck, and the syntax of the scripts
	@scripts/lint.sh

bin/staticcheck: tools/go.mod tools/go.sum
	@go build -C tools -o $(CURDIR)/bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	@touch $@

.PHONY: mutation
mutation: bin/gremlins ## mutation testing of the core (PACKAGES="harness/verify/merkle …")
	@go run ./scripts/gremlins $(PACKAGES)

bin/gremlins: tools/go.mod tools/go.sum
	@go build -C tools -o $(CURDIR)/bin/gremlins github.com/go-gremlins/gremlins/cmd/gremlins
	@touch $@

.PHONY: bench
bench: build ## measure speed and memory, with ratios against their bars
	@scripts/bench.sh

.PHONY: fuzz
fuzz: ## fuzz every native target, one minute in all (FUZZ_SECONDS=60)
	@scripts/fuzz.sh

.PHONY: deps
deps: ## install the Debian packages that tests need, where it may
	@scripts/deps.sh

.PHONY: docs
docs: ## write the generated pages under docs/ again
	@scripts/docs.sh

.PHONY: dist
dist: ## static binaries for every platform, with SHA256SUMS, in dist/
	@VERSION='$(VERSION)' LDFLAGS='$(LDFLAGS)' scripts/dist.sh
