# make chat   build what is missing and serve the page on http://127.0.0.1:7860
# make test   run every test
# Both need python3 (3.11 or later) and a package registry, the first time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: chat test eval clean

chat: $(VENV)/installed
	$(BIN)/qa chat

test: $(VENV)/installed-test
	$(BIN)/python -m pytest

eval: $(VENV)/installed
	$(BIN)/qa eval

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
