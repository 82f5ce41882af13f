"""What an auditor asks for: a walk through log, database, rules and files that names what doesn't
hold."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ..base import places, program, swedish, tree
from ..base.errors import InputError
from ..model import fingerprints
from ..model.case import Event
from ..model.log_lines import BrokenLogError
from ..money import earlier_runs
from ..returns import inbox
from ..year import outbox
from . import as_written, casefile, intact
from .audit_log import LOG, Log
from .strangers import (
    NOT_LOOKED_AT,
    alone,
    old_calendars,
    placed_files,
    strangers,
    topmost,
)


@dataclass(frozen=True)
class Verdict:
    """What a walk came to, in sentences."""

    faults: tuple[str, ...]
    """Each thing that doesn't hold; none: all does."""
    summary: str
    """What has been looked at; empty where something doesn't hold."""
    notes: tuple[str, ...]
    """What is no fault, but should be known."""
    last: str
    """The last event of the log, and its hash, which somebody should keep where others can't reach
    it."""


def verify(returns: Path, out: Path, hashes: Sequence[str] = ()) -> Verdict:
    """Walk log, database, rules, published files, letters and returns.

    `hashes` are hashes of the log that somebody has kept: each must be that of one of its lines. A
    broken log ends the walk, since the rest is judged by it. Raises InputError when there is no log
    to walk by.
    """
    try:
        log = Log.read(out / LOG)
    except BrokenLogError as error:
        return Verdict((str(error),), "", (), _last(error.last, "Den sista händelsen före felet"))
    faults = [*_database(out, log), *_missing_hashes(log, hashes)]
    if not log.events and not faults:
        raise InputError(f"Det finns ingen händelselogg i {out}. Kör statsbidrag run först.")
    folders = old_calendars(log) | log.written()
    for place, wanted in folders.items():
        faults += as_written.faults_in(out, place, wanted)
    faults += alone(out, log)
    faults += _letters(out, log)
    faults += strangers(out, log)
    faults += _misprints(out, log)
    faults += _other_logs(out, log)
    faults += _other_rules(out, log)
    faults += _originals(returns, out, log)
    last = log.events[-1] if log.events else None
    return Verdict(
        faults=tuple(dict.fromkeys(faults)),
        summary="" if faults else _summary(out, log),
        notes=tuple(_notes(out, log)),
        last=_last(last, "Sista händelsen"),
    )


def _last(event: Event | None, words: str) -> str:
    if event is None:
        return f"{words}: ingen."
    moment = swedish.to_the_minute(event.recorded_at)
    return (
        f"{words}: nr {event.number}, {moment}, hash {event.sha256}. Spara den där ingen kommer åt "
        "den, och pröva med verify --hash nästa gång."
    )


def _missing_hashes(log: Log, hashes: Sequence[str]) -> Iterator[str]:
    """A hash that was kept must be that of a line, or what came before it is no longer there."""
    known = {event.sha256 for event in log.events}
    for sha256 in hashes:
        if sha256 not in known:
            yield (
                f"Loggen har ingen händelse med hashen {sha256}. Slutet av den är borta, mappen är "
                "en äldre säkerhetskopia, eller så är loggen gjord på nytt."
            )


def _database(out: Path, log: Log) -> Iterator[str]:
    for name in (earlier_runs.DATABASE, LOG):
        if tree.kind(out / name) in {"link", "other", "folder"}:
            yield f"{name} är ingen vanlig fil, utan en länk eller något annat."
    try:
        broken = casefile.lost_lines(out, log) or intact.broken_database(out, log)
    except InputError as error:  # a database that can't be read
        broken = str(error)
    if broken:
        yield broken


# -- letters ---------------------------------------------------------------------------------------


def _letters(out: Path, log: Log) -> Iterator[str]:
    """Every letter must be the draft that was made, in one of the folders; what went out must come
    from the draft.

    Letters may move while this looks, since sending is no change of the folder: always onwards, so
    they are looked for in that order, and missed only when they are nowhere.
    """
    drafts, replaced = log.letters()
    known = _old_letters(log) | drafts
    seen: set[str] = set()
    for box in outbox.BOXES:
        if tree.kind(out / box) not in {None, "folder"}:
            yield f"{box} är ingen mapp, utan en länk eller något annat."
            continue
        for name, what in tree.look(out / box).items():
            seen.add(name)
            if name not in known:
                if log.inventory() is not None and not _is_half_sent(box, name, known):
                    yield f"{box}/{name} finns men står inte i loggen."
            elif what != "file":
                yield f"{box}/{name} är ingen vanlig fil."
            elif not _is_as_made(out / box / name, known[name], is_sent=box == outbox.SENT):
                yield f"Brevet {box}/{name} har ändrats sedan det skrevs."
    for name in sorted(known.keys() - seen - replaced):
        if not any((out / box / name).exists() for box in outbox.BOXES):
            yield (
                f"Brevet {name} fattas: det ligger varken i {outbox.OUTBOX}, {outbox.UNCERTAIN} "
                f"eller {outbox.SENT}."
            )
    for name in sorted(known.keys() & seen):
        yield from _letter_twice(out, name)


