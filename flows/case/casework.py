"""What people decide about a final report or an interim one: review, attest, return and file.

Conducts without Prefect. Each decision is one change of the out folder: the log's new lines and the
report as it now stands, both or neither.
"""

import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..base import name_lists, places, program, swedish, tree
from ..base.errors import InputError
from ..decisions import data_folder, data_names
from ..documents import record, report
from ..model import fingerprints
from ..model.case import Actor, ReportState, Review, next_step
from ..model.codes import Outcome, ReturnStatus
from ..model.findings import Severity
from ..model.rulebook import Rulebook
from ..money import earlier_runs
from ..money.results import GrantResult
from ..year import correspondence, deadlines, outbox, overview_page
from . import casefile, intact, people, state_of_grants, store
from .audit_log import LOG, Log
from .casefile import Occasion


@dataclass(frozen=True)
class Step:
    """A step with a report: from which states it may be taken, and the words for it."""

    kind: str
    before: frozenset[ReportState]
    needs: str
    verb: str


STEPS = {
    step.kind: step
    for step in (
        Step("reviewed", frozenset({ReportState.DRAFT}), "ett utkast", "granskas"),
        Step("attested", frozenset({ReportState.REVIEWED}), "granskad", "attesteras"),
        Step(
            "returned",
            frozenset({ReportState.REVIEWED, ReportState.ATTESTED}),
            "granskad eller attesterad",
            "återlämnas",
        ),
        Step("filed", frozenset({ReportState.ATTESTED}), "attesterad", "lämnas in"),
    )
}
"""What can be done with a report, by the kind of event that it becomes."""


# -- what a run leaves in the log ------------------------------------------------------------------


def log_intake(
    log: Log, at: str, by: str, results: Sequence[GrantResult], rules: Mapping[str, Any]
) -> None:
    """The files that are new to the log, the returns that are held and the exceptions in force,
    each once."""
    for row in (row for result in results[:1] for row in result.tables.manifest):
        details: dict[str, Any] = {"file": row.name, "sha256": row.sha256}
        if row.sha256 and not log.has("taken_in", **details):
            log.add("taken_in", at, by=by, **details, size=row.size_bytes)
    for result in results:
        grant_id = result.grant.grant_id
        for row in result.tables.manifest:
            if row.outcome is Outcome.HELD:
                broken = sorted(
                    {
                        f.rule
                        for f in result.findings
                        if f.file == row.name and f.severity is Severity.BLOCKING
                    }
                    & set(rules)
                )
                details = {
                    "file": row.name,
                    "sha256": row.sha256,
                    "board": row.board_id,
                    "rules": broken,
                }
                if not log.has("held", **details):
                    log.add("held", at, by=by, grant=grant_id, **details)
        for waiver in result.grant.waivers:
            details = {"rule": waiver.rule_id, "board": waiver.board_id, "why": waiver.reason}
            details |= {
                "decided_by": waiver.decided_by,
                "decided_on": waiver.decided_on,
                "until_on": waiver.until_on,
            }
            if not log.has("excepted", **details):
                log.add("excepted", at, by=by, grant=grant_id, **details)


def log_result(
    log: Log, at: str, by: str, result: GrantResult, rules: program.Rules
) -> GrantResult:
    """What a run found out about one grant, and by which rules.

    The result comes back with where its final or interim report now stands.
    """
    grant_id = result.grant.grant_id
    figures = record.reconciliation(result)
    of_report: dict[str, Any] = {"report": result.report_id} if result.report else {}
    before = log.review(grant_id, report_id=result.report_id)
    log.add(
        "reconciled",
        at,
        by=by,
        grant=grant_id,
        period_end=result.period_end,
        as_of=result.as_of,
        is_final=result.is_final,
        figures_sha256=fingerprints.figures_sha256(figures),
        inputs_sha256=fingerprints.inputs_sha256(_inputs(result)),
        figures=fingerprints.flat(figures),
        **rules.details(),
        **of_report,
    )
    if not result.is_decided_on:
        return result
    review = log.review(grant_id, report_id=result.report_id)
    if before and review and review.state is ReportState.DRAFT:
        was, is_now = ((r.figures_sha256, r.inputs_sha256) for r in (before, review))
        if review.version > before.version:
            log.add("corrected", at, by=by, grant=grant_id, **of_report)
        elif before.state is not ReportState.DRAFT:
            kind = "rules_changed" if was == is_now else "fell_back"
            log.add(kind, at, by=by, grant=grant_id, **of_report)
    return replace(result, review=review)


