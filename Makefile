# Everything a checkout needs. `make help` lists the commands; PYTHON=… names another interpreter.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DATA := .musnad
SAMPLES := $(DATA)/.samples
PYTHON ?=
# Set to an index that serves torch without CUDA to fetch torch from there (docs/deploy.md, "A smaller install").
TORCH_INDEX ?=

# The question travels in the environment, unexpanded, so that quotes, $ and apostrophes in it stay what they are.
Q ?= متى انضمت سوريا إلى التحالف الدولي؟
export ASKED := $(value Q)
unexport Q

.PHONY: help setup ask repl test quick fuzz lint format check bench
.DELETE_ON_ERROR:

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  %-12s %s\n' "$$name" "$$what"; done

setup: $(INSTALLED)  ## make .venv with musnad and all it needs, developers' tools included

ask: $(SAMPLES)  ## ask the sample archive: make ask Q="…"
	@$(BIN)/musnad --data $(DATA) ask -- "$$ASKED" || [ $$? -eq 1 ]  # 1: refused, which is an answer too

repl: $(SAMPLES)  ## ask the sample archive, question after question
	@$(BIN)/musnad --data $(DATA) repl

test: $(INSTALLED)  ## run the tests; T=tests/test_x.py for some of them
	@$(BIN)/python -m pytest $(T)

quick: $(INSTALLED)  ## run the tests that are not slow; T=tests/test_x.py for some of them
	@$(BIN)/python -m pytest -m "not slow" $(T)

fuzz: $(INSTALLED)  ## feed every parser broken files and noise for long: make fuzz N=20000
	@FUZZ_EXAMPLES=$(or $(N),5000) $(BIN)/python -m pytest tests/corpus/test_fuzz.py

lint: $(INSTALLED)  ## check format, style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(INSTALLED)  ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: lint test  ## lint and test: what a change must pass

bench: $(INSTALLED)  ## measure speed and memory; ARGS="--archive FILE.jsonl.xz" for a larger archive
	@$(BIN)/python -m tests.bench $(ARGS)

# The stamp is made last, and a mark stands while the work goes on: killed in the middle, the next run starts afresh.
$(INSTALLED): pyproject.toml constraints.txt
	@rm -f $@; \
	if [ -e $(VENV)/.unfinished ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	  for python in $(if $(PYTHON),'$(PYTHON)',python3 python3.13 python3.12 python3.11) ''; do \
	    [ -n "$$python" ] && "$$python" -c "$$fits" 2>/dev/null && break; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "musnad needs Python 3.11, 3.12 or 3.13 with its venv module (Debian: apt install python3-venv)." >&2; \
	    echo "Found: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1). Name another: make setup PYTHON=python3.12" >&2; \
	    exit 1; \
	  fi; \
	  echo "Setting up $(VENV) with $$("$$python" --version): once, for a few minutes." >&2; \
	  "$$python" -m venv --clear $(VENV) || exit 1; \
	fi; \
	touch $(VENV)/.unfinished; \
	quiet=$$([ -t 2 ] || echo -qq); \
	{ $(BIN)/python -m pip install $$quiet --disable-pip-version-check 'pip>=25.1' && \
	  $(if $(TORCH_INDEX),$(BIN)/python -m pip install $$quiet --index-url '$(TORCH_INDEX)' -c constraints.txt torch &&) \
	  $(BIN)/python -m pip install $$quiet -c constraints.txt -e . --group dev; \
	} >&2 || exit 1; \
	rm -f $(VENV)/.unfinished; \
	touch $@

# Ingesting is idempotent, so this runs again whenever the briefs or the code that reads and indexes them change. An
# index made by an older version of that code is refused; then it is made anew.
$(SAMPLES): $(INSTALLED) $(wildcard corpus/samples/*.txt corpus/samples/*.toml corpus/arabic/*.toml corpus/*.py corpus/*/*.py corpus/*/*/*.py vectorstore/*.py vectorstore/*/*.py)
	@mkdir -p $(DATA)
	@ingest() { $(BIN)/musnad --data $(DATA) ingest --samples >&2; }; \
	ingest || { $(BIN)/musnad --data $(DATA) reindex >&2 && ingest; }
	@touch $@
