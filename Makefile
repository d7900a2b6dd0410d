# Everything a person or CI does with this package. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help setup run test lint format bench edge simulate mutants docs

# One set of flags for run and test, so that neither compiles again what the other has built.
BUILD := swift build --scratch-path .build --explicit-target-dependency-import-check error
SWIFT_FOLDERS := $(wildcard Package.swift Sources Tests Examples Benchmarks)
# The simulation needs none of the hosts' dependencies, so it fetches and builds none.
SIMULATE := swift build -c release --static-swift-stdlib --disable-default-traits --product cluster-simulate
SEEDS ?= 100
FIRST ?= 1
RUN_PRODUCTS := cluster-server cluster-agent cluster cluster-shim WebService
RUN_BUILT := .build/debug/run-built
DOCS_TARGETS ?= ClusterKit HCL Patterns ClusterSQLite ClusterClient ClusterEdge ClusterTesting ClusterHTTP

help: ## list what there is
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## install the system packages that building and testing need
	@scripts/setup test

run: ## start a server with an agent and a web service behind its proxy (Ctrl-C ends it)
	@scripts/setup run
	@$(MAKE) --no-print-directory $(RUN_BUILT)
	@scripts/demo .build/debug

# Built again only when something is newer, for SwiftPM takes seconds to find out for each product that nothing is.
$(RUN_BUILT): $(shell find Package.swift Sources Examples)
	@for product in $(RUN_PRODUCTS); do $(BUILD) --product $$product || exit 1; done
	@touch $@

test: ## lint, build everything, run all tests, the examples and the consumer
	@scripts/setup test
	@$(MAKE) --no-print-directory lint
	$(BUILD) --build-tests
	@# One after the other: begun all at once, hundreds of tests starve each other, and need three times the processor.
	CLUSTER_PYTHON_TESTS=1 swift test --scratch-path .build --skip-build --no-parallel --skip EndToEndTests
	swift test --scratch-path .build --skip-build --filter EndToEndTests
	scripts/examples .build/debug
	scripts/consumer

lint: ## check the formatting
	swift format lint --strict --parallel --recursive $(SWIFT_FOLDERS)

format: ## correct the formatting
	swift format --in-place --parallel --recursive $(SWIFT_FOLDERS)

bench: ## measure the hosts, and placement on clusters of many sizes (JSON=1 for machines)
	@scripts/setup bench
	@scripts/bench .build-release $(if $(JSON),--json)
	@swift build -c release --scratch-path .build-release --product placement
	.build-release/release/placement $(if $(JSON),--json)

edge: ## measure proxy and DNS beside their peers, route lookups, and replacing instances under load
	@scripts/setup edge
	@for product in EdgeHost RouteLookup cluster-server cluster cluster-shim WebService; do \
		swift build -c release --static-swift-stdlib --scratch-path .build-release --product $$product || exit 1; done
	Benchmarks/Edge/proxy.py .build-release/release/EdgeHost
	Benchmarks/Edge/dns.py .build-release/release
	.build-release/release/RouteLookup
	Benchmarks/Edge/rolling.py .build-release/release

simulate: ## run the simulated world under many seeds (SEEDS=100 FIRST=1), optimized
	@scripts/setup run
	$(SIMULATE) --scratch-path .build-simulate
	@scripts/simulate .build-simulate/release/cluster-simulate $(SEEDS) $(FIRST)

mutants: ## prove that the simulated world finds faults that are put in on purpose
	@scripts/setup run
	$(SIMULATE) -Xswiftc -DMUTANTS --scratch-path .build-mutants
	@scripts/mutants .build-mutants/release/cluster-simulate

docs: ## write the reference as a static site into docs/.site (DOCS_BASE=path where it will be served)
	@scripts/setup run
	swift package --scratch-path .build --allow-writing-to-directory docs/.site generate-documentation \
		$(addprefix --target ,$(DOCS_TARGETS)) --enable-experimental-combined-documentation \
		--transform-for-static-hosting $(if $(DOCS_BASE),--hosting-base-path $(DOCS_BASE)) --output-path docs/.site
