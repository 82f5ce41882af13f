"""What a person sees in Prefect's own pages: how far a run has come, tables, and the way to the
reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prefect import get_run_logger
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from ..base import swedish
from ..documents import pages
from ..model.codes import RETURN_STATUS, Flag
from ..model.findings import Finding
from ..model.year import Deadline
from ..money.results import GrantResult
from ..money.shapes import known
from ..money.tables import BoardMoney
from ..year.overview import Standing, by_risk


@dataclass(frozen=True)
class Shelf:
    """Where the reports of an out folder can be read: at an address, or else as files."""

    out: Path
    address: str = ""

    def address_of(self, place: str) -> str:
        """The address of a file under the out folder."""
        if self.address:
            return f"{self.address.rstrip('/')}/{quote(place)}"
        return (self.out / place).absolute().as_uri()

    def link(self, words: str, place: str) -> str:
        """The same, as Markdown; without an address the path to copy, since no browser follows a
        web page to a file."""
        if self.address:
            return f"[{_cell(words)}]({self.address_of(place)})"
        return f"{_cell(words)}: `{self.out / place}`"


class Listener:
    """Hears how far a run has come: a bar that fills stage by stage, and sentences in the log of
    the flow run."""

    def __init__(self, stages: int) -> None:
        self._stages = stages
        self._done = 0
        self._bar: Any = None
        self._name = ""

    def say(self, sentence: str) -> None:
        """Something that a person must know."""
        get_run_logger().info(sentence)

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:  # noqa: ARG002
        """What is being done now; how many files of how many would be an artifact each."""
        if name == self._name or done:
            return
        share = 100.0 * self._done / self._stages
        if self._bar is None:
            self._bar = create_progress_artifact(progress=share, key="korningen", description=name)
        else:
            update_progress_artifact(artifact_id=self._bar, progress=share, description=name)
        self._name = name
        self._done += 1
        self.say(name)


def result(result: GrantResult, shelf: Shelf) -> None:
    """A grant's boards as a table, and the way to its report."""
    grant = result.grant
    kind = result.words
    boards = sorted(result.tables.board, key=lambda board: swedish.order(board.name))
    create_table_artifact(
        key=f"lage-{grant.grant_id}",
        table=[_board(board) for board in boards],
        description=f"{grant.name}. {kind} till och med {swedish.long_date(result.period_end)}",
    )
    create_link_artifact(
        key=f"rapport-{grant.grant_id}",
        link=shelf.address_of(f"{result.place}/aterrapport.html"),
        link_text=f"{kind} av {grant.short_name}",
        description=grant.name,
    )


def _board(board: BoardMoney) -> dict[str, str]:
    return {
        "Nämnd": board.name,
        "Redovisning": RETURN_STATUS[board.return_status],
        "Tilldelat": swedish.say(board.allocated_sek),
        "Använt": swedish.say(board.eligible_sek),
        "Väntas bli över": swedish.say(board.projected_unspent_sek),
        "Flagga": pages.WORDS[board.flag],
        "Att återbetala": swedish.say(board.liability_sek),
    }


def standings(
    standings: Sequence[Standing],
    broken: Sequence[Finding],
    as_of: date,
    shelf: Shelf,
    repaired: str,
) -> None:
    """Where every grant stands and what to do next, as on the page of all grants."""
    parts = [f"# Statsbidragen {swedish.long_date(as_of)}", shelf.link("Översikten", "index.html")]
    if repaired:
        parts.append(f"> {repaired}")
    parts += [f"> **{_text(finding.message)}** {_text(finding.remedy)}" for finding in broken]
    for standing in by_risk(standings):
        parts.append(f"## {_text(standing.grant.name)}")
        parts.append(_facts(standing))
        parts.append(_list(standing.steps))
        if standing.result:
            parts.append(shelf.link("Rapporten", f"{standing.result.place}/aterrapport.html"))
    create_markdown_artifact(
        key="oversikt",
        markdown="\n\n".join(part for part in parts if part),
        description="Läget för alla bidrag",
    )


def _facts(standing: Standing) -> str:
    """The money of a grant in one sentence."""
    at_risk = f"Pengar i fara: **{swedish.kr_if_known(standing.at_risk_sek)}**"
    if standing.city is None:
        return f"{at_risk}."
    elapsed = swedish.percent(standing.elapsed_share)
    if standing.used_share is None:
        used_sek = swedish.kr(standing.city.eligible_sek)
        return f"Bidragets belopp är okänt. Använt {used_sek} när {elapsed} av tiden har gått."
    used, to_repay = swedish.percent(standing.used_share), known(standing.city.to_repay_sek)
    words = f"{standing.grant.words.to_repay} {swedish.kr(to_repay)}"
    return f"{at_risk}, använt {used} när {elapsed} av tiden har gått, {words}."


def unspent(standings: Sequence[Standing], as_of: date, shelf: Shelf) -> None:
    """The boards whose money may be left unspent."""
    rows: list[dict[str, object]] = []
    for standing in by_risk(standings):
        for board in standing.boards:
            if board.flag not in {Flag.ACT, Flag.WATCH}:
                continue
            rows.append(
                {
                    "Bidrag": standing.grant.short_name,
                    "Nämnd": board.name,
                    "Väntas bli över": swedish.say(board.projected_unspent_sek),
                    "Flagga": pages.WORDS[board.flag],
                }
            )
    parts = [
        f"# Medel som riskerar att bli oanvända, {swedish.long_date(as_of)}",
        _table(rows) if rows else "Inga flaggor.",
        shelf.link("Översikten", "index.html"),
    ]
    create_markdown_artifact(
        key="medel-i-fara",
        markdown="\n\n".join(parts),
        description="Nämnder att bevaka eller kontakta",
    )


def deadlines(
    deadlines: Sequence[Deadline], letters: Sequence[str], as_of: date, shelf: Shelf
) -> None:
    """The days that are left, and the reminders that were written."""
    rows = [_deadline(deadline) for deadline in deadlines if not deadline.is_closed]
    parts = [
        f"# Frister {swedish.long_date(as_of)}",
        _table(rows) if rows else "Inga öppna frister.",
        "## Nya påminnelser",
        _list(letters) or "Inga nya brev.",
        shelf.link("Översikten", "index.html"),
    ]
    create_markdown_artifact(
        key="frister", markdown="\n\n".join(parts), description="Frister och påminnelser"
    )


def _deadline(deadline: Deadline) -> dict[str, object]:
    return {
        "Dag": deadline.on or deadline.words,
        "Bidrag": deadline.grant_name,
        "Vad": deadline.label,
        "Vem": deadline.owner,
        "Kvar": deadline.left,
    }


def decision(grant_id: str, sentence: str) -> None:
    """What somebody answered about a final report."""
    create_markdown_artifact(
        key=f"beslut-{grant_id}", markdown=_text(sentence), description="Beslut om slutrapporten"
    )


def sent(sentences: Sequence[str]) -> None:
    """What became of the letters that were to be sent."""
    create_markdown_artifact(
        key="brev", markdown=_list(sentences), description="Brev som har skickats"
    )


def _list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {_text(sentence)}" for sentence in sentences)


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    header = list(rows[0])
    lines = [header, ["---"] * len(header)]
    for row in rows:
        lines.append([_cell(str(row[name])) for name in header])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(words: str) -> str:
    return _text(words).replace("|", "\\|").replace("\n", " ")


def _text(words: str) -> str:
    """Words that may come from a board, so that nothing in them is markup."""
    for sign in "\\`*_[]<>#":
        words = words.replace(sign, f"\\{sign}")
    return words
