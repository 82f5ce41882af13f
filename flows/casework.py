"""What people decide about a final report: review, attest, return, file, and the entries of its repayment ledger.

Conducts without Prefect. Each decision is one change of the out folder: the log's new lines and the report as it now
stands, both or neither.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import (
    audit,
    deadlines,
    intake,
    ledger,
    ledger_report,
    overview,
    post,
    record,
    recount,
    report,
    rulebook,
    store,
    swedish,
    validation,
    warehouse,
)
from .audit import LOG, Log
from .children import Workshop
from .model import (
    NEXT_STEP,
    Deadline,
    Entry,
    Grant,
    GrantResult,
    InputError,
    Move,
    Reminder,
    ReportState,
    Review,
    Rulebook,
    Severity,
)

FILED, LEDGER = "inlamnad", "reskontra"
"""The folders of a grant under the out folder that hold what was filed, and its repayment ledger."""
_FINAL = "slutlig"


@dataclass(frozen=True)
class Desk:
    """Where a case lies, and the moment that the log gets for what is done."""

    data: Path
    returns: Path
    out: Path
    at: str


@dataclass(frozen=True)
class Step:
    """A step with a report: from which states it may be taken, and the words for it."""

    kind: str
    before: frozenset[ReportState]
    needs: str
    verb: str


_STEPS = {
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


# -- what a run leaves in the log ------------------------------------------------------------------------------------


def log_intake(log: Log, at: str, by: str, results: list[GrantResult], rules: Mapping[str, Any]) -> None:
    """The files that are new to the log, the returns that are held and the exceptions in force, each once."""
    for row in (row for result in results[:1] for row in result.tables["manifest"]):
        told = {"file": row["name"], "sha256": row["sha256"]}
        if row["sha256"] and not log.has("taken_in", **told):
            log.add("taken_in", at, by=by, **told, size=row["size_bytes"])
    for result in results:
        grant_id = result.grant.grant_id
        for row in result.tables["manifest"]:
            if row["outcome"] == "held":
                broken = sorted(
                    {f.rule for f in result.findings if f.file == row["name"] and f.severity == "blocking"} & set(rules)
                )
                told = {"file": row["name"], "sha256": row["sha256"], "board": row["board_id"], "rules": broken}
                if not log.has("held", **told):
                    log.add("held", at, by=by, grant=grant_id, **told)
        for waiver in result.grant.waivers:
            told = {"rule": waiver.rule_id, "board": waiver.board_id, "why": waiver.reason}
            told |= {"decided_by": waiver.decided_by, "decided_on": waiver.decided_on, "until_on": waiver.until_on}
            if not log.has("excepted", **told):
                log.add("excepted", at, by=by, grant=grant_id, **told)


def log_result(log: Log, at: str, by: str, result: GrantResult) -> GrantResult:
    """What a run found out about one grant; the result comes back with where its final report now stands."""
    grant_id = result.grant.grant_id
    figures = record.reconciliation(result)
    before = log.review(grant_id)
    log.add(
        "reconciled",
        at,
        by=by,
        grant=grant_id,
        period_end=result.period_end,
        as_of=result.as_of,
        is_final=result.is_final,
        figures_sha256=audit.figures_sha256(figures),
        inputs_sha256=audit.inputs_sha256(_inputs(result)),
        figures=audit.flat(figures),
    )
    if not result.is_final:
        return result
    review = log.review(grant_id)
    if before and review and review.state is ReportState.DRAFT:
        if review.version > before.version:
            log.add("corrected", at, by=by, grant=grant_id)
        elif before.state is not ReportState.DRAFT:
            log.add("fell_back", at, by=by, grant=grant_id)
    return replace(result, review=review)


_COUNTED_INPUTS = {"counted", "held", "superseded", "later_period", "unidentified"}


def _inputs(result: GrantResult) -> list[tuple[str, str]]:
    """The files that a grant's figures rest on: its returns, its own file and the register of boards."""
    returns = [(f["name"], f["sha256"]) for f in result.tables["manifest"] if f["outcome"] in _COUNTED_INPUTS]
    decided = [(name, sha256) for name, sha256, _ in result.data_files if name in {result.grant.file, "boards.toml"}]
    return returns + decided


