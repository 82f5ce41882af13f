"""The decisions of a grant file: what each gives whom, and whether it adds up."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from ..base import swedish
from ..model.boards import Board
from ..model.decisions import WHOLE_GRANT, Allocation, Component, Decision, Grant
from ..model.sources import Year
from . import years
from .grant_reader import GrantReader
from .recipients import predecessors_of


def decisions(
    reader: GrantReader,
    components: tuple[Component, ...],
    spellings: Mapping[str, str],
    boards: tuple[Board, ...],
) -> Iterator[Decision]:
    """The decisions by their days. Raises InputError for a board or a component that there isn't,
    and for a board that is given something twice on a day."""
    known = {c.component_id for c in components}
    by_id = {b.board_id: b for b in boards}
    before = predecessors_of(boards)
    decided: Counter[tuple[date, str, Year | None]] = Counter()
    for decision in sorted(reader.parsed.beslut, key=lambda d: d.datum):
        where = f"beslut.{decision.id}"
        year = years.year_of(decision)
        rows = []
        for written, given in (decision.fordelning or {}).items():
            board_id = spellings.get(swedish.key(written))
            if board_id is None:
                near = swedish.nearest(written, [b.name for b in boards])
                hint = f"Menas {near}?" if near else "Lägg till den i boards.toml."
                raise reader.wrong(f"{where}.fordelning", f"nämnden {written} är okänd. {hint}")
            board = by_id[board_id]
            if (
                not (board.valid_from_on or date.min)
                <= decision.datum
                <= (board.valid_to_on or date.max)
            ):
                heir = (
                    f"Menas {by_id[board.successor_id].name}?"
                    if board.successor_id
                    else "Rätta nämnden eller dagen."
                )
                raise reader.wrong(
                    f"{where}.fordelning", f"{board.name} fanns inte {decision.datum}. {heir}"
                )
            decided[decision.datum, board_id, year] += 1
            if decided[decision.datum, board_id, year] > 1:
                raise reader.wrong(
                    f"{where}.fordelning",
                    f"{written} har två belopp från {decision.datum}. Behåll det som gäller.",
                )
            for component, amount in (
                given if isinstance(given, dict) else {WHOLE_GRANT: given}
            ).items():
                if component not in known:
                    what = (
                        f"komponenten {component} finns inte"
                        if isinstance(given, dict)
                        else "beloppet är inte delat"
                    )
                    asked = (
                        "Ange ett belopp utan komponenter."
                        if known == {WHOLE_GRANT}
                        else f"Ange belopp för {swedish.listing(sorted(known))}."
                    )
                    raise reader.wrong(f"{where}.fordelning.{written}", f"{what}. {asked}")
                rows.append(Allocation(board_id, component, amount, ends=before[board_id]))
        yield Decision(
            decision.id,
            decision.datum,
            decision.beslutat_av,
            reader.source(where, decision),
            tuple(rows),
            year,
        )


def must_add_up(reader: GrantReader, grant: Grant) -> None:
    """See that what is decided is no more than there is, and as much as each decision says. Raises
    InputError."""
    # What was inherited has ended where a decision says so, so each day is looked at.
    for day in sorted({decision.decided_on for decision in grant.decisions}):
        allocated = sum(grant.allocations_on(day).values())
        if grant.total_sek is not None and allocated > grant.total_sek:
            raise reader.wrong(
                "beslut",
                f"fördelningen {day} är {swedish.kr(allocated)}, mer än bidragets "
                f"{swedish.kr(grant.total_sek)}. Rätta fördelningen eller beloppet.",
            )
    stated = {
        decision.id: decision.summa
        for decision in reader.parsed.beslut
        if decision.summa is not None
    }
    for decision in grant.decisions:
        amounts = [allocation.amount_sek for allocation in decision.allocations]
        allocated_sek = sum(amounts, Decimal(0))
        wanted = stated.get(decision.decision_id, allocated_sek)
        if wanted != allocated_sek:
            raise reader.wrong(
                f"beslut.{decision.decision_id}.summa",
                f"är {swedish.kr(wanted)}, men beloppen i fordelning är tillsammans "
                f"{swedish.kr(allocated_sek)}. Jämför med beslutet och rätta det som är fel.",
            )


def must_be_of_level(reader: GrantReader, grant: Grant, boards: tuple[Board, ...]) -> None:
    """See that everybody who is given money is on the level that the grant is for, and a part of
    the same whole, so that nobody is left out of its sums. Raises InputError."""
    by_id = {board.board_id: board for board in boards}
    whole: dict[str | None, Board] = {}
    for decision in grant.decisions:
        where = f"beslut.{decision.decision_id}.fordelning"
        for allocation in decision.allocations:
            board = by_id[allocation.board_id]
            if board.level_id not in grant.level.level_ids:
                raise reader.wrong(
                    where,
                    f"{board.name} hör inte till dem som bidraget fördelas till, "
                    f"{grant.level.words.many}. Rätta fördelningen, eller villkor.mottagarniva.",
                )
            whole.setdefault(_highest_above(board, by_id), board)
            if len(whole) > 1:
                one, other = whole.values()
                raise reader.wrong(
                    where,
                    f"{one.name} och {other.name} är inte delar av samma helhet. Ange i "
                    "boards.toml vad båda är en del av, eller låt bli det för alla.",
                )


def _highest_above(board: Board, by_id: Mapping[str, Board]) -> str | None:
    """The highest that a recipient is a part of, by its id; None where it is a part of nothing."""
    highest_id = None
    above_id = board.above_id
    while above_id is not None:
        highest_id, above_id = above_id, by_id[above_id].above_id
    return highest_id
