# arc: `make demo` and `make test` need nothing but a Swift toolchain; `make help` lists the rest.

PREFIX ?= /usr/local
SWIFT ?= swift
# lld says nothing of what Foundation itself links; gold warns of it at every build.
RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld
ARC := .build/release/arc

.DEFAULT_GOAL := help
.PHONY: help setup build demo test test-asan test-tsan fuzz soak kill-test lint format bench bench-analytics docs install clean

help:
	@echo 'make demo       set up, build, import the example results and print a report'
	@echo 'make test       set up and run every test'
	@echo 'make build      build the release: $(ARC)'
	@echo 'make install    put it under PREFIX (now $(PREFIX))'
	@echo 'make lint       formatting, imports, Lua, generated files'
	@echo 'make format     format the Swift sources'
	@echo 'make docs       write the reference, and what editors and luacheck need, anew'
	@echo 'make bench      ratios against raw libpq and plain Lua'
	@echo 'make bench-analytics   what arc answers of a million outcomes against plain SQL; ten million with SIZE=large'
	@echo 'make test-asan, make test-tsan   the suites under sanitizers'
	@echo 'make fuzz       fuzz calls, the library and JSON for SECONDS=600'
	@echo 'make soak       record for MINUTES=10 while everything fails, and print the ledger'
	@echo 'make kill-test  kill arc ROUNDS=200 times while it records, and compare'
	@echo 'make clean      remove what was built'

setup:
	@scripts/setup

build: setup
	$(SWIFT) build $(RELEASE) --product arc

demo: build
	@scripts/demo $(ARC)

# A few tests at a time. All at once, which is what `swift test` does, they keep each other waiting until time limits
# that are generous for any one of them run out.
WIDTH = $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -qe --experimental-maximum-parallelization-width \
  && echo --experimental-maximum-parallelization-width 4 || echo --no-parallel)

test: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build $(WIDTH)

# Both sanitizers end the tests with an error where they have reported anything.
SANITIZED := LuaBridge Postgres ArcKit ArcHost

# Leaks are left out: the test runner's own would fail the tests that watch a process end.
test-asan: export ASAN_OPTIONS = detect_leaks=0
test-asan: SANITIZER = --sanitize=address --scratch-path .build-asan
# What isn't a race is told in Tests/CThreadSanitizer, and why. The sanitizer keeps a stack of the functions that C has
# entered; Lua's longjmp leaves them without its knowing, so that stack would grow until it overflows: C functions aren't
# entered in it.
test-tsan: SANITIZER = --sanitize=thread --scratch-path .build-tsan -Xcc -mllvm -Xcc -tsan-instrument-func-entry-exit=0
test-asan test-tsan: setup
	$(SWIFT) build --build-tests $(SANITIZER)
	set -e; for module in $(SANITIZED); do \
	  $(SWIFT) test --skip-build $(SANITIZER) $(WIDTH) --filter "$${module}Tests"; \
	done

SECONDS ?= 600

# A third for each: the machine, arc's library, JSON.
fuzz: setup
	scripts/fuzz $$(($(SECONDS) / 3))
	scripts/fuzz-json $$(($(SECONDS) / 3))

soak: setup
	$(SWIFT) build -c release --product Soak
	.build/release/Soak

kill-test: build
	scripts/kill-test $(ARC)

lint: setup
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	scripts/check-imports
	luacheck --quiet Sources plugins examples scripts
	scripts/check-generated

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

docs: build
	$(ARC) docs reference > docs/reference.md
	$(ARC) docs document-schema > docs/schemas/document.json
	$(ARC) docs stubs > docs/arc.d.lua
	$(ARC) docs luacheck > docs/arc.luacheck.lua
	$(ARC) docs plugin-schema > docs/schemas/plugin.json

bench: setup
	@mkdir -p out
	$(SWIFT) run --package-path Benchmarks -c release Benchmarks --json out/benchmarks.json

# On a throw-away server, or on that of ARC_BENCH_DATABASE_URL. A large run tells by how much longer each answer takes than
# in the last small one on the same server.
SIZE ?= small
SERVER = $(if $(ARC_BENCH_DATABASE_URL),given,own)

bench-analytics: setup
	@mkdir -p out
	$(SWIFT) run --package-path Benchmarks -c release Analytics --size $(SIZE) --json out/analytics-$(SERVER)-$(SIZE).json \
	  $(if $(filter large,$(SIZE)),--smaller out/analytics-$(SERVER)-small.json) $(ANALYTICS)

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/arc
	install -m 755 $(ARC) $(DESTDIR)$(PREFIX)/bin/arc
	cp -R plugins $(DESTDIR)$(PREFIX)/share/arc/

clean:
	rm -rf .build .build-asan .build-tsan Benchmarks/.build out