def _old_letters(log: Log) -> dict[str, str]:
    """The SHA-256 of each letter that lay there before letters were logged, by its name."""
    letters: dict[str, str] = {}
    for place, sha256 in (log.inventory() or {}).items():
        box, _, name = place.partition("/")
        if box in outbox.BOXES:
            letters[name] = sha256
    return letters


def _is_half_sent(box: str, name: str, known: Mapping[str, str]) -> bool:
    """Whether a file is what the sending of a letter left behind when it was cut off."""
    return box == outbox.SENT and outbox.leftover_of(name) in known


def _letter_twice(out: Path, name: str) -> Iterator[str]:
    """A sentence for each pair of folders that a letter lies in at the same time."""
    for first, then in combinations(outbox.BOXES, 2):
        # The later folder is looked in before and after: one that only moves on is never in both.
        if all((out / box / name).exists() for box in (then, first, then)):
            yield (
                f"Brevet {name} ligger både i {first} och i {then}, så det kan skickas två gånger."
            )


def _is_as_made(path: Path, sha256: str, *, is_sent: bool) -> bool:
    """Whether a letter is the draft that was made, or, once it is sent, comes from it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return True  # it has moved on
    if fingerprints.sha256(content) == sha256:
        return True
    return is_sent and fingerprints.sha256(outbox.draft_of(content)) == sha256


# -- what was printed, packed and run --------------------------------------------------------------


def _misprints(out: Path, log: Log) -> Iterator[str]:
    """What reports print of who has attested them, and of the log then, must be what the log
    tells."""
    for grant_id in _grants(log.events):
        for report_id in (None, *log.interim_reports(grant_id)):
            now = log.review(grant_id, report_id=report_id)
            if now:
                yield from intact.misprinted(out, casefile.place_of(grant_id, report_id), now)
            for filed in log.about(grant_id, "filed", report_id=report_id):
                then = log.review(grant_id, until=filed.number, report_id=report_id)
                if then:
                    place = f"{grant_id}/{places.filed_folder(then.version, report_id)}"
                    yield from intact.misprinted(out, place, then)


def _grants(events: Iterable[Event]) -> list[str]:
    """The grants that some events are about, each once, in the order that they come."""
    grants = [event.grant_id for event in events]
    return list(dict.fromkeys(grant_id for grant_id in grants if grant_id))


def _other_logs(out: Path, log: Log) -> Iterator[str]:
    """The log that lies in a package must be the beginning of this one."""
    text = log.text.encode("utf-8", "surrogateescape")
    packages = {event.details["file"] for event in log.events if event.kind == "packaged"}
    for place in sorted(packages):
        try:
            with zipfile.ZipFile(out / place) as package, package.open(LOG) as kept:
                theirs = kept.read(len(text) + 1)
        except (OSError, zipfile.BadZipFile, KeyError, NotImplementedError):
            continue  # that it is gone or altered is told already
        if text.startswith(theirs):
            continue
        yield (
            f"Loggen i paketet {place} skiljer sig från {LOG} på rad "
            f"{_first_other_line(theirs, text)}. En av dem är gjord på nytt."
        )


def _first_other_line(theirs: bytes, ours: bytes) -> int:
    """The number of the first line that differs between two logs, of which neither begins the
    other."""
    lines = enumerate(zip(theirs.split(b"\n"), ours.split(b"\n"), strict=False), 1)
    return next(number for number, (their_line, our_line) in lines if their_line != our_line)


def _latest_runs(log: Log) -> Iterator[Event]:
    """The latest run of each grant in a quarter, its latest final one, and that of each of its
    interim reports."""
    for grant_id in _grants(event for event in log.events if event.kind == "reconciled"):
        for is_final in (False, True):
            yield from casefile.runs(log, grant_id, is_final=is_final)[-1:]
        for report_id in log.interim_reports(grant_id):
            yield from casefile.report_runs(log, grant_id, report_id)[-1:]


def _other_rules(out: Path, log: Log) -> Iterator[str]:
    """The program's rules may not change without its version."""
    now = program.now()
    changed: dict[str, list[str]] = {}
    for run in _latest_runs(log):
        was = program.rules_told(run.details)
        if was is None or was.version != now.version or was == now:
            continue
        differing = _changed_files(out, log, run, was)
        if not differing:
            rooms = [room for room in now.rooms if now.rooms[room] != was.rooms.get(room)]
            differing = [f"något i {room}/" for room in rooms]
        changed.setdefault(swedish.listing(differing), []).append(_called(run))
    for what, runs in changed.items():
        ran = swedish.listing(dict.fromkeys(runs))
        yield (
            f"Programmets regler är inte de som gällde när {ran} kördes, fast versionen är "
            f"densamma, {now.version}. Det som skiljer: {what}. Lägg tillbaka dem, eller kör igen."
        )


