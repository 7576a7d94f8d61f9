# Everything a person needs: make demo, make test, make bench. `make help` lists the rest.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
CASE := examples/case-linxi

.PHONY: docs help demo test bench format lint types imports unit lock golden clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PY=...)."; exit 1; }
	@test -x $(BIN)/python || $(PY) -m venv $(VENV) || { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/jiedun.pth"
	@printf '#!%s\nimport sys\nfrom jiedun.cli.main import main\nsys.exit(main())\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/jiedun && chmod +x $(BIN)/jiedun
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime ## install, check the example case, say where the report is
	$(BIN)/jiedun check $(CASE) --as-of 2026-11-20 --out build/demo
	@echo "报告 / report: $(CURDIR)/build/demo/report.html"

test: $(VENV)/.dev format lint types imports unit ## everything CI checks

format: $(VENV)/.dev
	$(BIN)/ruff format --check -q src tests bench

lint: $(VENV)/.dev
	$(BIN)/ruff check -q src tests bench

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	PYTHONPATH=src $(BIN)/lint-imports

unit: $(VENV)/.dev
	PYTHONPATH=src $(BIN)/python -m pytest -n 2

bench: $(VENV)/.dev ## heavy measurements; the figures go to docs/figures.md
	PYTHONPATH=src:. $(BIN)/python -m bench

docs: $(VENV)/.dev ## rewrite the pages that are made from commands and rules
	PYTHONPATH=src $(BIN)/python scripts/build_docs.py

golden: $(VENV)/.dev ## rewrite the golden files after a wanted change; read the diff
	PYTHONPATH=src JIEDUN_GOLDEN=rewrite $(BIN)/python -m pytest -q tests -k golden

lock: ## pin the dependencies again (needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build
