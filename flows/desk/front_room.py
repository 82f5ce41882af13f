"""The first page: what waits to be done, by whoever has come in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from ..base import swedish
from ..model.evidence import as_boards_are_told
from ..model.findings import Finding
from ..model.year import Deadline
from ..money.tables import BoardMoney, Sender
from ..year import deadlines
from ..year.overview import Standing
from .asking import Ask
from .replies import replies, reply
from .rights import Person, Right
from .todo import ToDo, todo


def start(ask: Ask) -> Response:
    """The first page of whoever has come in."""
    if ask.person.may(Right.READ):
        return _of_all(ask)
    return _of_own_boards(ask)


def _of_all(ask: Ask) -> Response:
    """Every grant, the most money at risk first, and what to do about it."""
    office = ask.office
    standings, decided = office.seen()
    tasks: list[ToDo] = []
    for standing in standings:
        tasks += todo(standing, ask.person)
    return ask.page(
        "start.html.j2",
        "Skrivbordet",
        {
            "standings": standings,
            "broken": decided.broken,
            "tasks": tasks,
            "new_files": office.new_files(),
            "under_way": office.works.under_way,
        },
    )


def answer_finding(ask: Ask) -> Response:
    """Keep what a board answers to a finding."""
    reply(ask)
    return ask.go("/", "Ditt svar är sparat, och visas för handläggaren bredvid anmärkningen.")


@dataclass(frozen=True)
class OwnGrant:
    """A grant as one of its boards sees it."""

    standing: Standing
    boards: Sequence["OwnBoard"]
    due: Sequence[Deadline]
    """By when its boards send in what they have not, the first day first."""


@dataclass(frozen=True)
class OwnBoard:
    """A board of one's own in a grant: where it stands, and what was said of what it sent."""

    row: BoardMoney
    is_whole: bool
    """Whether the whole of the row is one's own: a board that has become part of another sees what
    it sent itself, and no more."""
    name: str
    senders: Sequence[Sender]
    findings: Sequence[Finding]
    page: str
    """Where its own page of the latest report lies."""


def _of_own_boards(ask: Ask) -> Response:
    """The grants of somebody's own boards: deadlines, and what was said of what they sent."""
    standings, decided = ask.office.seen()
    grants = []
    for standing in standings:
        boards = own_boards(ask.person, standing)
        due = [
            deadline for deadline in standing.open_deadlines if deadline.kind in deadlines.RETURNS
        ]
        units = decided.units(standing.grant, ask.office.today, standing.grant.spend_to_on)
        if boards or ask.person.boards & units.keys():
            grants.append(OwnGrant(standing, boards, due))
    names = [decided.board(board_id).name for board_id in ask.person.boards]
    view = {
        "grants": grants,
        "boards": sorted(names, key=swedish.order),
        "replies": replies(ask.office.log()),
    }
    return ask.page("start_namnd.html.j2", "Skrivbordet", view)


def own_boards(person: Person, standing: Standing) -> list[OwnBoard]:
    """Somebody's own boards in a grant, with what each of them sent and what was said of it."""
    result = standing.result
    if result is None:
        return []
    own = []
    for row in standing.boards:
        senders = [one for one in result.tables.sender if one.board_id == row.board_id]
        chain = {row.board_id, *(sender.sender_id for sender in senders)}
        if not chain & person.boards:
            continue
        is_whole = row.board_id in person.boards
        if not is_whole:
            chain &= person.boards
            senders = [sender for sender in senders if sender.sender_id in chain]
        name = row.name if is_whole else swedish.listing(one.sender_name for one in senders)
        files = {sender.file for sender in senders}
        findings = as_boards_are_told(
            finding
            for finding in result.findings
            if finding.board in chain or finding.file in files
        )
        page = f"/ut/{result.place}/boards/{row.board_id}.html"
        own.append(OwnBoard(row, is_whole, name, senders, findings, page))
    return own
