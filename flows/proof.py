"""What an auditor is given: a walk through log, database and files that names what doesn't hold, and the package.

The package is one zip for the auditor and the archive: the same state gives the same bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from . import __version__, audit, casefile, intake, people, store, warehouse
from .archive import packed
from .audit import LOG, Log
from .model import GrantResult, InputError, Review

_PLAIN = str.maketrans("åäö", "aao")
PACKAGES = "paket"
"""The folder of a grant under the out folder that holds its packages."""


def verify(returns: Path, out: Path) -> Iterator[str]:
    """A sentence for each thing that doesn't hold, nothing when all does: log, database, published files, originals.

    A broken log ends the walk, since the rest is judged by it.
    """
    try:
        log = Log.read(out / LOG)
    except audit.BrokenLogError as error:
        yield str(error)
        return
    try:
        broken = casefile.lost_lines(out, log) or casefile.broken_database(out, log)
    except InputError as error:  # a database that can't be read
        broken = str(error)
    if broken:
        yield broken
    elif not log.events:
        raise InputError(f"Det finns ingen händelselogg i {out}. Kör statsbidrag run först.")
    for place in dict.fromkeys(e.details["place"] for e in log.events if e.kind == "written"):
        broken = casefile.broken_folder(out, log, place)
        if broken:
            yield broken
    yield from _unlogged(out, log)
    yield from _packages(out, log)
    yield from _originals(returns, out, log)


def _unlogged(out: Path, log: Log) -> Iterator[str]:
    """What was filed or entered can't be there without the log telling of it."""
    known = {e.details["place"] for e in log.events if e.kind == "written"}
    for name in (f"{casefile.FILED}/*", casefile.LEDGER):
        for path in sorted(out.glob(f"*/{name}")):
            place = path.relative_to(out).as_posix()
            if place not in known:
                yield f"{place} finns men står inte i loggen."


def _packages(out: Path, log: Log) -> Iterator[str]:
    for place, sha256 in {e.details["file"]: e.details["sha256"] for e in log.events if e.kind == "packaged"}.items():
        if not (out / place).exists():
            yield f"Paketet {place} fattas."
        elif hashlib.sha256((out / place).read_bytes()).hexdigest() != sha256:
            yield f"Paketet {place} har ändrats sedan det gjordes."
    known = {e.details["file"] for e in log.events if e.kind == "packaged"}
    for path in sorted(out.glob(f"*/{PACKAGES}/*")):
        if path.relative_to(out).as_posix() not in known:
            yield f"Paketet {path.relative_to(out).as_posix()} står inte i loggen."


def _originals(returns: Path, out: Path, log: Log) -> Iterator[str]:
    """Every file ever taken in must still be what it was, in the returns folder or beside a report that was filed."""
    kept = {
        sha256 for folder in out.glob(f"*/{casefile.FILED}/*/underlag") for sha256 in audit.digests(folder).values()
    }
    now = {name: sha256 for name, (_, sha256) in intake.fingerprints(returns).items()} if returns.is_dir() else {}
    first = {e.details["file"]: e.details["sha256"] for e in log.events if e.kind == "taken_in"}
    for name, sha256 in first.items():
        if now.get(name) != sha256 and sha256 not in kept and sha256 not in now.values():
            what = "har ändrats sedan den lästes" if name in now else f"fattas i {returns}"
            yield f"Redovisningen {name} {what}."


def summary(out: Path) -> str:
    """What a walk that found nothing has looked at, in a sentence."""
    log = Log.read(out / LOG)
    tables = len(warehouse.digests(out / warehouse.DATABASE))
    places = {e.details["place"]: len(e.details["files"]) for e in log.events if e.kind == "written"}
    originals = len({e.details["file"] for e in log.events if e.kind == "taken_in"})
    return (
        f"Allt stämmer: {len(log.events)} händelser i loggen, {tables} tabeller i databasen, "
        f"{sum(places.values())} filer i rapporterna och {originals} redovisningar."
    )


# -- the package -----------------------------------------------------------------------------------------------------


def package(desk: casefile.Desk, grant_id: str, by: str) -> Path:
    """Make the zip of a grant's final report as it stands, and give the path to it.

    Raises InputError when there is no final report, or when anything in it is not as it was.
    """
    by = people.named(by)
    with store.Change(desk.out) as change:
        log = casefile.log_of(change, desk.at, by)
        review = casefile.review_of(log, grant_id)
        result, _ = casefile.as_it_was(desk, grant_id, log)
        content = packed(sorted(_contents(desk, log, result, review).items()))
        place = f"{grant_id}/{PACKAGES}/{grant_id}_{review.version}_{review.state.translate(_PLAIN)}.zip"
        change.place(place).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        if not log.has("packaged", file=place, sha256=sha256):
            log.add("packaged", desk.at, by=by, grant=grant_id, file=place, sha256=sha256)
            change.place(LOG).write_text(log.text, "utf-8")
        change.commit()
    return desk.out / place


