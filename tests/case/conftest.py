"""A final report as a draft and as filed, and copies of both to work on."""

import shutil
from pathlib import Path

import pytest

from tests.support.cases import GRANT, Case
from tests.support.commands import inbox, server

__all__ = ["inbox", "server"]


@pytest.fixture(scope="module")
def ran(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A grant whose boards have all reported well, run finally; nobody touches this one."""
    folder = tmp_path_factory.mktemp("ran")
    shutil.copytree(inbox / GRANT, folder / "in")
    case = Case(folder / "in", folder / "out")
    case.rerun()
    return case


@pytest.fixture
def case(ran: Case, tmp_path: Path) -> Case:
    """A copy of the draft to work on."""
    shutil.copytree(ran.returns, tmp_path / "in")
    shutil.copytree(ran.out, tmp_path / "out")
    return Case(tmp_path / "in", tmp_path / "out")


@pytest.fixture(scope="module")
def filed_once(ran: Case, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The same report, filed; nobody touches this one."""
    folder = tmp_path_factory.mktemp("filed")
    shutil.copytree(ran.returns, folder / "in")
    shutil.copytree(ran.out, folder / "out")
    case = Case(folder / "in", folder / "out")
    for command, by in (("review", "Gro Gransk"), ("approve", "Alf Attest"), ("file", "Ina In")):
        case.step(command, by)
    return case


@pytest.fixture
def filed(filed_once: Case, tmp_path: Path) -> Case:
    """A copy of the filed report to work on."""
    shutil.copytree(filed_once.returns, tmp_path / "in")
    shutil.copytree(filed_once.out, tmp_path / "out")
    return Case(tmp_path / "in", tmp_path / "out")
