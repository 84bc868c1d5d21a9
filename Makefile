# The project's own virtual environment; nothing is installed outside it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The tests of a file run in one process; a server that is given is shared, and its roles are one set.
TEST_PROCESSES ?= $(if $(ANSIM_TEST_DATABASE_URL),1,2)
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo serve test lint bench screenshots clean

demo: $(VENV)/.run
	$(BIN)/ansim demo

serve: demo
	$(BIN)/python -m pip install --quiet --editable '.[serve]'
	$(BIN)/ansim serve --store ansim-demo/demo.gpkg

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --durations=25

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m bench.coverage
	$(BIN)/python -m bench.gaps
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.maps
	$(BIN)/python -m bench.bigmaps
	$(BIN)/python -m bench.postgis
	$(BIN)/python -m bench.api
	$(BIN)/python -m bench.serving

screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.pages.screenshots

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) ansim-demo build dist *.egg-info
