# propflow: `make` lists the targets
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= $(or $(PROPFLOW_PORT),8080)

.DEFAULT_GOAL := help
.PHONY: help env test-env run test test-long check bench docs frontend frontend-check pictures clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/' | expand -t 18

$(VENV)/.run: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing into $(VENV); this takes a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml tests/system-packages.sh
	@sh tests/system-packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $(VENV)/.run $@

env: $(VENV)/.run ## make the environment that `run` needs

test-env: $(VENV)/.test ## install what the tests need (Debian, as root or with sudo)

run: $(VENV)/.run ## start propflow with the demo company at http://127.0.0.1:8080
	@$(BIN)/propflow demo serve --port $(PORT)

test: $(VENV)/.test check frontend-check ## run every test against the real parts
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: $(VENV)/.test ## run the full counts of kills, seeds, fuzz and load
	@$(BIN)/python -m pytest -q -m "long" --hypothesis-profile search

check: $(VENV)/.test ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config pyproject.toml

bench: $(VENV)/.test ## measure, each figure beside its yardstick; writes bench/results.json
	@$(BIN)/python -m bench

docs: $(VENV)/.test ## write the tables of docs/reference that are made from the code
	@$(BIN)/python -m tests.docs.tables

frontend: ## rebuild the browser bundles into webui/static
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

frontend-check: $(VENV)/.test ## rebuild the browser bundles and compare them with the committed ones
	@sh frontend/check.sh

pictures: $(VENV)/.test ## take the pictures of the README anew, out of a demo company made for it
	@$(BIN)/python -m tests.e2e.pictures

clean: ## remove the environment and all caches, but no data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis frontend/node_modules