def log_written(log: Log, at: str, by: str, grant_id: str, place: str, folder: Path) -> None:
    """What a folder that is to be published holds, file by file."""
    log.add("written", at, by=by, grant=grant_id, place=place, files=audit.digests(folder))


# -- decisions -------------------------------------------------------------------------------------------------------


def decide(desk: Desk, grant_id: str, kind: str, by: str, on: date, why: str | None) -> Review:
    """Take a step with a grant's final report: reviewed, attested, returned or filed.

    Raises InputError when the step can't be taken now, by this person, that day, or when anything that the figures
    rest on is not as it was.
    """
    step = _STEPS[kind]
    with store.Change(desk.out) as change:
        log = Log.read(desk.out / LOG)
        review = _review(log, grant_id)
        if review.state not in step.before:
            raise InputError(
                f"Rapporten om {grant_id} är {review.state}. Bara en rapport som är {step.needs} kan {step.verb}. "
                f"{NEXT_STEP[review.state]}."
            )
        _who(log, grant_id, review, kind, by)
        result, decided = as_it_was(desk, grant_id, log)
        _when(result, review, on)
        open_boards = [b["name"] for b in result.tables["board"] if b["return_status"] in {"held", "missing"}]
        if kind == "attested" and open_boards and not why:
            raise InputError(
                f"Beloppen för {swedish.listing(open_boards)} är inte avgjorda. "
                "Ange med --why varför rapporten ändå ska attesteras."
            )
        if kind == "returned" and not why:
            raise InputError("Ange med --why varför rapporten återlämnas.")
        figures = audit.flat(record.reconciliation(result))
        told = {"on": on, "why": why, "version": review.version} | ({} if kind == "returned" else {"figures": figures})
        log.add(kind, desk.at, by=by, grant=grant_id, **told)
        review = _review(log, grant_id)
        result = replace(result, review=review)
        _write_report(change, result, decided)
        log_written(log, desk.at, by, grant_id, result.place, change.current(result.place))
        if kind == "filed":
            _keep_filed(desk, change, log, by, result)
        _write_index(desk, change, log)
        _publish(change, log)
        return review


def standing(out: Path, grant_id: str) -> Review | None:
    """Where a grant's final report stands; None before its first final run."""
    return Log.read(out / LOG).review(grant_id)


def _review(log: Log, grant_id: str) -> Review:
    review = log.review(grant_id)
    if review is None:
        raise InputError(f"Det finns ingen slutrapport för {grant_id}. Kör statsbidrag run {grant_id} --final först.")
    return review


def _who(log: Log, grant_id: str, review: Review, kind: str, by: str) -> None:
    """Whoever ran, reviewed and attests are three people; names are compared, since nobody logs in."""
    if kind not in {"reviewed", "attested"}:
        return
    me = swedish.key(by)
    if not me:
        raise InputError("Ange med --by vem det är som beslutar.")
    if me in map(swedish.key, log.runners(grant_id)):
        raise InputError(f"{by} har själv kört rapporten. Någon annan behöver granska och attestera den.")
    if me in {swedish.key(act.by) for act in review.acts}:
        raise InputError(f"{by} har själv granskat rapporten. Någon annan behöver attestera den.")


def _when(result: GrantResult, review: Review, on: date) -> None:
    earliest = max([result.as_of, *(act.on for act in review.acts)])
    if on < earliest:
        raise InputError(
            f"{on} är före {earliest}, dagen för det förra steget eller för uppgifterna. Ange en senare dag med --on."
        )


