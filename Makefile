# Two commands for everyone: make demo, make test. They bring their own tools; only Python >= 3.11 and make are needed.
PYTHON ?= python3
UV := .tools/uv
ENVIRONMENT := .venv/.synced
TEST_ENVIRONMENT := .venv/.synced-for-tests
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak clean

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(UV): tools/bootstrap.py uv.lock
	@$(PYTHON) tools/bootstrap.py $(UV)

$(ENVIRONMENT): $(UV) pyproject.toml uv.lock
	@$(UV) sync --quiet --locked --inexact --python $(PYTHON)
	@touch $@

$(TEST_ENVIRONMENT): $(ENVIRONMENT)
	@$(UV) sync --quiet --locked --inexact --group speech-tests --group web-tests --python $(PYTHON)
	@touch $@

demo: $(ENVIRONMENT) ## watch customers answer in a chat, on the phone and on the web, and read the digest
	@$(RUN) -m omdome demo

check: $(ENVIRONMENT) ## ruff, mypy --strict and the import order
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

test: $(TEST_ENVIRONMENT) check ## everything that must hold: check, then pytest
	@.venv/bin/pytest -n auto

soak: $(TEST_ENVIRONMENT) ## 500 kills instead of 20; 200 calls in sequence and 20 at once to telephones that misbehave
	@OMDOME_TEST_KILLS=500 .venv/bin/pytest tests/end_to_end/test_kills.py
	@OMDOME_TEST_CALLS=200 .venv/bin/pytest tests/end_to_end/test_contact_centre.py

bench: $(ENVIRONMENT) ## speed and memory, as ratios within one run
	@$(RUN) -m bench

clean: ## remove what was set up (never your data)
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache out
