"""A made-up city of any size, or a nation with so many municipalities in counties, and what they
send: one grant, a return of forty lines from each, or CSV returns of as many lines as a file may
hold."""

import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from statsbidrag.base.bounds import BOUNDS
from statsbidrag.decisions import data_folder
from statsbidrag.model.boards import Assignment
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template
from tests import example
from tests.example_rows import Line, answers, cost, filled_in_on, result
from tests.support.filling import allocation_of, csv_return, fill

GRANT = example.EQUAL
PERIOD_END = date(2023, 12, 31)
AS_OF = example.AS_OF
LINES = 40
_KRONOR = 10_000
"""What each board is allocated."""
_KIND = "Personalkostnader"


@dataclass(frozen=True)
class City:
    """Where the decisions of a city lie, and how many boards it has."""

    data: Path
    size: int

    @property
    def boards(self) -> list[str]:
        """The ids of its boards."""
        return [f"namnd-{number:05}" for number in range(1, self.size + 1)]


def city(data: Path, size: int) -> City:
    """Write the decisions of a city with so many boards: the shipped grant, shared out among them."""
    made = City(data, size)
    (data / "grants").mkdir(parents=True)
    for name in ("organisation.toml", "referensranta.toml", "rapporter"):
        (data / name).symlink_to(Path("data", name).resolve())
    blocks = [_declared(one) for one in made.boards]
    (data / "boards.toml").write_text("\n".join(["format = 1\n", *blocks]), "utf-8")
    _share_out(made, Path("data", "grants", f"{GRANT}.toml").read_text("utf-8"))
    return made


def _share_out(of: City, terms: str) -> None:
    """Write a grant's file, its money shared out among the boards."""
    head, _, _ = terms.partition("[beslut.fordelning]\n")
    head = re.sub("(?m)^fil = .*\n", "", head)  # the document has another table
    head = re.sub("(?m)^(summa|kronor) = [0-9]+$", rf"\1 = {_KRONOR * of.size}", head)
    shares = [f'"{_name(one)}" = {_KRONOR}\n' for one in of.boards]
    text = "".join([head, "[beslut.fordelning]\n", *shares])
    (of.data / "grants" / f"{GRANT}.toml").write_text(text, "utf-8")


def nation(data: Path, size: int) -> City:
    """Write the decisions of the agency that shares a grant out among so many municipalities: the
    example of the nation, without its questions, with municipalities and counties made up."""
    made, own = City(data, size), Path("data", "nation")
    (data / "grants").mkdir(parents=True)
    for name in ("organisation.toml", "rapporter"):
        (data / name).symlink_to((own / name).resolve())
    levels, _, _ = (own / "boards.toml").read_text("utf-8").partition("[[lista]]")
    counties = range(1 + (size - 1) // _OF_A_COUNTY)
    blocks = [levels, *(_declared(f"lan-{county:03}", "lan", "riket") for county in counties)]
    for place, one in enumerate(made.boards):
        blocks.append(_declared(one, "kommun", f"lan-{place // _OF_A_COUNTY:03}"))
    (data / "boards.toml").write_text("\n".join(blocks), "utf-8")
    terms = (own / "grants" / f"{GRANT}.toml").read_text("utf-8")
    terms = re.sub(r"(?ms)^\[\[fraga\]\]\n.*?(?=^\[)", "", terms)
    _share_out(made, terms)
    return made


_OF_A_COUNTY = 15
"""How many municipalities a county has; in Sweden 14 on the average."""


def _declared(board_id: str, level: str = "", above: str = "") -> str:
    place = f'niva = "{level}"\nover = "{above}"\n' if level else ""
    name = _name(board_id)
    return f'[[namnd]]\nid = "{board_id}"\nnamn = "{name}"\n{place}kalla = "Påhittad"\n'


def _name(board_id: str) -> str:
    return board_id.replace("namnd-", "Nämnd ").replace("lan-", "Län ")


def workbooks(of: City, folder: Path) -> None:
    """A workbook of forty lines from each board."""
    folder.mkdir(parents=True)
    with ProcessPoolExecutor(2) as pool:
        made = pool.map(_workbook, [of.data] * of.size, of.boards, chunksize=20)
        for board_id, content in zip(of.boards, made, strict=True):
            (folder / f"{board_id}.xlsx").write_bytes(content)


@cache
def _book(data: Path) -> Rulebook:
    return data_folder.load(data, [], AS_OF)


def _workbook(data: Path, board_id: str) -> bytes:
    book = _book(data)
    grant, board = book.grant(GRANT), book.board(board_id)
    day = filled_in_on(PERIOD_END)
    blank = return_template.template(
        book.organisation,
        grant,
        board,
        Assignment(allocation_of(grant, board_id, AS_OF)),
        PERIOD_END,
        day,
    )
    activity = example.ACTIVITIES[GRANT][0]
    return fill(
        blank,
        header={"version": 1, "prognos": _KRONOR, **answers(board, day)},
        costs=list(_lines(LINES)),
        activities=[result(activity, 3, 2, 0, "Föräldrarna var nöjda.")],
    )


def _lines(count: int) -> Iterator[Line]:
    """So many lines that come to less than what a board is allocated."""
    activity = example.ACTIVITIES[GRANT][0]
    most_ore = _KRONOR * 100 // count
    for number in range(count):
        day = date(2023, 1 + number % 12, 1 + number % 28)
        ore = most_ore - number % max(1, most_ore // 2)
        yield {**cost(activity, _KIND, day, ore), "Verifikation": f"V{number}"}


def csv_files(of: City, folder: Path, lines: int) -> None:
    """CSV returns of so many lines together, as evenly as may be, one from each board."""
    folder.mkdir(parents=True)
    most = BOUNDS.rows - 1  # the headers are a row too
    for place, board_id in enumerate(of.boards):
        count = lines // of.size + (place < lines % of.size)
        if count > most:
            raise SystemExit(f"{count} lines is more than the {most} that a file may hold.")
        header = {
            "bidrag": GRANT,
            "namnd": _name(board_id),
            "period_tom": PERIOD_END,
            "version": 1,
        }
        content = csv_return(header=header, costs=_lines(count))
        (folder / f"{board_id}.csv").write_bytes(content)
