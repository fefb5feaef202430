# The two commands of the README, and what they are made of. Written for GNU make 3.81 (macOS) and later.
#
#   make demo     the whole platform on this machine        PORT=8001 make demo · make demo TORCH_INDEX=…
#   make demo-agents   the same, with a stand-in for the model that answers at once (tests/vendor)
#   make test     every check and test                      PYTHON=python3.12 make test
#   make check    the checks only        make faults   long property and fault tests
#   make format   ruff's formatting      make bench    measurements (tests/load)

PYTHON ?= python3
TORCH_INDEX ?=
HOST ?= 127.0.0.1
VENDOR ?=
CODE := duetml study evaluation tests manage.py
BIN := .venv/bin
BENCHES := $(wildcard tests/load/bench_*.py)
# What ruff checks as well (S104, S310, S308, S411), line by line with its reasons.
BY_RUFF := B104,B310,B308,B703,B411
# Every worker has databases, storage and platforms of its own, and there are two cores.
SIDE_BY_SIDE := -n 2
SCRIPT_TESTS := $(wildcard tests/js/*.test.js tests/js/*.test.mjs tests/js/*/*.test.js tests/js/*/*.test.mjs)

.PHONY: demo demo-agents test check faults bench format clean installed installed-dev tests

demo: installed
	@exec $(BIN)/python manage.py demo --host $(HOST)

# VENDOR="--trouble": every third answer goes wrong; VENDOR=--help: what else.
demo-agents: installed
	@exec $(BIN)/python -m tests.vendor.demo --host $(HOST) $(VENDOR)

test: installed-dev
	@sh tests/system-packages
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory tests

check: installed-dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/lint-imports
	$(BIN)/mypy $(CODE)
	$(BIN)/bandit --quiet --recursive --severity-level medium --skip $(BY_RUFF) duetml study evaluation
	$(BIN)/python manage.py makemigrations --check --dry-run

tests:
	@if command -v node >/dev/null 2>&1 && [ -n "$(SCRIPT_TESTS)" ]; then \
	  echo "node --test tests/js"; node --test $(SCRIPT_TESTS); \
	else echo "Skipped: the tests of the browser's modules need node."; fi
	tests/with-services $(BIN)/pytest tests/integration $(SIDE_BY_SIDE) -m "not stack and not faults"
	$(BIN)/pytest tests/browser $(SIDE_BY_SIDE)
	$(BIN)/pytest --ignore=tests/browser $(SIDE_BY_SIDE) -m "not stack and not faults"
	$(BIN)/pytest --ignore=tests/browser $(SIDE_BY_SIDE) --dist loadfile -m "stack and not faults"

faults: installed-dev
	$(BIN)/pytest -m faults

bench: installed-dev
	@for bench in $(BENCHES); do $(BIN)/python -m `echo $$bench | tr / . | sed "s/\.py$$//"` || exit 1; done

format: installed-dev
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	find duetml study evaluation tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment. What was installed is remembered by the files' content, so that only a change installs.

installed:
	@$(call install,requirements.txt,requirements.txt)

installed-dev:
	@$(call install,requirements-dev.txt,requirements.txt requirements-dev.txt)

# $(1): the file to install; $(2): the files whose content decides. requirements-dev.txt includes requirements.txt.
define install
set -e; stamp=.venv/installed-$(1); \
wanted=`cat $(2) | cksum`; \
if [ ! -f $$stamp ] || [ "`cat $$stamp`" != "$$wanted" ] || ! $(BIN)/python -c '' 2>/dev/null; then \
  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
    echo "Python 3.11 or later is needed ('$(PYTHON)' is older or missing). Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }; \
  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "Python's venv is missing. On Debian or Ubuntu: apt install python3-venv"; exit 1; }; \
  $(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Making .venv ..."; $(PYTHON) -m venv --clear .venv; }; \
  if [ -n "$(TORCH_INDEX)" ]; then \
    echo "Installing torch from $(TORCH_INDEX) ..."; \
    $(BIN)/python -m pip install --quiet --disable-pip-version-check --index-url "$(TORCH_INDEX)" "`grep '^torch==' requirements.txt`"; \
  fi; \
  echo "Installing $(1) (a few minutes the first time) ..."; \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(1); \
  echo "$$wanted" > $$stamp; \
fi
endef