def _inputs(result: GrantResult) -> list[tuple[str, str]]:
    """The files that a grant's report rests on: its returns, and those of the data folder."""
    wanted = casefile.rests_on(result)
    returns = [(f.name, f.sha256) for f in result.tables.manifest if f.outcome in wanted]
    grant, read = result.grant, [name for name, _, _ in result.data_files]
    own = data_names.rested_on(grant.file, grant.report.report_id, read)
    decided = [(name, sha256) for name, sha256, _ in result.data_files if name in own]
    return returns + decided


def log_written(log: Log, at: str, by: str, grant_id: str | None, place: str, folder: Path) -> None:
    """What a folder that is to be published holds, file by file, unless that is what the log says
    of it already."""
    files = tree.digests(folder)
    if log.written().get(place) != files:
        log.add("written", at, by=by, grant=grant_id, place=place, files=files)


def log_placed(log: Log, at: str, by: str, file: str, path: Path) -> None:
    """What a file that is to be published alone holds, unless that is what the log says of it
    already."""
    sha256 = tree.sha256(path)
    if log.placed().get(file) != sha256:
        log.add("placed", at, by=by, file=file, sha256=sha256)


def put_letters(
    change: store.Change, log: Log, at: str, by: str, letters: Iterable[correspondence.Letter]
) -> tuple[str, ...]:
    """Letters into the outbox, with the change that they are part of; the names of those that are
    new come back.

    Raises InputError when the outbox can't be written in.
    """
    putting = outbox.to_put(change.out, letters)
    for name, draft in putting.drafts.items():
        change.place(f"{outbox.OUTBOX}/{name}").write_bytes(draft)
    for name in putting.replaced:
        change.remove(f"{outbox.OUTBOX}/{name}")
    if putting.drafts:
        files = {name: hashlib.sha256(draft).hexdigest() for name, draft in putting.drafts.items()}
        log.add(
            "drafted", at, by=by, count=len(files), files=files, replaced=list(putting.replaced)
        )
    return tuple(putting.drafts)


# -- decisions -------------------------------------------------------------------------------------


def decide(
    occasion: Occasion,
    grant_id: str,
    kind: str,
    by: str,
    on: date,
    why: str | None,
    report_id: str | None = None,
) -> Review:
    """Take a step with a grant's final report, or an interim one: reviewed, attested, returned or
    filed.

    Raises InputError when the step can't be taken now, by this person, that day, or when anything
    that the figures rest on is not as it was.
    """
    by, step = people.named(by), STEPS[kind]
    people.must_point_out_nobody("Skälet", why)
    casefile.must_have_come(occasion, on)
    with store.Change(occasion.out) as change:
        log = casefile.log_of(change, occasion.at, by, occasion.login)
        review = casefile.review_of(log, grant_id, report_id)
        if review.state not in step.before:
            what = "Rapporten" if report_id is None else f"Delrapporten {report_id}"
            raise InputError(
                f"{what} om {grant_id} är {review.state}. Bara en rapport som är {step.needs} kan "
                f"{step.verb}. {next_step(review.state, grant_id, report_id)}"
            )
        _must_be_another(review, kind, Actor(by, occasion.login))
        other_rules = intact.other_rules(log, grant_id, report_id)
        if other_rules and kind != "returned":
            raise InputError(other_rules)
        result, decided = intact.as_it_was(occasion, grant_id, log, report_id)
        _must_come_after(result, review, on)
        open_boards = [
            b.name
            for b in result.tables.board
            if b.return_status in {ReturnStatus.HELD, ReturnStatus.MISSING}
        ]
        if kind == "attested" and open_boards and not why:
            names = name_lists.some_of(sorted(open_boards, key=swedish.order))
            raise InputError(
                f"Beloppen för {names} är inte avgjorda. Ange med --why varför rapporten ändå ska "
                "attesteras."
            )
        if kind == "attested" and not result.tables.board and not why:
            raise InputError(
                f"Ingen {result.grant.level.words.one} har redovisat. Ange med --why varför "
                "rapporten ändå ska attesteras."
            )
        if kind == "returned" and not why:
            raise InputError("Ange med --why varför rapporten återlämnas.")
        figures = fingerprints.flat(record.reconciliation(result))
        details = {"on": on, "why": why, "version": review.version} | (
            {} if kind == "returned" else {"figures": figures}
        )
        if report_id is not None:
            details["report"] = report_id
        log.add(kind, occasion.at, by=by, grant=grant_id, **details)
        review = casefile.review_of(log, grant_id, report_id)
        result = replace(result, review=review)
        write_report(occasion, change, log, by, result, decided)
        if kind == "filed":
            _keep_filed(occasion, change, log, by, result)
        publish(change, log)
        return review


