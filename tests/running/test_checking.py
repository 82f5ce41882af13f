"""What `check` says of returns: all that a run would say of each by itself."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.base.children import Children
from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder
from statsbidrag.face import terminal
from statsbidrag.returns import validation
from statsbidrag.returns.validator import Validator
from statsbidrag.returns.workshop import Workshop
from statsbidrag.running import checking
from statsbidrag.running.checking import Checked
from tests.support import packages, planted
from tests.support.planted import AS_OF, COSTS, DATA, filled
from tests.support.way import Way


class Here(Children):
    """A validator in this process, which has Great Expectations loaded."""

    def submit(self, function: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Do it at once."""
        assert function is validation.validate_packed
        answer: Future[Any] = Future()
        answer.set_result(function(*args))
        return answer


Check = Callable[..., Checked]


@pytest.fixture
def check(way: Way) -> Check:
    """Check some paths as the command does."""
    workshop = Workshop()
    workshop.readers = way.readers
    workshop.validator = Validator(Here(1, memory_bytes=None, seconds=1))

    def called(*paths: Path, is_final: bool = False, as_of: date = AS_OF) -> Checked:
        decided = data_folder.load(DATA, (), as_of)
        return checking.check(checking.named(paths), decided, as_of, workshop, is_final=is_final)

    return called


def rules(checked: Checked) -> dict[str, set[str]]:
    """What is found in each file, by the last part of its name."""
    found: dict[str, set[str]] = {Path(returned.file).name: set() for returned in checked.returns}
    for finding in checked.findings:
        found[Path(str(finding.file)).name].add(finding.rule)
    return found


NEEDS_OTHERS = {
    "foretradare-samma-rad",
    "fraga-olika-svar",
    "fordelning-avviker-fran-belopp",
    "ingen-till-periodens-slut",
    "misstankt-dubbelfinansiering",
    "redovisning-saknas",
    "redovisning-tvetydig",
    "tidigare-kvartal-andrat",
}
"""The rules across tables that one return by itself can't decide."""
FILES: Mapping[str, tuple[bytes, set[str]]] = {
    "farsta.xlsx": (planted.good(), set()),
    "mapp/äldre.xlsx": (
        filled(period_end=date(2023, 9, 30), costs=COSTS[:3], header={"summa_kostnader": 82000.75}),
        {"redovisning-aldre-period"},
    ),
    "mapp/mer än tilldelat.xlsx": (
        filled(
            costs=[{**COSTS[0], "Belopp": 5_000_000}],
            header={"summa_kostnader": 5_000_000, "prognos": 5_000_000},
        ),
        {"overforbrukning"},
    ),
    "mapp/utan resultat.xlsx": (
        filled("bromma", activities=planted.ACTIVITIES[:1]),
        {"insats-utan-resultat"},
    ),
    "mapp/paket.zip": (packages.package(), {"aterbetalning-skiljer"}),
    "mapp/data.json": (b'{"a": 1}', {"fil-json"}),
    "~$farsta.xlsx": (b"x", set()),
}


def written(folder: Path) -> Path:
    """The files in a folder."""
    for name, (content, _) in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_folder_is_checked_as_a_run_would_take_it_in_each_return_by_itself(
    check: Check, tmp_path: Path
) -> None:
    """Three returns of one board are no tie here, and nobody is missing."""
    folder = written(tmp_path / "in")
    checked = check(folder, folder / "farsta.xlsx")
    assert rules(checked) == {Path(name).name: said for name, (_, said) in FILES.items()}
    assert checked.has_blocking, "the JSON file"
    said = "\n".join(terminal.checked(checked))
    assert "mer än tilldelat.xlsx: 1\u00a0anmärkning\n" in said
    assert "~$" not in said
    assert said.count("farsta.xlsx: inga anmärkningar") == 1, "named twice, checked once"


def test_a_final_check_says_what_a_final_run_would(check: Check, tmp_path: Path) -> None:
    (tmp_path / "äldre.xlsx").write_bytes(FILES["mapp/äldre.xlsx"][0])
    (tmp_path / "ointygad.xlsx").write_bytes(
        filled("bromma", header={**planted.HEADER, "intygas_av": None})
    )
    assert not check(tmp_path).has_blocking
    final = check(tmp_path, is_final=True)
    assert rules(final) == {
        "äldre.xlsx": {"redovisning-aldre-period"},
        "ointygad.xlsx": {"attest-saknas"},
    }
    assert final.has_blocking


def test_what_two_readers_see_differently_is_said(check: Check, tmp_path: Path) -> None:
    wide = planted.rewritten(
        "xl/worksheets/sheet3.xml", lambda part: part.decode().encode("utf-16")
    )
    (tmp_path / "olika.xlsx").write_bytes(wide())
    assert rules(check(tmp_path)) == {"olika.xlsx": {"fil-laser-olika"}}


def test_the_day_decides_the_period(check: Check, tmp_path: Path) -> None:
    """A return for the year, checked in the autumn, is for a later period than the run's; its
    attest is to come."""
    (tmp_path / "farsta.xlsx").write_bytes(planted.good())
    told = rules(check(tmp_path, as_of=date(2023, 12, 15)))["farsta.xlsx"]
    assert {"redovisning-senare-period", "attest-orimlig-dag"} <= told


def test_a_path_to_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="finns inte"):
        checking.named([tmp_path / "borta.xlsx"])
    assert checking.named([tmp_path]) == []


def test_every_rule_across_tables_is_decided_by_one_return_or_needs_others() -> None:
    across = {rule.rule_id for rule in planted.decided().rules.values() if rule.checked_by == "sql"}
    assert across == checking.BY_ITSELF | NEEDS_OTHERS
