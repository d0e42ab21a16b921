# `make` alone lists the targets. A fresh machine needs Python 3.11+ and a way to the package registries, no more.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RESOLVE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header
COMPILE := $(RESOLVE) pyproject.toml --extra local --extra desk --no-strip-extras

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test unit coverage faults lint format types schemas dashboards manifests licences sbom docs check walks capacity deploy-tools bench bench-latency bench-peers bench-size fuzz lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv with everything in it, stream-app included; done once

# Every package comes by the hash in the lock, and stream-app itself is built with what the lock brought.
$(READY): requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps -e .
	@touch $(READY)

demo: setup ## run everything on this machine with simulated subscribers; Ctrl-C ends it
	$(BIN)/stream-app demo $(DEMO)

test: setup ## run all tests, the quick ones first; those that share no broker side by side; TEST="tests/core" for some
ifdef TEST
	$(BIN)/python -m pytest $(TEST)
else
	@failed=0; for those in "not slow and not kafka|-n auto" "slow and not kafka|-n auto --dist worksteal" \
		"kafka and not alone|-n 2 --dist loadfile" "alone|"; do \
		echo "$(BIN)/python -m pytest -m '$${those%|*}' $${those#*|}"; \
		$(BIN)/python -m pytest -m "$${those%|*}" $${those#*|} || failed=1; \
	done; exit $$failed
endif

unit: setup ## run the tests that need no broker
	$(BIN)/python -m pytest -m "not slow and not kafka" -n auto $(TEST)

coverage: setup ## run the tests that need no broker and show what they leave out
	$(BIN)/python -m pytest -m "not slow and not kafka" --cov --cov-report=term-missing $(TEST)

faults: setup ## do every fault many times on real workers (20 minutes); writes docs/faults.md
	STREAM_APP_FAULTS=long $(BIN)/python -m pytest tests/faults -s $(TEST)

lint: setup ## look for faults of style and form
	$(BIN)/ruff format --check
	$(BIN)/ruff check

format: setup ## set the code in form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

types: setup ## check the types
	$(BIN)/mypy

schemas: setup ## write schemas/ anew from the models
	$(BIN)/stream-app schemas write

dashboards: setup ## write deploy/grafana/dashboards anew from deploy/grafana/source; DASHBOARDS="--docs URL" for other links
	$(BIN)/python -m deploy.grafana.source.write $(DASHBOARDS)

walks: setup ## do every entry of the runbook on a real stack, into docs/walks/; WALK="skip-a-record" for one
	$(BIN)/python -m tests.walks $(WALK)

manifests: setup ## write topics, users, rules and dashboards of deploy/kubernetes anew from the code
	$(BIN)/python -m deploy.kubernetes.source.write

licences: setup ## write docs/licences.md anew from the lock
	$(BIN)/python -m deploy.licences.page

sbom: setup ## write the list of all parts, with digests, into build/sbom.cdx.json
	$(BIN)/python -m deploy.licences.sbom build/sbom.cdx.json

docs: setup ## write docs/metrics.md and docs/desk-metrics.md anew from the catalogues of metrics
	$(BIN)/python -X utf8 -c 'from stream_app.worker.catalogue import catalogue_page; print(catalogue_page(), end="")' \
		> docs/metrics.md
	$(BIN)/python -X utf8 -c 'from stream_app.console.catalogue import catalogue_page; print(catalogue_page(), end="")' \
		> docs/desk-metrics.md

check: lint types unit ## what must pass before a commit

capacity: setup ## play a region's load on this machine, into docs/capacity.md (6 minutes; needs Prometheus and Chromium)
	$(BIN)/python -m tests.capacity load --pictures docs/pictures --write load $(CAPACITY)

deploy-tools: setup ## fetch what checks containers and Kubernetes objects without an engine (needs Go and Maven)
	PYTHON=$(BIN)/python sh tests/deploy/containers/fetch_tools.sh $(VENV)/deploy

bench: bench-peers ## measure lane, worker and peers side by side, 25 minutes, into docs/benchmarks.md; BENCH="--rounds 1" for less
	$(BIN)/python -m tests.bench all $(BENCH)

bench-latency: setup ## measure from an event appended to its fact visible, into docs/benchmarks.md
	$(BIN)/python -m tests.bench latency $(BENCH)

bench-peers: setup ## make the peers ready: Quix Streams in an environment of its own, Kafka Streams where there is Maven
	@test -x $(VENV)/peers/bin/python || $(BIN)/python -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes \
		-r tests/bench/requirements-peers.lock
	@if command -v mvn >/dev/null && command -v javac >/dev/null; then \
		cd tests/bench/kafka_streams && mvn -q -B package dependency:copy-dependencies; \
		else echo "no JDK or no Maven here: Kafka Streams is left out"; fi

bench-size: setup ## measure size, starts and month close with a million subscribers; SIZE="--subscribers 10000000" for more
	$(BIN)/python -m tests.bench.size --subscribers 1000000 --page docs/size.md $(SIZE)

fuzz: setup ## work ten million mutated records through wire, rules and a partition; FUZZ="--seed 2 --jobs 4" for more
	$(BIN)/python -m tests.fuzz $(FUZZ)

lock: setup ## resolve the dependencies anew into the lock files
	$(COMPILE) --upgrade --output-file requirements.lock
	$(COMPILE) --upgrade --extra risk --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(RESOLVE) --upgrade tests/bench/requirements-peers.in --output-file tests/bench/requirements-peers.lock
	$(RESOLVE) --upgrade tests/deploy/containers/requirements.in --output-file tests/deploy/containers/requirements.lock
	printf 'hatchling\n' | $(RESOLVE) - --constraint requirements-dev.lock --output-file deploy/requirements-build.lock

clean: ## remove what tests and tools left behind (not .venv)
	rm -rf .coverage* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
