# Fovea's commands; `make help` lists them. The work itself is CMake's (see CMakePresets.json).

BUILD  ?= build
PREFIX ?= /usr/local
# Debian's own Python: another one that stands first on PATH would not see Debian's PyTorch.
PYTHON ?= /usr/bin/python3
VENV   := .venv
JOBS   ?= $(shell nproc)
# How many pages `make run` reads back at each level; 0: all.
PAGES  ?= 9

# The compiler's warnings are errors here, where it is Debian's: no object is then compiled twice. Who
# builds with another one, by CMake alone or pip, only reads them.
STRICT := -DCMAKE_COMPILE_WARNING_AS_ERROR:BOOL=ON

# How long `make fuzz` runs each target.
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help deps packages configured build python run test lint fuzz bench install clean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

packages: # what the build needs from Debian; done in no time when all is there
	@tools/install_packages.sh tools/packages.txt

deps: packages $(VENV)/.complete ## install what is missing: Debian packages, then PyPI's into .venv

$(VENV)/.complete: tools/requirements.txt tools/requirements-agents.txt tools/packages-test.txt
	@tools/install_packages.sh tools/packages-test.txt
	$(PYTHON) -m venv --clear --system-site-packages $(VENV)
	$(VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps \
	  -r tools/requirements.txt -r tools/requirements-agents.txt
	@touch $@

configured: packages # the build folder, with every target and nothing built
	@test -e $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja $(STRICT)

build: configured ## build the library, memctl and fovea_golden into build/
	cmake --build $(BUILD) -j $(JOBS) --target fovea_programs

python: deps ## build the Python package too, into build/python
	@grep -qs 'FOVEA_BUILD_PYTHON:BOOL=ON' $(BUILD)/CMakeCache.txt && \
	  grep -qs 'WARNING_AS_ERROR:BOOL=ON' $(BUILD)/CMakeCache.txt || \
	  cmake -S . -B $(BUILD) -G Ninja $(STRICT) -DFOVEA_BUILD_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python
	cmake --build $(BUILD) -j $(JOBS)

run: configured ## compact the sample history, read it back and show what came out
	cmake --build $(BUILD) -j $(JOBS) --target memctl
	@$(PYTHON) tools/show_sample.py --memctl $(BUILD)/memctl --pages $(PAGES)

test: python ## every test, C++ and Python; ends in "N passed, N failed"
	@$(PYTHON) tools/run_tests.py --build $(BUILD) --python $(VENV)/bin/python

$(VENV)/.lint: $(VENV)/.complete tools/requirements-lint.txt tools/packages-lint.txt
	@tools/install_packages.sh tools/packages-lint.txt
	$(VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps -r tools/requirements-lint.txt
	@touch $@

lint: deps $(VENV)/.lint ## layout, Python, types, order of folders; no compiler warning
	@tools/lint.sh $(VENV)/bin/python
	@$(MAKE) --no-print-directory python
	@FOVEA_BUILD_DIR=$(BUILD) $(VENV)/bin/python -m pytest -q tests/python/test_package.py -k mypy

fuzz: packages ## feed every parser made-up bytes; SECONDS=60 for each
	@tools/install_packages.sh tools/packages-fuzz.txt
	@test -e $(BUILD)-fuzz/build.ninja || cmake --preset fuzz -B $(BUILD)-fuzz
	cmake --build $(BUILD)-fuzz -j $(JOBS) --target fuzzers
	@$(PYTHON) tools/run_fuzzers.py --build $(BUILD)-fuzz --seconds $(SECONDS)

bench: configured ## time every stage on this machine
	cmake --build $(BUILD) -j $(JOBS) --target memctl
	@$(BUILD)/memctl bench

install: build ## install library, headers, memctl and checkpoint under PREFIX
	cmake --install $(BUILD) --prefix $(PREFIX)

clean: ## remove what was built (not .venv)
	rm -rf $(BUILD) $(BUILD)-fuzz
