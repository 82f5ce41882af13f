"""What the tests share: the city's decisions, good returns, and the way of a return in process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from statsbidrag.base.children import Children
from statsbidrag.model.decisions import Grant
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from tests.support import planted
from tests.support.way import PLANS, Sent, Way, copied

for name in ("PREFECT_LOGGING_LEVEL", "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"):
    # A test that imports Prefect before it is configured must not make it talkative for the others.
    os.environ.setdefault(name, "CRITICAL")
# Nor must it start a server of its own: that one has no door, and nobody ends it.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "false")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update-golden` writes the golden reports anew; read the difference before it is
    committed."""
    parser.addoption("--update-golden", action="store_true", help="write the golden reports anew")


LENGTHY = (
    "test_run",
    "test_hostile",
    "test_casework",
    "test_readme",
    "test_checks",
    "test_faults",
    "test_doors",
)
"""The files that take the longest begin first, so that neither of two processes is left with one
alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests file by file, the lengthy files first."""
    items.sort(key=lambda item: item.path.stem not in LENGTHY)


@pytest.fixture(scope="session")
def decisions() -> Rulebook:
    """The city's own decisions, as of `planted.AS_OF`."""
    return planted.decided()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The city's data, to be changed."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def grant(decisions: Rulebook) -> Grant:
    """The grant of which most tests send returns."""
    return decisions.grant(planted.EQUAL)


@pytest.fixture(scope="session")
def way() -> Iterator[Way]:
    """The way of a return through the stages."""
    with Children(2, memory_bytes=1_000_000_000, seconds=30) as readers:
        yield Way(readers)


@pytest.fixture(scope="session")
def clean(way: Way, decisions: Rulebook, grant: Grant) -> dict[str, Return]:
    """A good return from every board of the grant, by the id of the board."""
    boards = sorted({board for board, _ in grant.allocations_on(planted.AS_OF)})
    returns = way.take_in({f"{board}.xlsx": planted.good(board) for board in boards}, decisions)
    return dict(zip(boards, returns, strict=True))


@pytest.fixture(scope="session")
def planted_faults(way: Way, decisions: Rulebook) -> dict[str, Sent]:
    """Every planted fault by its name, all of them read and validated together as in a run."""
    returns = way.take_in(
        {fault.name + fault.suffix: fault.make() for fault in planted.FAULTS}, decisions
    )
    told = {is_final: way.judge(returns, decisions, plan) for is_final, plan in PLANS.items()}
    return {
        fault.name: Sent(
            [returned],
            {final: [f for f in told[final] if f.file == returned.file] for final in told},
        )
        for fault, returned in zip(planted.FAULTS, returns, strict=True)
    }
