# Go alone is enough for build and test. Tests that need a PostgreSQL or Dovecot say so and skip when they have none; .ci/servers starts
# private ones: `.ci/servers with make race`.

GO        ?= go
GOFOLDERS := cmd bridge parser mapping
FUZZTIME  ?= 20s
TESTFLAGS ?=

.PHONY: build fmt check test race fuzz-short bench

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o giaolien ./cmd/giaolien

fmt:
	gofmt -w $(GOFOLDERS)

check:
	@out=$$(gofmt -l $(GOFOLDERS)); test -z "$$out" || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	$(GO) vet ./...
	@tool=$$(command -v staticcheck || ls "$$($(GO) env GOPATH)/bin/staticcheck" 2>/dev/null); \
	if [ -n "$$tool" ]; then echo "$$tool ./..."; "$$tool" ./...; else echo "staticcheck is not installed, skipped"; fi

test:
	$(GO) test $(TESTFLAGS) ./...

# The race detector needs a C compiler. It watches our code: SQLite, which is C turned into Go under a lock of its own, would take two thirds
# of the processor's time.
race:
	CGO_ENABLED=1 $(GO) test -race -gcflags=modernc.org/...=-race=false -shuffle=on $(TESTFLAGS) ./...

# Every fuzz target for a short while.
fuzz-short:
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' $(GOFOLDERS) | sed 's/:func / /' | sort | while read -r file name; do \
		echo "$$name in $$(dirname "$$file")"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" || exit 1; \
	done

# Benchmarks, one package at a time: the whole road against real servers (those of the environment, else private ones) with both sides of
# each ratio from one run, then the parts.
bench:
	@if [ -n "$$GIAOLIEN_TEST_POSTGRES" ] && [ -n "$$GIAOLIEN_TEST_DOVECOT" ]; then with=; else with='.ci/servers with'; fi; \
	$$with $(GO) test -p 1 -run '^$$' -bench . -benchtime 1x -timeout 60m $(BENCHFLAGS) ./cmd/giaolien/road ./cmd/giaolien && \
	$$with $(GO) test -p 1 -run '^$$' -bench . -benchtime 300ms -timeout 60m $(BENCHFLAGS) ./parser/... ./mapping/... ./bridge/...
