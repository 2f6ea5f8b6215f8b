# Two commands for a fresh machine: `make demo` and `make test`. `make` alone lists the rest.

SHELL := bash
PY := .venv/bin/python
NATIVE := $(filter-out %.so %.py,$(wildcard stream_app/native/*.*))
RULES := $(wildcard deploy/prometheus/rules/*.yml)
RULE_TESTS := $(wildcard deploy/prometheus/tests/*.yml)
LOCK := compile --quiet --generate-hashes --no-annotate --no-header --universal --python-version 3.11

# A file of tests to each process in turn, the longest first (tests/conftest.py). Three for two cores, because
# who tests a broker mostly waits.
SPREAD := --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Fast tests share no service: whoever is done takes some of the other's, so that both end together.
EVENLY := --numprocesses 2 --dist worksteal

PROMISED := STREAM_APP_RULES__SERVICE_LEVELS_FILE=deploy/service-levels.toml

.DEFAULT_GOAL := help
.PHONY: help setup services demo clean-demo test check rules generate soak backtest bench lock clean

help: ## List what can be made
	@awk -F ': .*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.done services ## Make .venv, and fetch Kafka, Prometheus and Alertmanager where missing

.venv/.done: requirements-dev.lock pyproject.toml setup.py deploy/setup.sh $(NATIVE)
	@deploy/setup.sh
	@touch $@

services: .venv/.done
	@$(PY) -m stream_app.local

demo: setup ## Run the whole system on simulated traffic; DURATION=60 ends it by itself after 60 s
	@.venv/bin/stream-app demo $(if $(DURATION),--duration $(DURATION))

clean-demo: ## Remove what the demo keeps between runs
	rm -rf .state/demo

test: .venv/.done ## Run every test, those on a real broker included; what is missing is said first
	@$(PY) -m stream_app.local || true
	@$(PY) -m pytest tests $(SPREAD) --durations 12

check: .venv/.done ## Lint, format, types, import contracts, fast tests, alert rules: under a minute
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m pytest tests -q -m "not broker and not slow" $(EVENLY)

rules: .venv/.done ## Check the alert rules and run their tests, as `make check` does among its own
ifneq ($(RULES)$(RULE_TESTS),)
	@promtool=$$($(PY) -m stream_app.local promtool) && \
	$(if $(RULES),"$$promtool" check rules $(RULES),true) && \
	$(if $(RULE_TESTS),"$$promtool" test rules $(RULE_TESTS),true)
endif

generate: .venv/.done ## Write anew what is made from the catalogue: rules, boards, the page of every number, schemas
	@.venv/bin/stream-app rules generate
	@.venv/bin/stream-app boards generate
	@.venv/bin/stream-app metrics --markdown > docs/metrics.md
	@.venv/bin/stream-app topics schemas

soak: setup ## Run what takes long: more kills, longer runs, whole files
	@SOAK=1 $(PY) -m pytest tests -m soak --timeout 7200

backtest: .venv/.done ## Run the alerts over a quiet month and one with an incident of every kind; some minutes each
	@mkdir -p build
	@$(PROMISED) .venv/bin/stream-app backtest --incidents none --markdown build/quiet-month.md
	@$(PROMISED) .venv/bin/stream-app backtest --incidents all --markdown build/month-of-incidents.md

bench: setup ## Measure on the real broker; writes build/bench.json
	@mkdir -p build
	@$(PY) -m tests.bench

lock: .venv/.done ## Write the lock files anew from pyproject.toml, keeping versions that still fit
	@command -v .venv/bin/uv >/dev/null || $(PY) -m pip install --quiet uv
	.venv/bin/uv pip $(LOCK) pyproject.toml --output-file requirements.lock
	.venv/bin/uv pip $(LOCK) pyproject.toml --extra dev --output-file requirements-dev.lock
	.venv/bin/uv pip $(LOCK) --group build --output-file requirements-build.lock

clean: clean-demo ## Remove .venv and everything built or fetched
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
