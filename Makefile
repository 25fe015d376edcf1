# Everything happens in .venv, which is made when it is missing and brought up to date when
# pyproject.toml or constraints.txt change.
#
#   PYTHON=python3.12            the interpreter to make .venv with (3.11 to 3.13)
#   TORCH_INDEX=URL              where to get torch instead of pip's own index
#   ARGS="-k camera"             more arguments for pytest

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HELPERS := process_memory random_training shared_data training_parts
BENCHMARKS := $(filter-out $(HELPERS:%=benchmarks/%.py),$(wildcard benchmarks/*.py))

.PHONY: help setup run test lint format bench screenshots nightly clean

help:
	@echo "make run          set up and open the window on the demo clip (no screen: write it to out/)"
	@echo "make test         set up and run the tests"
	@echo "make nightly      run all tests, the slow ones too, with new random examples"
	@echo "make lint         check format, style, types and layers"
	@echo "make format       format the code"
	@echo "make bench        run every benchmark"
	@echo "make screenshots  draw the pictures in docs/ again"
	@echo "make setup        set up only"
	@echo "make clean        remove what was built, not .venv"

setup: $(READY)

$(READY): pyproject.toml constraints.txt tools/set_up.sh app/pandanet_app/system_libraries.py
	bash tools/set_up.sh $(VENV)
	@touch $@

run: $(READY)
	$(BIN)/pandanet demo

test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

nightly: $(READY)
	$(BIN)/python -m pytest -m "nightly or not nightly" --hypothesis-profile default $(ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	@failed=0; for benchmark in $(BENCHMARKS); do \
		echo "== $$benchmark"; $(BIN)/python $$benchmark || failed=1; \
	done; exit $$failed

# VIDEOS="a.mp4 b.avi": also draw the window on these, into out/
screenshots: $(READY)
	$(BIN)/python tools/screenshots.py $(VIDEOS)

clean:
	rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find pandanet_core app tests tools -name __pycache__ -prune -exec rm -rf {} +