def _must_be_another(review: Review, kind: str, actor: Actor) -> None:
    """Whoever ran, reviewed and attests are three people: by their logins, or as far as their names
    can tell."""
    if kind not in {"reviewed", "attested"}:
        return
    for others, done, ahead in (
        (review.runners, "kört", "granska och attestera"),
        ([act.actor for act in review.acts], "granskat", "attestera"),
    ):
        other = next((other for other in others if people.is_same(actor, other)), None)
        if other is not None:
            taken = ""
            if actor.name != other.name and not (actor.login and other.login):
                taken = (
                    f" Namnet kan inte skiljas från {other.name}. Är det två: skriv hela namnen."
                )
            raise InputError(
                f"{actor.name} har själv {done} rapporten. Någon annan behöver {ahead} den.{taken}"
            )


def _must_come_after(result: GrantResult, review: Review, on: date) -> None:
    earliest = max([result.as_of, *(act.on for act in review.acts)])
    if on < earliest:
        raise InputError(
            f"{on} är före {earliest}, dagen för det förra steget eller för uppgifterna. Ange en "
            "senare dag med --on."
        )


def _keep_filed(
    occasion: Occasion, change: store.Change, log: Log, by: str, result: GrantResult
) -> None:
    """What was filed, with the returns and the rules behind it, in a folder that nothing writes in
    again."""
    assert result.review is not None
    grant_id = result.grant.grant_id
    place = f"{grant_id}/{places.filed_folder(result.review.version, result.report_id)}"
    if (occasion.out / place).exists():
        raise InputError(
            f"{place} finns redan men står inte i loggen. Lägg tillbaka loggen från en "
            "säkerhetskopia."
        )
    folder = change.place(place)
    shutil.copytree(change.current(result.place), folder)
    for name, (path, _) in intact.originals(occasion.returns, result).items():
        (folder / "underlag" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / "underlag" / name)
    (folder / casefile.RULES).write_bytes(program.kept())
    log_written(log, occasion.at, by, grant_id, place, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


# -- what a decision publishes ---------------------------------------------------------------------


def write_report(
    occasion: Occasion,
    change: store.Change,
    log: Log,
    by: str,
    result: GrantResult,
    decided: Rulebook,
) -> None:
    """The report and the page of all grants as they now stand; the boards' own workbooks back are
    as they were."""
    before = change.current(result.place)
    folder = change.place(result.place)
    (folder / "boards").mkdir(parents=True)
    for workbook in sorted((before / "boards").glob("*.xlsx")):
        shutil.copyfile(workbook, folder / "boards" / workbook.name)
    report.render_grant(result, decided, deadlines.return_days(decided, result), folder)
    log_written(log, occasion.at, by, result.grant.grant_id, result.place, folder)
    database = occasion.out / earlier_runs.DATABASE
    as_of = earlier_runs.last_as_of(database)
    everything = data_folder.load(occasion.data, (), as_of)
    standings = state_of_grants.standings(occasion.out, database, log, everything, as_of)
    index = change.place(casefile.INDEX)
    overview_page.render(standings, everything, as_of, index)
    log_placed(log, occasion.at, by, casefile.INDEX, index)


def publish(change: store.Change, log: Log) -> None:
    """The change is made, with the log's new lines."""
    change.place(LOG).write_text(log.text, "utf-8")
    change.commit()
