"""Writes the example returns of the nation's grants: made up, for every municipality and region.
`python -m tests.example_nation --out DIR`.

The figures are drawn from a generator seeded by grant and recipient, so the same call gives the
same bytes. What is planted, and where, is in `PLANTED`; who has sent nothing is drawn.
"""

import argparse
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from random import Random

from statsbidrag.decisions import data_folder
from statsbidrag.model.boards import Assignment, Board
from statsbidrag.model.decisions import Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template
from tests.example import ACTIVITIES, CRIME, EQUAL
from tests.example_rows import BOUGHT, Activity, Line, cost, result, split
from tests.support.filling import allocation_of, fill
from tests.support.reckoning import Asked

DATA = Path("data/nation")
AS_OF = date(2024, 2, 15)
"""The day that the examples are made for: two weeks after the last day to answer."""
MADE_ON = date(2024, 1, 25)
PERIOD_END = date(2023, 12, 31)

STOCKHOLM = "stockholm-0180"
"""Whose return is no workbook, but the report that the city itself has filed."""
PLANTED = {
    (EQUAL, "habo-0643"): "an amount that can't be read, which holds the return",
    (EQUAL, "habo-0305"): "has used more than its allocation",
    (EQUAL, "gotland-0980"): "answers as a municipality",
    (EQUAL, "region-gotland-09"): "and as a region, in a return of its own",
    (EQUAL, "karlskrona-1080"): "has lines that are not eligible",
}
"""What is special about a recipient's return, by grant and recipient."""
OF_OFTEN_LATE = 14
"""Of so many recipients one, on the average, has sent nothing."""


@dataclass(frozen=True)
class Sent:
    """What a recipient says it has done and spent, before it is a workbook."""

    grant_id: str
    board_id: str
    lines: tuple[Line, ...]
    activities: tuple[Line, ...]
    answers: Mapping[Asked, object]
    """What it answers, by question and year; nothing where it leaves the cell blank."""


def sendings(book: Rulebook, grant: Grant) -> Iterator[Sent]:
    """What each recipient of a grant sends in a workbook; nothing of those that send none."""
    for board_id in book.participants(grant, AS_OF, PERIOD_END):
        chance = Random(f"{grant.grant_id}/{board_id}")
        is_silent = chance.randrange(OF_OFTEN_LATE) == 0
        is_planted = (grant.grant_id, board_id) in PLANTED
        if board_id == STOCKHOLM or (is_silent and not is_planted):
            continue
        allocated = sum(allocation_of(grant, board_id, AS_OF).values(), Decimal(0))
        yield _sent(grant, board_id, allocated, chance)


def _sent(grant: Grant, board_id: str, allocated: Decimal, chance: Random) -> Sent:
    grant_id = grant.grant_id
    used = Decimal(chance.choice((55, 70, 82, 90, 94, 97, 99, 100, 100, 100))) / 100
    if (grant_id, board_id) == (EQUAL, "habo-0305"):
        used = Decimal("1.08")
    ore = int(allocated * used * 100)
    chosen = chance.sample(ACTIVITIES[grant_id], chance.randint(2, 4))
    lines: list[Line] = []
    activities: list[Line] = []
    for drawn, part in zip(chosen, split(ore, [chance.randint(2, 9) for _ in chosen]), strict=True):
        activity = replace(drawn, target_area=chance.choice(grant.target_areas))
        lines += _lines(activity, part, chance)
        activities.append(_reached(activity, ore, chance))
    if (grant_id, board_id) == (EQUAL, "habo-0643"):
        lines[0]["Belopp"] = "se bilaga"
    if (grant_id, board_id) == (EQUAL, "karlskrona-1080"):
        lines[1]["Kostnadsslag"] = "Representation"
        lines[2]["Datum"] = date(2024, 1, 15)
    answers = {}
    for question in grant.questions:
        answer = chance.randint(0, 12) if question.is_number else chance.choice(_YES_OR_NO)
        if answer is not None:
            answers[question.text, str(PERIOD_END.year)] = answer
    return Sent(grant_id, board_id, tuple(lines), tuple(activities), answers)


_YES_OR_NO = ("Ja", "Ja", "Ja", "Ja", "Nej", "Nej", None)


def _lines(activity: Activity, ore: int, chance: Random) -> list[Line]:
    """The year's salaries in one sum, and what was bought."""
    salaries, bought = split(ore, [chance.randint(60, 90), 20])
    kind = chance.choice(sorted(BOUGHT))
    day = date(2023, chance.randint(2, 12), chance.randint(1, 28))
    return [
        cost(activity, "Personalkostnader", PERIOD_END, salaries),
        cost(activity, kind, day, bought),
    ]


def _reached(activity: Activity, ore: int, chance: Random) -> Line:
    scale = max(10, min(400, ore // 1_000_000))
    women, men = (n * scale * chance.randint(70, 130) // 10_000 for n in activity.reached)
    unknown = chance.randint(0, 4) if women else 0
    return result(activity, women, men, unknown, chance.choice(activity.results))


def workbook(book: Rulebook, sent: Sent) -> tuple[str, bytes]:
    """What a recipient sends: its name under the returns folder, and its content."""
    grant, board = book.grant(sent.grant_id), book.board(sent.board_id)
    assigned = Assignment(allocation_of(grant, sent.board_id, AS_OF))
    template = return_template.template(
        book.organisation, grant, board, assigned, PERIOD_END, MADE_ON
    )
    content = fill(
        template,
        header=_header(board),
        costs=sent.lines,
        activities=sent.activities,
        answers=sent.answers,
    )
    return f"{sent.grant_id}/redovisning_{sent.board_id}_{PERIOD_END}.xlsx", content


def _header(board: Board) -> dict[str, object]:
    return {
        "version": 1,
        "ersatter_befintlig": "Nej",
        "annan_finansiering": "Nej",
        "orsak_ej_forbrukat": "Medlen kom sent på året, så en del av insatserna hann inte börja.",
        "kontaktperson": f"Ekonom, {board.name}",
        "epost": f"ekonomi.{board.board_id}@example.org",
        "intygas_av": f"Ekonomichef, {board.name}",
        "intygas_befattning": "Ekonomichef",
        "intygas_den": MADE_ON,
    }


@cache
def _book(data: Path) -> Rulebook:
    return data_folder.load(data, [], AS_OF)


def _write(out: Path, data: Path, sent: Sent) -> None:
    name, content = workbook(_book(data), sent)
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main() -> None:
    """Writes every example return of the nation's grants."""
    parser = argparse.ArgumentParser(description="Skriver landets exempelredovisningar.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    book = _book(arguments.data)
    every = [sent for grant_id in (EQUAL, CRIME) for sent in sendings(book, book.grant(grant_id))]
    # A workbook takes longer to fill in than to think of.
    with ProcessPoolExecutor() as pool:
        write = partial(_write, arguments.out, arguments.data)
        list(pool.map(write, every, chunksize=20))


if __name__ == "__main__":
    main()
