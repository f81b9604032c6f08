# The commands of README.md. Each one does what it needs before it and says what it is doing.
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: setup build demo test bench crash fuzz format format-check check-includes coverage clean

# Debian 12 packages, by name.
PACKAGES := g++ cmake ninja-build ccache mold git curl ca-certificates python3 \
  antlr4 libantlr4-runtime-dev librocksdb-dev librdkafka-dev libboost1.81-dev nlohmann-json3-dev \
  libsimdjson-dev libicu-dev libssl-dev libzstd-dev liblz4-dev libxxhash-dev libedit-dev \
  libspdlog-dev libfmt-dev libcli11-dev libgtest-dev libbenchmark-dev \
  clang-14 clang-format-14 libclang-rt-14-dev

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
CRASH_ROUNDS ?= 50
COVERAGE_PERCENT ?= 90
THALWEG := build/release/thalweg
SOURCES = git ls-files -co --exclude-standard '*.cc' '*.h'

setup:
	@missing=$$(for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then echo "setup: all $(words $(PACKAGES)) packages are installed"; exit 0; fi; \
	echo "setup: installing" $$missing; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update -q && \
	DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -q --no-install-recommends $$missing

build: setup
	@mkdir -p build
	@[ -f build/release/build.ninja ] || cmake --preset release
	@cmake --build --preset release -j $(JOBS) --target thalweg
	@echo "build: $(THALWEG)"

demo: build
	@examples/demo.sh $(THALWEG)

# Everything is built the way it ships; our own assertions are on in release too.
test: setup
	@mkdir -p build
	@[ -f build/release/build.ninja ] || cmake --preset release
	@cmake --build --preset release -j $(JOBS)
	@ctest --preset release -j $(JOBS)

bench: setup
	@mkdir -p build
	@[ -f build/release/build.ninja ] || cmake --preset release
	@cmake --build --preset release -j $(JOBS) --target thalweg-bench
	@build/release/thalweg-bench $(BENCH_ARGS)

crash: build
	@tests/e2e/crash.py --binary $(THALWEG) --kills $(CRASH_ROUNDS)

fuzz: setup
	@tests/fuzz/run.sh $(FUZZ_SECONDS)

check-includes:
	@python3 tests/check_includes.py

format:
	@$(SOURCES) | xargs clang-format-14 -i
	@echo "format: done"

format-check:
	@$(SOURCES) | xargs clang-format-14 --dry-run --Werror
	@echo "format-check: clean"

coverage: setup
	@mkdir -p build
	@[ -f build/coverage/build.ninja ] || cmake --preset coverage
	@cmake --build --preset coverage -j $(JOBS)
	@find build/coverage -name '*.gcda' -delete
	@ctest --preset coverage -j $(JOBS) -E '^e2e_'
	@python3 tests/coverage.py build/coverage --files 20 --require $(COVERAGE_PERCENT)

clean:
	rm -rf build
