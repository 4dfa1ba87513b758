# make chat   build what is missing and serve the page on http://127.0.0.1:7860
# make test   run every test
# make eval   ask the question set, measure, and say whether it got better or worse than the kept baseline
# make baseline   keep this run as what later ones are compared with
# make peers  measure LlamaIndex, LangChain, Haystack and txtai beside qa, in an environment of their own
# All need python3 (3.11 or later) and a package registry, the first time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers

.PHONY: chat test eval baseline peers clean

chat: $(VENV)/installed
	$(BIN)/qa chat

# Two tests at a time, each on one core; torch on two would spin beside the other. A file's tests stay together.
test: $(VENV)/installed-test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

eval: $(VENV)/installed
	$(BIN)/qa eval

baseline: $(VENV)/installed
	$(BIN)/qa eval --against none --out evals/baseline.jsonl

peers: $(VENV)/installed $(PEERS)/installed
	$(BIN)/python evals/peers/run.py $(ARGS)

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test,milvus]"
	touch $@

$(PEERS)/installed: evals/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) build *.egg-info
