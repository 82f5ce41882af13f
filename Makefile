# Two commands: make run, make test. Each sets itself up on a machine with Python 3.11+, make and a package registry.
PYTHON ?= python3
BIN := .venv/bin
export DO_NOT_TRACK := 1

.PHONY: setup run nation test test-long check bench kills mutation audit year schema lock clean
.DELETE_ON_ERROR:

setup: .venv/ready

# uv is taken from the lock like everything else; the stamp is written last, so an interrupted setup starts over.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	awk '/^uv==/{on=1} on{print; if (!/\\$$/) exit}' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q flows  # where Python writes no bytecode it would compile at each start
	touch $@

run: setup
	$(BIN)/python -m tests.example --out data/inbox
	@$(BIN)/statsbidrag run --returns data/inbox --out out --as-of 2024-01-20 || test $$? -eq 3

nation: setup
	$(BIN)/python -m tests.example_nation --out build/landet/inbox
	$(BIN)/python -m tests.example_city --out build/landet/inbox/stockholm
	@$(BIN)/statsbidrag run --data data/nation --returns build/landet/inbox --out build/landet/out --as-of 2024-02-15 --final || test $$? -eq 3

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m long

check: setup
	$(BIN)/ruff format --check flows tests sql expectations reports
	$(BIN)/ruff check flows tests sql expectations reports
	$(BIN)/sqlfluff lint --disable-progress-bar sql & $(BIN)/mypy && wait $$!

bench: setup
	$(BIN)/python -m tests.tools.bench
	$(BIN)/python -m tests.tools.desk_bench
	$(BIN)/python -m tests.tools.scale

kills: setup
	$(BIN)/python -m tests.tools.kills

mutation: setup
	$(BIN)/python -m tests.tools.mutation

audit: setup
	$(BIN)/python -m tests.tools.audit

year: setup
	$(BIN)/python -m tests.tools.year --to build/ar-2023

schema: setup
	$(BIN)/python -c "from statsbidrag.decisions.declaration import write_schema; write_schema('data/grants/grant.schema.json')"
	$(BIN)/python -c "from statsbidrag.decisions.declaration import write_schema; from statsbidrag.desk.desk_settings import DeskFile; write_schema('data/skrivbord.schema.json', DeskFile)"

lock:
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --fork-strategy fewest --python-version 3.11 --no-emit-index-url --no-header --no-annotate -o requirements.lock

clean:
	rm -rf .venv build out data/inbox .pytest_cache .mypy_cache .ruff_cache *.egg-info
