# `make run` serves the whole site; `make test` runs every test. Both set themselves up.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
TORCH_VERSION := 2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
INSTALL = @bash tools/install.sh $(1) "$(TORCH_VERSION)" "$(TORCH_INDEX)" && touch $@

.PHONY: run test lint format messages setup setup-dev setup-mysql clean

run: $(VENV)/.run
	@exec $(BIN)/python manage.py run

test: $(VENV)/.dev
	@$(BIN)/python -m tools.test

lint: $(VENV)/.dev
	@$(BIN)/python -m tools.lint

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

messages: $(VENV)/.dev
	@$(BIN)/python -m tools.messages

setup: $(VENV)/.run
setup-dev: $(VENV)/.dev
setup-mysql: $(VENV)/.mysql

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, but there is no command $(PYTHON). Set PYTHON=/path/to/python3.11."; exit 1; }
	@echo "Creating the virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment could be made: install the package python3.11-venv, or set PYTHON."; exit 1; }

# The marks say which set is installed; a changed pyproject.toml or constraints.txt installs again.
$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call INSTALL,ml$(comma)embedded)

$(VENV)/.dev: $(VENV)/.run
	$(call INSTALL,ml$(comma)embedded$(comma)dev)

$(VENV)/.mysql: $(VENV)/.dev
	$(call INSTALL,ml$(comma)embedded$(comma)dev$(comma)mysql)

comma := ,

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache test-results