def _called(run: Event) -> str:
    called = f"{run.grant_id} {run.details['period_end']}"
    report_id = run.details.get("report")
    return called if report_id is None else f"{called} (delrapporten {report_id})"


def _changed_files(out: Path, log: Log, run: Event, was: program.Rules) -> list[str]:
    """Which files of the program differ from a run's, where its rules were kept; else nothing."""
    for place, files in log.written().items():
        if not place.startswith(f"{run.grant_id}/") or casefile.RULES not in files:
            continue
        if as_written.broken_folder(out, log, place):
            continue
        parts = program.unpacked((out / place / casefile.RULES).read_bytes())
        if program.rules(parts, was.version) == was:
            return program.differing(parts, program.parts())
    return []


def _originals(returns: Path, out: Path, log: Log) -> Iterator[str]:
    """Every file ever taken in must still be what it was, in the returns folder or beside a report
    that was filed."""
    still_there = _kept_with_reports(out, log)
    now: dict[str, str] = {}
    if returns.is_dir():
        now = {name: sha256 for name, (_, sha256) in inbox.fingerprints(returns).items()}
        still_there |= set(now.values())
    for name, sha256 in _taken_in(log).items():
        if sha256 not in still_there:
            what = "har ändrats sedan den lästes" if name in now else f"fattas i {returns}"
            yield f"Redovisningen {name} {what}."


def _kept_with_reports(out: Path, log: Log) -> set[str]:
    """The SHA-256 of every return that lies beside a report that was filed."""
    kept: set[str] = set()
    for place, files in log.written().items():
        if f"/{casefile.FILED}/" not in place:
            continue
        for name, sha256 in files.items():
            if name.startswith("underlag/") and (out / place / name).is_file():
                kept.add(sha256)
    return kept


def _taken_in(log: Log) -> dict[str, str]:
    """The SHA-256 of every file that was taken in, as it was the last time, by its name."""
    taken_in = [event.details for event in log.events if event.kind == "taken_in"]
    return {details["file"]: details["sha256"] for details in taken_in}


# -- what is said of it ----------------------------------------------------------------------------


def _summary(out: Path, log: Log) -> str:
    database = out / earlier_runs.DATABASE
    tables = len(earlier_runs.digests(database)) if database.exists() else 0
    files = sum(map(len, log.written().values())) + len(placed_files(log))
    drafts, replaced = log.letters()
    return (
        f"Allt stämmer: {len(log.events)} händelser i loggen, {tables} tabeller i databasen, "
        f"{files} filer i rapporter, kalendrar och paket, {len(drafts.keys() - replaced)} brev och "
        f"{len(_taken_in(log))} redovisningar."
    )


def _notes(out: Path, log: Log) -> Iterator[str]:
    """Runs of another version, what an older program didn't tell the log, and what others keep in
    the folder."""
    now = program.now()
    others: dict[str, list[str]] = {}
    for run in _latest_runs(log):
        was = program.rules_told(run.details)
        version = was.version if was else ""
        if version != now.version:
            others.setdefault(version, []).append(_called(run))
    for version, runs in others.items():
        ran = swedish.listing(dict.fromkeys(runs))
        if version:
            yield f"Kört med program {version}, inte med det här, {now.version}: {ran}."
        else:
            yield (
                "Loggen är äldre än programmet och säger inte med vilka regler det här kördes: "
                f"{ran}."
            )
    if log.events and log.inventory() is None:
        yield (
            "Loggen är äldre än programmet och säger inget om översikten, kalendrarna och breven, "
            "så de är inte prövade. Nästa körning skriver upp dem."
        )
    grants = {event.grant_id for event in log.events}
    ours = {*NOT_LOOKED_AT, *grants, casefile.INDEX, casefile.CALENDARS}
    apart = [name for name in sorted(topmost(out)) if name not in ours]
    if apart:
        yield f"Det här i {out} är inte programmets och är inte prövat: {swedish.listing(apart)}."
