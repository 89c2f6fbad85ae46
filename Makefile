# Everything that is done with this project, by name. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SEEDS ?= 2000
FIRST ?= 1
SECONDS_EACH ?= 60
TEST_LIMIT ?= 900
SWIFT ?= swift
VENV := .build-venv

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## Install the Debian packages that building and the tests need, or say which
	@scripts/deps

build-deps:
	@scripts/deps build

demo: build-deps ## The real broker on a simulated inverter and dongle, Modbus TCP on 127.0.0.1:5020
	$(SWIFT) build -c release --product growatt-broker
	@exec "$$($(SWIFT) build -c release --show-bin-path)/growatt-broker" demo

build: build-deps ## A release build of everything
	$(SWIFT) build -c release

release: build-deps ## dist/growatt-broker: stripped, needs nothing but glibc; with its checksum
	@SWIFT=$(SWIFT) scripts/release

deb: release ## dist/growatt-broker_VERSION_ARCHITECTURE.deb of that: the Debian package
	@scripts/make-deb

test-deb: deb ## Install it in clean Debian roots, and run it under their systemd; takes root, mmdebstrap and five minutes
	@PYTHONPATH=Tests/Packaging python3 -m unittest discover -v -s Tests/Packaging/roots

sbom: ## dist/growatt-broker.cdx.json: what is linked into the release, as CycloneDX
	@scripts/sbom

image: ## The image growatt-rtu-broker: IMAGE=name TARGET=prebuilt (the dist/growatt-broker that is there)
	@scripts/image

test-image: $(VENV)/ready ## Build the image on a Debian made here, and run it as the Compose file says; takes root and Podman
	@PYTHON=$(VENV)/bin/python scripts/test-image

test: deps lint ## All that CI runs: format, unit tests (TEST_LIMIT=900 seconds, then it tells who waits), simulation, clients, packaging
	$(SWIFT) build --build-tests
	@SWIFT=$(SWIFT) LIMIT=$(TEST_LIMIT) scripts/swift-test --skip-build
	$(MAKE) --no-print-directory simulate
	$(MAKE) --no-print-directory test-clients
	$(MAKE) --no-print-directory test-packaging lint-packaging

simulate: build-deps ## The core in simulated worlds: SEEDS=2000 FIRST=1 SECONDS_EACH=60
	$(SWIFT) build -c release --product simulate
	"$$($(SWIFT) build -c release --show-bin-path)/simulate" --seeds $(SEEDS) --first $(FIRST) --seconds $(SECONDS_EACH)

test-clients: $(VENV)/ready ## mbpoll and pymodbus against the built program
	$(SWIFT) build -c release --product growatt-broker
	BROKER="$$($(SWIFT) build -c release --show-bin-path)/growatt-broker" $(VENV)/bin/python -m unittest discover -v -s Tests/Clients

test-packaging: deps $(VENV)/ready ## Add-on, Compose files, Debian package, release and documents, with the built program
	$(SWIFT) build -c release --product growatt-broker
	BROKER="$$($(SWIFT) build -c release --show-bin-path)/growatt-broker" $(VENV)/bin/python -m unittest discover -v -s Tests/Packaging

$(VENV)/ready: Tests/Clients/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: build-deps ## Microbenchmarks of the core; figures in docs/performance.md
	$(SWIFT) build -c release --product benchmark
	"$$($(SWIFT) build -c release --show-bin-path)/benchmark"

format: ## Format the sources
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

lint: ## Check the format, the house rules, and that scripts/break-rules still fits the sources
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	@scripts/tidy
	@scripts/break-rules --check

lint-packaging: deps $(VENV)/lint-packaging ## Check Dockerfile, Compose files, workflows and scripts
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/lint-packaging

$(VENV)/lint-packaging: packaging/lint-requirements.txt $(VENV)/ready
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: help deps build-deps demo build release deb test-deb sbom image test-image test-packaging lint-packaging test simulate test-clients bench format lint
