# `make run` serves the whole site; `make test` runs every test. Both set themselves up.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
TORCH_VERSION := 2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

.PHONY: run test lint format setup setup-dev messages clean

run: $(VENV)/.run
	@exec $(BIN)/python manage.py run

test: $(VENV)/.dev
	$(BIN)/python -m tools.test

lint: $(VENV)/.dev
	$(BIN)/python -m tools.lint

format: $(VENV)/.dev
	$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

setup: $(VENV)/.run
setup-dev: $(VENV)/.dev

messages: $(VENV)/.dev
	$(BIN)/python -m tools.messages

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (command $(PYTHON) not found). Set PYTHON=/path/to/python3.11."; exit 1; }
	@echo "Creating the virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# The marks say which set is installed; a changed pyproject.toml or constraints.txt installs again.
$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@bash tools/install.sh "ml,embedded" "$(TORCH_VERSION)" "$(TORCH_INDEX)"
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@bash tools/install.sh "ml,embedded,dev" "$(TORCH_VERSION)" "$(TORCH_INDEX)"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache test-results