def _contents(desk: casefile.Desk, log: Log, result: GrantResult, review: Review) -> dict[str, bytes]:
    grant_id = result.grant.grant_id
    found = {f"rapport/{name}": content for name, content in _folder(desk.out / result.place)}
    ledger = desk.out / grant_id / casefile.LEDGER
    found |= {f"reskontra/{name}": content for name, content in _folder(ledger)}
    kept = casefile.originals(desk.returns, result)
    found |= {f"underlag/{name}": path.read_bytes() for name, (path, _) in kept.items()}
    found |= {f"beslut/{name}": (desk.data / name).read_bytes() for name in _decisions(result)}
    for folder in ("expectations", "sql", "sql.rules", "sql.checks"):
        found |= {
            f"regler/{folder.replace('.', '/')}/{item.name}": item.read_bytes()
            for item in _resources(files(f"statsbidrag.{folder}"))
        }
    found["logg.jsonl"] = _log_until_now(log, grant_id)
    held_back = [
        f for f in result.tables["manifest"] if f["outcome"] == "held" and f["name"] not in kept and f["sha256"]
    ]
    found["LÄS MIG.txt"] = _read_me(result, review, found, {f["name"]: f["sha256"] for f in held_back}).encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(found.items()))
    return found | {"SHA256SUMS": sums.encode()}


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _resources(folder: Traversable) -> list[Traversable]:
    return sorted(
        (item for item in folder.iterdir() if item.name.endswith((".sql", ".yaml", ".toml"))),
        key=lambda item: item.name,
    )


def _decisions(result: GrantResult) -> list[str]:
    return [name for name, _, _ in result.data_files if name == result.grant.file or not name.startswith("grants/")]


def _log_until_now(log: Log, grant_id: str) -> bytes:
    """The log up to the grant's last event that is no package, so that packing twice gives the same bytes."""
    last = max(e.number for e in log.about(grant_id) if e.kind != "packaged")
    return "".join(line + "\n" for line in log.text.split("\n")[:last]).encode()


def _read_me(result: GrantResult, review: Review, found: Mapping[str, bytes], held_back: Mapping[str, str]) -> str:
    """What is in the package, for whoever opens it in ten years."""
    steps = "\n".join(f"- {act.state} {act.on} av {act.by}{f': {act.why}' if act.why else ''}" for act in review.acts)
    left_out = "\n".join(f"- {name}, SHA-256 {sha256}" for name, sha256 in sorted(held_back.items()))
    withheld = (
        "\nDe här redovisningarna ligger inte i paketet, eftersom de kan innehålla personnummer.\n"
        f"De är med bara genom sitt fingeravtryck:\n{left_out}\n"
        if left_out
        else ""
    )
    return f"""{result.grant.name}
Slutredovisning till och med {result.period_end}, uppgifter per {result.as_of}
Läge: {review.state}, version {review.version}
{steps}

INNEHÅLL
rapport/       återrapporten som webbsida, PDF och Word, alla belopp i Excel (bilaga.xlsx) och som JSON,
               anmärkningar (findings.json), alla lästa filer (manifest.json) och svaret till varje nämnd (boards/)
reskontra/     återbetalningen: krav, betalningar och ränta (finns när något har bokförts)
underlag/      nämndernas redovisningar, som de kom
beslut/        bidragets villkor och beslut, nämnderna och andra uppgifter som beloppen räknas av
regler/        kontrollerna (expectations/) och beräkningarna (sql/), som de var; program {__version__}
logg.jsonl     händelseloggen fram till nu: en rad för varje händelse, och varje rad har hashen av raden före
SHA256SUMS     fingeravtryck av alla {len(found) + 1} filer ovan
{withheld}
SÅ KONTROLLERAR DU
1. Filerna: packa upp och kör  sha256sum -c SHA256SUMS
2. Beloppen: rapport/sparning.html leder från varje belopp till regel, rad, fil, blad och cell.
3. Det som attesterades: figures_sha256 och inputs_sha256 i rapporten står på raden "attested" i logg.jsonl.

Fingeravtryck för beloppen:   {review.figures_sha256}
Fingeravtryck för underlaget: {review.inputs_sha256}
Loggens hash vid attest:      {review.log_sha256 or "inte attesterad"}

Programmet har ingen inloggning. Namnen är de som har angetts.
"""
