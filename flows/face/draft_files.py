"""The command that drafts grant files out of a decision's documents, and what it answers."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.errors import InputError
from . import terminal

if TYPE_CHECKING:
    from ..running.draft_reading import Drafted

PAGE = "utkast.html"


def draft(asked: argparse.Namespace, today: date) -> bool:
    """Write the drafts and the page about them; whether there are any.

    Raises InputError for a document that can't be read, and rather than writing over a file.
    """
    from ..case import store
    from ..decisions import data_folder
    from ..documents import draft_report
    from ..returns.workshop import Workshop
    from ..running.draft_reading import drafted

    for path in asked.files:
        if not path.is_file():
            raise InputError(f"Filen {path} finns inte.")
    decided = data_folder.load(asked.data, (), today)
    with Workshop() as workshop:
        files = [(path, path.name) for path in asked.files]
        made = drafted(files, asked.data, decided, workshop.readers)
    written = {f"{one.grant_id}.toml": one.toml for one in made.drafts}
    names = {board.board_id: board.name for board in decided.boards}
    page = draft_report.page(made.drafts, made.doubts, made.files, names)
    for name in (*written, PAGE):
        if (asked.out / name).exists():
            raise InputError(
                f"{asked.out / name} finns redan. Flytta undan filen eller ange en annan mapp med "
                "--out. Inget är skrivet."
            )
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, text in {**written, PAGE: page}.items():
        store.write(asked.out / name, text.encode("utf-8"))
    terminal.say(*_told(made, asked.out), to=sys.stdout)
    return bool(made.drafts)


def _told(made: "Drafted", out: Path) -> Iterator[str]:
    """What was made, and what a person has to look at."""
    if not made.drafts:
        yield "Inget utkast gick att göra."
        if not made.doubts:
            yield "Det finns ingen tabell med nämndernas belopp i dokumenten."
    for one in made.drafts:
        rows = swedish.counted(len(one.table.rows), "nämnd", "nämnder")
        yield f"Utkast: {out / one.grant_id}.toml ({one.name}, {rows})"
        yield from (f"  {doubt.text}" for doubt in one.doubts)
        open_values = [value for value in one.values if value.state != "found"]
        yield f"  Att fastställa: {swedish.counted(len(open_values), 'uppgift', 'uppgifter')}"
    yield from (doubt.text for doubt in made.doubts)
    yield f"Värdena med sina ställen i dokumenten: {out / PAGE}"
