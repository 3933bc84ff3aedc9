# The one door for developers. `make` alone lists the targets.
# Needs GNU make, Git and Python 3.11 to 3.14; the rest goes into .venv, once.

PYTHON ?=
PYTEST_WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Beside the environment, releases of libraries for the test that commits with both.
OLDEST := $(VENV)/oldest
TYPED := kuzugit docs/demo tests/bench

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo test check lint format-check types architecture format sessions fidelity bench soak clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(READY) ## the main job on a real graph; leaves demo/ to go on in
	@$(BIN)/python docs/demo demo

test: $(READY) $(OLDEST)/.ready ## every test but the long ones
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS)

check: lint format-check types architecture ## ruff, mypy --strict, the floors

lint: $(READY)
	@$(BIN)/ruff check --quiet .

format-check: $(READY)
	@$(BIN)/ruff format --quiet --diff .

types: $(READY)
	@$(BIN)/python -m mypy --strict --no-error-summary $(TYPED)

architecture: $(READY)
	@$(BIN)/python -m pytest tests/test_architecture.py

format: $(READY) ## let ruff lay out the code and mend what it can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

sessions: $(READY) ## write what the sessions in README.md and docs/tutorial.md give into them
	@$(BIN)/python -m tests.docs.update

fidelity: $(READY) ## measure the tables of docs/fidelity.md again (ten minutes)
	@$(BIN)/python -m tests.docs.fidelity

bench: $(READY) ## measure against the rivals (minutes, 4 GB of disk); BENCH=--small is quick
	@$(BIN)/python -m tests.bench $(BENCH)

soak: $(READY) $(OLDEST)/.ready ## the long tests (hours); SOAK="--soak-minutes=1" makes them short
	@$(BIN)/python -m pytest -m soak -n $(PYTEST_WORKERS) $(SOAK)

clean: ## remove what the targets made, but for demo/
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The first candidate that runs and is new enough. Version managers leave shims on the path
# that exist and do not run, so each one is tried.
$(READY): pyproject.toml
	@fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  if [ -n "$${PYTHON:-}" ]; then set -- "$$PYTHON"; \
	  else set -- python3 python3.14 python3.13 python3.12 python3.11; fi; \
	  for python do \
	    if "$$python" -c "$$fits" >/dev/null 2>&1; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found:-}" ]; then \
	    echo 'make: no Python 3.11 to 3.14 found; name one: make PYTHON=/path/to/python3' >&2; exit 1; \
	  fi; \
	  if ! "$$found" -m venv --clear $(VENV); then \
	    echo 'make: that Python makes no environments; on Debian: apt install python3-venv' >&2; \
	    rm -rf $(VENV); exit 1; \
	  fi; \
	fi
	@echo "Installing kuzugit and its tools into $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

$(OLDEST)/.ready: $(READY) tests/compat/oldest.txt
	@rm -rf $(OLDEST)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
	  --target $(OLDEST) -r tests/compat/oldest.txt
	@touch $@
