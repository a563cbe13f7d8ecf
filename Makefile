# make conformance   every scenario on a kind cluster; the report's path is printed last
# make test          the suite's own tests, and both chapters on a kind cluster of its own
# make nightly       make test, and what takes too long for it: the cluster's life, charts, every chapter on kind, whose
#                    report passes where nothing is missed but what known-findings.yaml knows of (docs/nightly.md)
# make bench         what viewers cost, beside what else there is, and how it grows (20 min): tables in benchmarks/results
# make site          the documents as a site, in build/site
# make environment   just the Python environment (.venv)
# Options: CHAPTERS="quick_start edge_cluster"   ARGS="--srs-image ossrs/srs:6 -n 2" (passed on to pytest)
#          REPORT=FOLDER instead of reports/latest, and of the gate KNOWN=FILE and BEFORE=FOLDER of the last night's reports

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: conformance test nightly gate bench site environment check node-image clean

# Hundreds of processes start in a run; each would compile the whole suite again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
CHAPTERS ?=
ARGS ?=
REPORT ?=
KNOWN ?= known-findings.yaml
BEFORE ?=
VENV := .venv
RUN := $(VENV)/bin/python

environment: $(VENV)/.complete

$(VENV)/.complete: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1), the suite needs Python 3.11 or newer; name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "== Python environment ($(VENV), about 30 s)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { echo "error: $(PYTHON) cannot make an environment; install its venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

RUN_CHAPTERS = $(RUN) -m pytest -n 5 $(if $(REPORT),--report $(REPORT)) $(if $(CHAPTERS),$(addprefix suites/,$(CHAPTERS)),suites) $(ARGS)

conformance: environment
	@$(RUN_CHAPTERS)

check: environment
	@env -u MAKEFLAGS -u MFLAGS $(VENV)/bin/tox run # whose own make knows nothing of jobs beside it

# Only the cluster wants the node image; it is built with what processor time the other tests leave.
test: environment
	@$(MAKE) --no-print-directory --jobs=2 check node-image
	@$(VENV)/bin/tox run -e cluster

node-image: environment
	@$(RUN) -m srs_conformance cluster image --idle

nightly: test
	@$(VENV)/bin/tox run -e long_faults,lifecycle
	@$(RUN_CHAPTERS) || case $$? in 1|10|11) ;; *) exit 1;; esac # with others the report is none, or that of another run
	@$(MAKE) --no-print-directory gate

gate: environment
	@$(RUN) -m srs_conformance report gate $(or $(REPORT),reports/latest) --known $(KNOWN) $(addprefix --before ,$(BEFORE))

bench: environment
	@$(RUN) -m benchmarks.viewers
	@$(RUN) -m benchmarks.growth
	@$(RUN) -m benchmarks.parsers

# with --quiet mkdocs would not count the warnings at which its strict mode stops
site: $(VENV)/.site
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build
	@echo "build/site/index.html (searched only where it is served: $(PYTHON) -m http.server --bind 127.0.0.1 --directory build/site)"

$(VENV)/.site: docs/requirements.txt $(VENV)/.complete
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement docs/requirements.txt
	@touch $@

clean:
	@rm -rf build/site $(VENV) .tox .mypy_cache .ruff_cache .hypothesis
