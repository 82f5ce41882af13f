"""Desks that are open: for one person, and with logins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from statsbidrag.base.environment import PROXY_SECRET
from statsbidrag.returns.workshop import Workshop
from tests.support.commands import inbox, server
from tests.support.desks import SCHEME, SECRET, OpenDesk, city, open_desk

__all__ = ["inbox", "server"]


@pytest.fixture(scope="package")
def workshop() -> Iterator[Workshop]:
    """Children that are warm, for all desks."""
    kept = Workshop()
    kept.warm()
    yield kept
    kept.close()


@pytest.fixture
def desk(tmp_path: Path, workshop: Workshop) -> Iterator[OpenDesk]:
    """A desk for one, where nothing has come in."""
    (tmp_path / "in").mkdir()
    with open_desk(tmp_path / "in", tmp_path / "out", workshop=workshop) as opened:
        yield opened


@pytest.fixture
def shared(
    tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenDesk]:
    """A desk to which people log in through a proxy, where nothing has come in."""
    monkeypatch.setenv(PROXY_SECRET, SECRET)
    (tmp_path / "in").mkdir()
    data = city(tmp_path, SCHEME)
    with open_desk(tmp_path / "in", tmp_path / "out", data, workshop=workshop) as opened:
        yield opened
