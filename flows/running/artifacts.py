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
from ..model.codes import RETURN_STATUS
from ..model.findings import Finding
from ..model.year import Deadline
from ..money.results import GrantResult
from ..year.overview import Standing, by_risk


@dataclass(frozen=True)
class Shelf:
    """Where the reports of an out folder can be read: at an address, or else as files."""

    out: Path
    address: str = ""

    def of(self, place: str) -> str:
        """The address of a file under the out folder."""
        return (
            f"{self.address.rstrip('/')}/{quote(place)}"
            if self.address
            else (self.out / place).absolute().as_uri()
        )

    def link(self, words: str, place: str) -> str:
        """The same, as Markdown; without an address the path to copy, since no browser follows a
        web page to a file."""
        return (
            f"[{_cell(words)}]({self.of(place)})"
            if self.address
            else f"{_cell(words)}: `{self.out / place}`"
        )


class Listener:
    """Hears how far a run has come: a bar that fills stage by stage, and sentences in the log of
    the flow run."""

    def __init__(self, stages: int) -> None:
        self._stages, self._done = stages, 0
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
        self._name, self._done = name, self._done + 1
        self.say(name)


def result(found: GrantResult, shelf: Shelf) -> None:
    """A grant's boards as a table, and the way to its report."""
    grant = found.grant
    kind = "Slutredovisning" if found.is_final else "Avstämning"
    create_table_artifact(
        key=f"lage-{grant.grant_id}",
        table=[
            {
                "Nämnd": board.name,
                "Redovisning": RETURN_STATUS[board.return_status],
                "Tilldelat": swedish.say(board.allocated_sek),
                "Använt": swedish.say(board.eligible_sek),
                "Väntas bli över": swedish.say(board.projected_unspent_sek),
                "Flagga": pages.WORDS[board.flag],
                "Att återbetala": swedish.say(board.liability_sek),
            }
            for board in sorted(found.tables.board, key=lambda board: swedish.order(board.name))
        ],
        description=f"{grant.name}. {kind} till och med {swedish.long_date(found.period_end)}",
    )
    create_link_artifact(
        key=f"rapport-{grant.grant_id}",
        link=shelf.of(f"{found.place}/aterrapport.html"),
        link_text=f"{kind} av {grant.short_name}",
        description=grant.name,
    )


def standings(
    found: Sequence[Standing], broken: Sequence[Finding], as_of: date, shelf: Shelf, repaired: str
) -> None:
    """Where every grant stands and what to do next, as on the page of all grants."""
    parts = [f"# Statsbidragen {swedish.long_date(as_of)}", shelf.link("Översikten", "index.html")]
    if repaired:
        parts.append(f"> {repaired}")
    parts += [f"> **{_text(finding.message)}** {_text(finding.remedy)}" for finding in broken]
    for standing in by_risk(found):
        grant, city = standing.grant, standing.city
        parts.append(f"## {_text(grant.name)}")
        facts = [f"Pengar i fara: **{swedish.kr(standing.at_risk_sek)}**"]
        if city:
            facts.append(
                f"använt {swedish.percent(standing.used_share)} när "
                f"{swedish.percent(standing.elapsed_share)} av tiden har gått, att återbetala "
                f"{swedish.kr(city.to_repay_sek)}"
            )
        parts.append(f"{', '.join(facts)}.")
        parts.append("\n".join(f"- {_text(step)}" for step in standing.steps))
        if standing.result:
            parts.append(shelf.link("Rapporten", f"{standing.result.place}/aterrapport.html"))
    create_markdown_artifact(
        key="oversikt",
        markdown="\n\n".join(filter(None, parts)),
        description="Läget för alla bidrag",
    )


def unspent(found: Sequence[Standing], as_of: date, shelf: Shelf) -> None:
    """The boards whose money may be left unspent."""
    rows = [
        {
            "Bidrag": standing.grant.short_name,
            "Nämnd": board.name,
            "Väntas bli över": swedish.say(board.projected_unspent_sek),
            "Flagga": pages.WORDS[board.flag],
        }
        for standing in by_risk(found)
        for board in standing.boards
        if board.flag in {"act", "watch"}
    ]
    heading = f"# Medel som riskerar att bli oanvända, {swedish.long_date(as_of)}"
    told = _table(rows) if rows else "Inga flaggor."
    create_markdown_artifact(
        key="medel-i-fara",
        markdown=f"{heading}\n\n{told}\n\n{shelf.link('Översikten', 'index.html')}",
        description="Nämnder att bevaka eller kontakta",
    )


def deadlines(found: Sequence[Deadline], letters: Sequence[str], as_of: date, shelf: Shelf) -> None:
    """The days that are left, and the reminders that were written."""
    rows = [
        {
            "Dag": d.on or d.words,
            "Bidrag": d.grant_name,
            "Vad": d.label,
            "Vem": d.owner,
            "Kvar": d.left,
        }
        for d in found
        if not d.is_closed
    ]
    written = "\n".join(f"- {_text(name)}" for name in letters) or "Inga nya brev."
    parts = [
        f"# Frister {swedish.long_date(as_of)}",
        _table(rows) if rows else "Inga öppna frister.",
        "## Nya påminnelser",
        written,
        shelf.link("Översikten", "index.html"),
    ]
    create_markdown_artifact(
        key="frister", markdown="\n\n".join(parts), description="Frister och påminnelser"
    )


def decision(grant_id: str, told: str) -> None:
    """What somebody answered about a final report."""
    create_markdown_artifact(
        key=f"beslut-{grant_id}", markdown=_text(told), description="Beslut om slutrapporten"
    )


def sent(sentences: Sequence[str]) -> None:
    """What became of the letters that were to be sent."""
    create_markdown_artifact(
        key="brev",
        markdown="\n".join(f"- {_text(one)}" for one in sentences),
        description="Brev som har skickats",
    )


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([_cell(str(row[name])) for name in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(words: str) -> str:
    return _text(words).replace("|", "\\|").replace("\n", " ")


def _text(words: str) -> str:
    """Words that may come from a board, so that nothing in them is markup."""
    for sign in "\\`*_[]<>#":
        words = words.replace(sign, f"\\{sign}")
    return words