def as_it_was(desk: Desk, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result, once it is certain that nothing it rests on has changed since it was run."""
    database = desk.out / warehouse.DATABASE
    again = f"Kör statsbidrag run {grant_id} --final igen"
    unsound = broken_database(desk.out, log) or broken_folder(desk.out, log, f"{grant_id}/{_FINAL}")
    if unsound:
        raise InputError(f"{unsound} {again}.")
    number = warehouse.latest_run(database, grant_id, is_final=True)
    if number is None:
        raise InputError(f"Databasen har ingen slutrapport för {grant_id}. {again}.")
    grant, decided = known(desk.data, grant_id, log)
    result = warehouse.result(database, grant, number)
    was = {name: sha256 for name, sha256, _ in result.data_files}
    now = {name: sha256 for name, sha256, _ in decided.files}
    for name in (grant.file, "boards.toml"):
        if was[name] != now[name]:
            raise InputError(f"{name} har ändrats sedan rapporten kördes. {again}.")
    changed = changed_originals(
        desk.returns,
        warehouse.run_files(database, number),
        result,
        warehouse.others_files(database, grant_id),
    )
    if changed:
        raise InputError(f"{changed} {again}.")
    return result, decided


def known(data: Path, grant_id: str, log: Log) -> tuple[Grant, Rulebook]:
    """A grant with its terms as of the day of its latest final run, and all that was decided then."""
    decided = rulebook.load(data, [grant_id], known_as_of(log, grant_id))
    return decided.grant(grant_id), decided


def known_as_of(log: Log, grant_id: str) -> date:
    """The as-of day of a grant's latest final run."""
    runs = [event for event in log.about(grant_id, "reconciled") if event.details["is_final"]]
    return date.fromisoformat(runs[-1].details["as_of"])


def lost_lines(out: Path, log: Log) -> str | None:
    """That the database knows of more runs than the log, so that the log or its end was taken away, as a sentence."""
    database = out / warehouse.DATABASE
    if database.exists() and warehouse.run_count(database) > sum(e.kind == "run" for e in log.events):
        return f"Händelseloggen {LOG} saknar körningar som databasen har. Lägg tillbaka den från en säkerhetskopia."
    return None


def broken_database(out: Path, log: Log) -> str | None:
    """The first table that is not as the log says that the latest run left it, as a sentence."""
    wanted = next((e.details["database"] for e in reversed(log.events) if e.kind == "run"), None)
    if wanted is None:
        return None
    if not (out / warehouse.DATABASE).exists():
        return f"Databasen {warehouse.DATABASE} fattas."
    found = warehouse.digests(out / warehouse.DATABASE)
    for table in sorted({*wanted, *found}):
        if wanted.get(table) != found.get(table):
            return f"Databasen {warehouse.DATABASE}: tabellen {table} är inte som den senaste körningen lämnade den."
    return None


def broken_folder(out: Path, log: Log, place: str) -> str | None:
    """The first file of a published folder that is not as the log says, as a sentence."""
    wanted = next(
        (e.details["files"] for e in reversed(log.events) if e.kind == "written" and e.details["place"] == place), None
    )
    if wanted is None:
        return None
    found = audit.digests(out / place)
    for name in sorted({*wanted, *found}):
        if name not in found:
            return f"Filen {place}/{name} fattas."
        if name not in wanted:
            return f"Filen {place}/{name} är inte skriven av programmet."
        if wanted[name] != found[name]:
            return f"Filen {place}/{name} har ändrats sedan den skrevs."
    return None


def changed_originals(
    returns: Path, read: list[tuple[str, str]], result: GrantResult, placed: set[tuple[str, str]]
) -> str | None:
    """The first return that has changed, gone or come since it was read, as a sentence; other grants' are left out.

    `placed` are the files that some run has found to be another grant's, by name and SHA-256.
    """
    others = {f["name"] for f in result.tables["manifest"] if f["outcome"] in {"other_grant", "skipped"}}
    wanted = dict(read)
    found = {name: sha256 for name, (_, sha256) in intake.fingerprints(returns).items()}
    for name in sorted({*wanted, *found} - others):
        if name not in found:
            return f"Redovisningen {name} fattas i {returns}."
        if name not in wanted and (name, found[name]) not in placed:
            return f"Filen {name} har kommit till i {returns} sedan rapporten kördes."
        if name in wanted and wanted[name] != found[name]:
            return f"Redovisningen {name} har ändrats sedan den lästes."
    return None


def _write_report(change: store.Change, result: GrantResult, decided: Rulebook) -> None:
    """The report as it now stands; the boards' own workbooks back are as they were."""
    before = change.current(result.place)
    folder = change.place(result.place)
    (folder / "boards").mkdir(parents=True)
    for workbook in sorted((before / "boards").glob("*.xlsx")):
        shutil.copyfile(workbook, folder / "boards" / workbook.name)
    report.render_grant(result, decided, folder)


def write_overview(
    database: Path, log: Log, decided: Rulebook, as_of: date, path: Path, fresh: Sequence[GrantResult] = ()
) -> None:
    """The page of all grants as of a day: each by its fresh result, else by its latest run in the database."""
    newest = {result.grant.grant_id: result for result in fresh}
    standings = [
        overview.Standing(
            grant, as_of, newest.get(grant.grant_id) or latest(database, grant), log.review(grant.grant_id)
        )
        for grant in decided.grants
    ]
    overview.render(standings, decided.broken, as_of, path)


def latest(database: Path, grant: Grant) -> GrantResult | None:
    """What the grant's latest run found, of either kind; None before the first."""
    numbers = [warehouse.latest_run(database, grant.grant_id, is_final=is_final) for is_final in (False, True)]
    number = max((n for n in numbers if n is not None), default=None)
    return None if number is None else warehouse.result(database, grant, number)


def standings(data: Path, out: Path, as_of: date) -> tuple[list[overview.Standing], Rulebook]:
    """Where every grant stands as of a day, the most money at risk first, and the decisions they were read from."""
    store.settle(out)
    decided = rulebook.load(data, (), as_of)
    log, database = Log.read(out / LOG), out / warehouse.DATABASE
    found = [
        overview.Standing(
            grant, as_of, latest(database, grant) if database.exists() else None, log.review(grant.grant_id)
        )
        for grant in decided.grants
    ]
    return overview.by_risk(found), decided


def _write_index(desk: Desk, change: store.Change, log: Log) -> None:
    database = desk.out / warehouse.DATABASE
    as_of = warehouse.last_as_of(database)
    write_overview(database, log, rulebook.load(desk.data, (), as_of), as_of, change.place("index.html"))


def _keep_filed(desk: Desk, change: store.Change, log: Log, by: str, result: GrantResult) -> None:
    """What was filed, with the returns behind it, in a folder that nothing writes in again."""
    assert result.review is not None
    grant_id = result.grant.grant_id
    place = f"{grant_id}/{FILED}/{result.review.version}"
    if (desk.out / place).exists():
        raise InputError(f"{place} finns redan men står inte i loggen. Lägg tillbaka loggen från en säkerhetskopia.")
    folder = change.place(place)
    shutil.copytree(change.current(result.place), folder)
    for name, (path, _) in originals(desk.returns, result).items():
        (folder / "underlag" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / "underlag" / name)
    log_written(log, desk.at, by, grant_id, place, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def originals(returns: Path, result: GrantResult) -> dict[str, tuple[Path, str]]:
    """The returns behind a result that may be kept and sent on: not one that holds a personal number."""
    personal = {f.file for f in result.findings if f.rule == "personnummer"}
    behind = {f["name"] for f in result.tables["manifest"] if f["outcome"] in _COUNTED_INPUTS - {"unidentified"}}
    return {name: found for name, found in intake.fingerprints(returns).items() if name in behind - personal}


def _publish(change: store.Change, log: Log) -> None:
    change.place(LOG).write_text(log.text, "utf-8")
    change.commit()


# -- the days --------------------------------------------------------------------------------------------------------

CALENDARS = "kalender"
"""The folder under the out folder that holds a calendar for each grant, and one for all."""


@dataclass(frozen=True)
class Watched:
    """What a look at the deadlines came to: all of them, the first day first, and the names of new letters."""

    deadlines: tuple[Deadline, ...]
    letters: tuple[str, ...]


def watch(desk: Desk, as_of: date, by: str) -> Watched:
    """Write the calendars and the page of all grants as of a day, and the reminders whose day has come."""
    found: list[Deadline] = []
    letters: list[post.Letter] = []
    with store.Change(desk.out) as change:
        log, database = Log.read(desk.out / LOG), desk.out / warehouse.DATABASE
        decided = rulebook.load(desk.data, (), as_of)
        before = {g: e.details["as_of"] for e in log.events if e.kind == "watched" for g in e.details["grants"]}
        folder = change.place(CALENDARS)
        folder.mkdir()
        for grant in decided.grants:
            result = latest(database, grant) if database.exists() else None
            review = log.review(grant.grant_id)
            since = date.fromisoformat(before[grant.grant_id]) if grant.grant_id in before else None
            mine = deadlines.of(grant, as_of, result, review)
            (folder / f"{grant.grant_id}.ics").write_bytes(deadlines.calendar(mine, grant.short_name))
            found += mine
            letters += map(_reminding(result), deadlines.reminders(decided, grant, as_of, result, review, since))
        found.sort(key=lambda d: (d.on or date.max, d.grant_id))
        (folder / "alla.ics").write_bytes(deadlines.calendar(found, "Statsbidrag"))
        if database.exists() and log.events:
            write_overview(database, log, decided, as_of, change.place("index.html"))
        # Before the log says that they are made; a letter that lies there already is not made again.
        made = post.put(desk.out, letters)
        log.add(
            "watched", desk.at, by=by, flow="deadline_watch", as_of=as_of, grants=[g.grant_id for g in decided.grants]
        )
        _publish(change, log)
    return Watched(tuple(found), made)


def _reminding(result: GrantResult | None) -> Callable[[Reminder], post.Letter]:
    """How a reminder becomes a letter to whom the board has named, if it has named anybody."""
    senders = result.tables["sender"] if result else ()
    named = {s["board_id"]: s["email"] for s in senders if s["is_own"]}

    def letter(reminder: Reminder) -> post.Letter:
        place = f"{reminder.deadline.grant_id} {reminder.board_id}"
        to = named.get(reminder.board_id)
        return post.letter("paminnelse", place, reminder.reminder_id, to, reminder.subject, reminder.text)

    return letter


# -- the ledger ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ledger:
    """A grant's repayment ledger as of a day: its tables, and what its accounts are called."""

    tables: Mapping[str, Any]
    names: Mapping[str | None, str]
    state: ReportState


def enter(desk: Desk, grant_id: str, entry: Entry, as_of: date) -> Ledger:
    """Put a claim, a payment or a relief in a filed report's ledger; the ledger as of a day comes back.

    Raises InputError when nothing has been filed yet, when the entry can't be, or when it is there already: whoever saw
    the program break off may give the same command again.
    """
    kind = {"claim": "claimed", "relief": "relieved"}.get(entry.kind, "paid")
    with store.Change(desk.out) as change:
        log = Log.read(desk.out / LOG)
        _filed(log, grant_id)
        if entry in log.entries(grant_id):
            raise InputError(f"Samma post finns redan: {swedish.kr(entry.amount_sek)}, {entry.reference}, {entry.on}.")
        grant, decided = known(desk.data, grant_id, log)
        boards = {b for b, _ in grant.allocations_on(as_of)}
        if entry.board_id and entry.board_id not in boards:
            raise InputError(
                f"{entry.board_id} har inga medel i {grant_id}. Välj bland {swedish.listing(sorted(boards))}."
            )
        if any(_is_same(entry, other) for other in log.entries(grant_id)):
            raise InputError(
                f"{swedish.kr(entry.amount_sek)} den {entry.on} med märkningen {entry.reference} är redan bokfört. "
                "Ange en annan --ref om det är en till."
            )
        log.add(
            kind,
            desk.at,
            by=entry.by,
            grant=grant_id,
            entry=entry.kind,
            board_id=entry.board_id,
            amount=swedish.kr(entry.amount_sek),
            amount_sek=f"{entry.amount_sek:.2f}",
            on=entry.on,
            reference=entry.reference,
            ground=entry.ground,
            due_on=entry.due_on,
            why=entry.why,
        )
        tables = _write_ledger(desk, change, log, grant, decided, as_of)
        _note_settlement(desk, change, log, grant, decided, tables, entry)
        log_written(log, desk.at, entry.by, grant_id, f"{grant_id}/{LEDGER}", change.current(f"{grant_id}/{LEDGER}"))
        _publish(change, log)
        return Ledger(tables, _accounts(grant, decided), _review(log, grant_id).state)


def _is_same(entry: Entry, other: Entry) -> bool:
    return other == replace(entry, by=other.by, due_on=other.due_on, why=other.why)


def read_ledger(data: Path, out: Path, grant_id: str, as_of: date) -> Ledger:
    """A grant's ledger as of a day; nothing is written. Raises InputError when nothing has been filed."""
    with store.reading(out):
        log = Log.read(out / LOG)
        _filed(log, grant_id)
        grant, decided = known(data, grant_id, log)
        filed = filed_figures(out, log, grant_id)
    tables = ledger.reckon(grant, filed, log.entries(grant_id), decided.reference_rates, as_of)
    return Ledger(tables, _accounts(grant, decided), _review(log, grant_id).state)


def _accounts(grant: Grant, decided: Rulebook) -> Mapping[str | None, str]:
    return {None: grant.grantor_short} | {board.board_id: board.name for board in decided.boards}


def _filed(log: Log, grant_id: str) -> None:
    if not log.about(grant_id, "filed"):
        raise InputError(f"Rapporten om {grant_id} är inte inlämnad, så det finns ingen återbetalning att bokföra.")


def filed_figures(out: Path, log: Log, grant_id: str) -> dict[str, Any]:
    """The reconciliation.json that was filed last."""
    version = log.about(grant_id, "filed")[-1].details["version"]
    place = f"{grant_id}/{FILED}/{version}"
    unsound = broken_folder(out, log, place)
    if unsound:
        raise InputError(f"{unsound} Lägg tillbaka {place} från en säkerhetskopia.")
    found: dict[str, Any] = json.loads((out / place / "reconciliation.json").read_text("utf-8"))
    return found


def _write_ledger(
    desk: Desk, change: store.Change, log: Log, grant: Grant, decided: Rulebook, as_of: date
) -> Mapping[str, Any]:
    filed = filed_figures(desk.out, log, grant.grant_id)
    tables = ledger.reckon(grant, filed, log.entries(grant.grant_id), decided.reference_rates, as_of)
    folder = change.place(f"{grant.grant_id}/{LEDGER}")
    folder.mkdir(parents=True)
    ledger_report.render(grant, tables, as_of, decided, folder)
    return tables


def _note_settlement(
    desk: Desk,
    change: store.Change,
    log: Log,
    grant: Grant,
    decided: Rulebook,
    tables: Mapping[str, Any],
    entry: Entry,
) -> None:
    """The report is repaid when nothing remains with the agency, and no longer is when a new claim comes."""
    grant_id = grant.grant_id
    review = _review(log, grant_id)
    city = next(row for row in tables["account"] if row["board_id"] is None)
    is_settled = (
        city["remaining_sek"] <= 0
        and city["interest_remaining_sek"] <= 0
        and not tables["boards"][0]["undetermined_count"]
    )
    if review.state is ReportState.FILED and is_settled:
        log.add("repaid", desk.at, by=entry.by, grant=grant_id, on=entry.on)
    elif review.state is ReportState.REPAID and not is_settled:
        log.add("reopened", desk.at, by=entry.by, grant=grant_id, on=entry.on)
    else:
        return
    number = warehouse.latest_run(desk.out / warehouse.DATABASE, grant_id, is_final=True)
    assert number is not None
    result = warehouse.result(desk.out / warehouse.DATABASE, grant, number)
    result = replace(result, review=_review(log, grant_id))
    _write_report(change, result, decided)
    log_written(log, desk.at, entry.by, grant_id, result.place, change.current(result.place))
    _write_index(desk, change, log)


# -- a new version of a return ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """What would change if the returns as they are now were run: since which run, figures, lines and senders."""

    grant: Grant
    since: date
    moved: tuple[Move, ...]
    lines: list[dict[str, Any]]
    senders: list[dict[str, Any]]
    names: Mapping[str, str]
    has_blocking: bool


def compare(desk: Desk, grant_id: str, as_of: date, *, is_final: bool, workshop: Workshop) -> Comparison:
    """Read, validate and reconcile as a run would, in a copy that is thrown away, and set it beside the latest run.

    Raises InputError when the grant has not been run in that way yet.
    """
    store.settle(desk.out)
    database = desk.out / warehouse.DATABASE
    before = warehouse.latest_run(database, grant_id, is_final=is_final) if database.exists() else None
    if before is None:
        flag = " --final" if is_final else ""
        raise InputError(f"Det finns inget att jämföra med. Kör statsbidrag run {grant_id}{flag} först.")
    decided = rulebook.load(desk.data, [grant_id], as_of)
    plan, _ = rulebook.plan(decided, [grant_id], as_of, is_final=is_final)
    read = intake.Intake.of(desk.returns, workshop.readers).returns()
    returns = [rulebook.identify(returned, decided) for _, returned in read]
    recounts = recount.totals(((path, returned) for path, returned in read), workshop.readers)
    told = validation.validate_apart(returns, decided, plan, workshop.validator)
    findings = [*decided.broken, *rulebook.waive(told, decided, as_of)]
    with TemporaryDirectory() as folder:
        copy = Path(folder) / warehouse.DATABASE
        shutil.copyfile(database, copy)
        (after,) = warehouse.reconcile(copy, decided, plan, returns, findings, recounts)
        number = warehouse.latest_run(copy, grant_id, is_final=is_final)
        assert number is not None
        changes = warehouse.changes(copy, grant_id, before, number)
    earlier = warehouse.result(database, decided.grant(grant_id), before)
    return Comparison(
        grant=decided.grant(grant_id),
        since=earlier.as_of,
        moved=tuple(audit.moved(*(audit.flat(record.reconciliation(result)) for result in (earlier, after)))),
        lines=changes["line_change"],
        senders=changes["sender_change"],
        names={b["board_id"]: b["name"] for b in (*earlier.tables["board"], *after.tables["board"])},
        has_blocking=any(f.severity is Severity.BLOCKING for f in after.findings),
    )


# -- the paper -------------------------------------------------------------------------------------------------------


def paper(data: Path, out: Path, grant_ids: list[str]) -> bytes:
    """A draft tjänsteutlåtande on the latest final reports of some grants, as a Word file."""
    log = Log.read(out / LOG)
    results = []
    for grant_id in grant_ids:
        review = _review(log, grant_id)
        grant, decided = known(data, grant_id, log)
        number = warehouse.latest_run(out / warehouse.DATABASE, grant_id, is_final=True)
        assert number is not None
        results.append(replace(warehouse.result(out / warehouse.DATABASE, grant, number), review=review))
    return report.paper(results, decided)
