# opentekst: `make demo` shows the whole way through, `make test` checks everything.
# Needs only Python 3.11 or newer. All that is installed goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
READY := $(VENV)/.ready

.PHONY: help setup demo test lint clean

help:
	@echo "make demo   installeert alles in .venv en draait de voorbeeldstudie"
	@echo "make test   installeert alles in .venv en draait alle tests"
	@echo "make setup  installeert alleen"
	@echo "make clean  verwijdert .venv en al wat opnieuw gemaakt kan worden"

setup: $(READY)

# uv leaves out sentence-transformers, and with it torch (see pyproject.toml).
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "opentekst vraagt Python 3.11 of nieuwer; dit is: `$(PYTHON) --version`."; \
		  echo "Installeer een nieuwere, en noem haar zo nodig: make demo PYTHON=python3.12"; exit 1; }
	@echo "Installeren in $(VENV) (de eerste keer enkele minuten, ongeveer 1,7 GB) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --constraints constraints.txt \
		--editable ".[topics,server,dev]"
	@touch $(READY)
	@echo "Geïnstalleerd."

demo: $(READY)
	@$(BIN)/opentekst run
	@echo
	@echo "Drie antwoorden met hun codes; het bewijs van de machine is onderstreept:"
	@echo
	@$(BIN)/opentekst show --count 3 --question noden
	@echo
	@echo "Zo gaat het verder:"
	@echo "  open results/tables/tabellen.html in een browser, of tabellen.xlsx in Excel"
	@echo "  $(BIN)/opentekst tables           de tabellen in de terminal"
	@echo "  $(BIN)/opentekst show --code vrijwilligers --count 10"
	@echo "  verander een sleutelwoord in codebooks/noden.yaml en draai $(BIN)/opentekst run"
	@echo "  $(BIN)/opentekst themes           de thema's die samen de meeste gemeenten bereiken"
	@echo "  $(BIN)/opentekst report           alles op één pagina om te lezen"
	@echo "  $(BIN)/opentekst waves            de tweede golf van het voorbeeld, naast de eerste (minuten)"
	@echo "  docs/handleiding.md              uw eigen bevraging"

test: $(READY) lint
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:
	rm -rf $(VENV) results run.lock.json data/golf_*/results data/golf_*/run.lock.json .pytest_cache .mypy_cache .ruff_cache
	@# Not Label Studio's database and the copies of it: they may hold codings that nobody pulled
	@# yet. Nor who "[naam 1]" is: Label Studio shows those numbers.
	@for work in data/work data/golf_*/data/work; do test ! -d "$$work" || \
		find "$$work" -mindepth 1 -maxdepth 1 ! -name 'labelstudio*' \
		! -name pseudonyms.json -exec rm -rf {} + ; done
