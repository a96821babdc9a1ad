# Everything a newcomer, a contributor and a server's owner types. `make` alone lists it.
#
# PORT, DATA, SOURCES and every DATELINE_* setting may stand on make's command line or in the environment.

PYTHON ?=
COMPOSE ?= docker compose -f deploy/compose.yaml

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types arch bench fuzz storm orders deploy-check up down

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# An environment is as new as the lock files that it was made from.
locks := deploy/requirements.lock pyproject.toml deploy/setup.sh
.venv/.runtime: $(locks)
	@PYTHON="$(PYTHON)" sh deploy/setup.sh deploy/requirements.lock
	@touch $@
.venv/.test: $(locks) deploy/requirements-test.lock
	@PYTHON="$(PYTHON)" sh deploy/setup.sh deploy/requirements-test.lock
	@touch .venv/.runtime $@

setup: .venv/.test ## make .venv with everything, tests' needs too (uv, else pip)

run: .venv/.runtime ## the whole stack on this machine; open the address it prints  [PORT=8000 DATA=data SOURCES=file ARGS=…]
	@[ -z "$${PORT:-}" ] || export DATELINE_PORT="$$PORT"; [ -z "$${DATA:-}" ] || export DATELINE_DATA="$$DATA"; \
	exec .venv/bin/dateline run $${SOURCES:+--sources "$$SOURCES"} $(ARGS)

# Tests that wait for processes leave a core idle most of the time: those that compute run beside them, and tell at the end.
test: .venv/.test ## lint, types, arch, then all tests, deploy/'s among them  [ARGS="-k feeds"]
	@failed=; for check in lint types arch; do $(MAKE) --no-print-directory $$check || failed="$$failed $$check"; done; \
	if [ -n '$(ARGS)' ]; then .venv/bin/pytest $(ARGS) || failed="$$failed pytest"; else \
		mkdir -p build; .venv/bin/pytest tests/unit tests/contract >build/unit.log 2>&1 & unit=$$!; \
		trap 'kill $$unit; exit 130' INT TERM; \
		.venv/bin/pytest tests/integration tests/e2e || failed="$$failed pytest"; \
		wait $$unit || failed="$$failed unit"; cat build/unit.log; \
	fi; \
	[ -z "$$failed" ] || { echo "make test: failed:$$failed" >&2; exit 1; }

lint: .venv/.test ## style and likely mistakes (ruff)
	@.venv/bin/ruff check .

types: .venv/.test ## types (mypy)
	@.venv/bin/mypy

arch: .venv/.test ## who may import whom (import-linter)
	@.venv/bin/lint-imports --no-logo

bench: .venv/.test ## cost of each stage, quality of clean, tag and link beside others', JSON and plots  [BENCH=folder of labelled cases]
	@.venv/bin/python tests/benchmarks/report.py $${BENCH:+"$$BENCH"}

fuzz: .venv/.test ## clean on documents mutated at random; what fails is kept in build/fuzz  [ARGS="--seconds 600 --seed 7"]
	@.venv/bin/python tests/fuzz/clean.py $(ARGS)

storm: .venv/.test ## the fault test: kill everything at random, then count  [DATABASE=postgresql]
	@.venv/bin/python tests/storm/storm.py $${DATABASE:+"$$DATABASE"}

orders: .venv/.test ## 500 articles in 20 orders, by 1, 2 and 4 linkers with kills: the same events?  [DATABASE=postgresql ARGS=--made-up]
	@.venv/bin/python tests/storm/orders.py $${DATABASE:+"$$DATABASE"} $(ARGS)

deploy-check: .venv/.test ## check deploy/ as far as a machine without a Docker engine can
	@.venv/bin/pytest -q -rs tests/contract/test_deploy.py tests/contract/test_locks.py

deploy/.env:
	@sh deploy/new-env.sh deploy/.env.example $@

up: deploy/.env ## build the image and start the stack in containers  [ARGS="--scale fetch=4"]
	$(COMPOSE) up --detach --build --wait $(ARGS)

down: ## stop the containers; the data stays in its volumes
	$(COMPOSE) down $(ARGS)
