"""The package (paket) of a final report, or of an interim one: one zip for the auditor and the
archive, with all that the figures rest on.

The same state gives the same bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..base import places, program, tree
from ..base.archive import packed
from ..base.errors import InputError
from ..model.case import Act, ReportState, Review
from ..money.results import GrantResult
from . import as_written, casefile, intact, people, store
from .audit_log import LOG, Log

_PLAIN = str.maketrans("åäö", "aao")


def make(occasion: casefile.Occasion, grant_id: str, by: str, report_id: str | None = None) -> Path:
    """Make the zip of a grant's final report as it stands, or of an interim one, and give the path
    to it.

    Raises InputError when there is no such report, or when anything in it is not as it was.
    """
    by = people.named(by)
    with store.Change(occasion.out) as change:
        log = casefile.log_of(change, occasion.at, by, occasion.login)
        review = casefile.review_of(log, grant_id, report_id)
        result, _ = intact.as_it_was(occasion, grant_id, log, report_id)
        rules = _rules(occasion, log, result, review)
        content = packed(sorted(_contents(occasion, log, result, review, rules).items()))
        of_report = {} if report_id is None else {"report": report_id}
        which = grant_id if report_id is None else f"{grant_id}_{places.report_folder(report_id)}"
        name = f"{which}_{review.version}_{review.state.translate(_PLAIN)}.zip"
        place = f"{grant_id}/{casefile.PACKAGES}/{name}"
        change.place(place).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        if not log.has("packaged", file=place, sha256=sha256):
            details = {"file": place, "sha256": sha256, **of_report}
            log.add("packaged", occasion.at, by=by, grant=grant_id, **details)
            change.place(LOG).write_text(log.text, "utf-8")
        change.commit()
    return occasion.out / place


@dataclass(frozen=True)
class _Rules:
    """The program's rules that go with a report, and what the read-me says of them."""

    parts: Mapping[str, bytes]
    words: str
    note: str = ""


def _rules(occasion: casefile.Occasion, log: Log, result: GrantResult, review: Review) -> _Rules:
    """Of a filed report those that were kept with it, else the program's own, which must be those
    of the run."""
    grant_id, report_id = result.grant.grant_id, result.report_id
    now = program.now()
    if review.state not in {ReportState.FILED, ReportState.REPAID}:
        other_rules = intact.other_rules(log, grant_id, report_id)
        if other_rules:
            raise InputError(other_rules)
        return _Rules(program.parts(), f"som de var vid körningen: program {now.version}")
    kept = as_written.filed_folder(occasion.out, log, grant_id, report_id) / casefile.RULES
    if not kept.exists():
        words = f"som de är nu: program {now.version}. Hur de var vid inlämningen skrevs inte upp"
        return _Rules(program.parts(), words)
    parts = program.unpacked(kept.read_bytes())
    was = intact.filed_by(log, grant_id, report_id)
    version = was.version if was else "okänt"
    words = f"som de var när rapporten lämnades in: program {version}"
    if program.rules(parts).sha256 == now.sha256:
        return _Rules(parts, words)
    note = (
        f"\nProgrammet är ett annat nu ({now.version}). rapport/ kan därför vara skriven med "
        "andra mallar än det som "
        f"lämnades in,\nsom ligger i {kept.parent.relative_to(occasion.out)}. Beloppen är "
        "desamma.\n"
    )
    return _Rules(parts, words, note)


def _contents(
    occasion: casefile.Occasion, log: Log, result: GrantResult, review: Review, rules: _Rules
) -> dict[str, bytes]:
    """The files of the package, by their names in it."""
    grant_id = result.grant.grant_id
    kept = intact.originals(occasion.returns, result)
    files: dict[str, bytes] = {}
    for name, content in _folder(occasion.out / result.place):
        files[f"rapport/{name}"] = content
    if not result.report:
        for name, content in _folder(occasion.out / grant_id / casefile.LEDGER):
            files[f"reskontra/{name}"] = content
    for name, (path, _) in kept.items():
        files[f"underlag/{name}"] = path.read_bytes()
    for name in _decisions(result):
        files[f"beslut/{name}"] = (occasion.data / name).read_bytes()
    for name, content in rules.parts.items():
        files[f"regler/{name}"] = content
    files["logg.jsonl"] = _log_until_now(log, grant_id, result.report_id)
    held_back: dict[str, str] = {}
    for file in result.tables.manifest:
        if file.outcome == "held" and file.name not in kept and file.sha256:
            held_back[file.name] = file.sha256
    # The sums are of all of these and of the read-me.
    summed = len(files) + 1
    files["LÄS MIG.txt"] = _read_me(result, review, rules, summed, held_back).encode()
    files["SHA256SUMS"] = _sums(files).encode()
    return files


def _sums(files: Mapping[str, bytes]) -> str:
    """The fingerprint of each file, as sha256sum reads them."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    ]
    return "".join(lines)


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in tree.digests(folder):
        yield name, (folder / name).read_bytes()


def _decisions(result: GrantResult) -> list[str]:
    return [
        name
        for name, _, _ in result.data_files
        if name == result.grant.file or not name.startswith("grants/")
    ]


def _log_until_now(log: Log, grant_id: str, report_id: str | None) -> bytes:
    """The log up to the last event about the report that is no package, so that packing twice gives
    the same bytes."""
    events = log.about(grant_id, report_id=report_id)
    last = max(event.number for event in events if event.kind != "packaged")
    lines = log.text.split("\n")[:last]
    return "".join(f"{line}\n" for line in lines).encode()


def _step(act: Act) -> str:
    reason = f": {act.why}" if act.why else ""
    return f"- {act.state} {act.on} av {act.by}{reason}"


def _withheld(held_back: Mapping[str, str]) -> str:
    """Which returns are not in the package and why, where there is any."""
    if not held_back:
        return ""
    returns = "\n".join(f"- {name}, SHA-256 {sha256}" for name, sha256 in sorted(held_back.items()))
    return (
        "\nDe här redovisningarna ligger inte i paketet, eftersom de kan innehålla personnummer.\n"
        f"De är med bara genom sitt fingeravtryck:\n{returns}\n"
    )


def _read_me(
    result: GrantResult,
    review: Review,
    rules: _Rules,
    summed: int,
    held_back: Mapping[str, str],
) -> str:
    """What is in the package, for whoever opens it in ten years.

    `summed` is how many files the sums are of, `held_back` the SHA-256 of each return that is not
    in the package.
    """
    steps = "\n".join(map(_step, review.acts))
    return f"""{result.grant.name}
{result.words} till och med {result.period_end}, uppgifter per {result.as_of}
Läge: {review.state}, version {review.version}
{steps}

INNEHÅLL
rapport/       återrapporten som webbsida, PDF och Word, stadens underlag till den (underlag.html och .pdf),
               kontraktet som reglerna hänvisar till, alla belopp i Excel (bilaga.xlsx) och som JSON,
               anmärkningar (findings.json), alla lästa filer (manifest.json) och svaret till varje nämnd (boards/)
reskontra/     återbetalningen: krav, betalningar och ränta (finns när något har bokförts)
underlag/      nämndernas redovisningar, som de kom
beslut/        bidragets villkor och beslut, nämnderna och andra uppgifter som beloppen räknas av
regler/        kontrollerna (expectations/), beräkningarna (sql/), mallarna (reports/) och programmet (flows/),
               {rules.words}
logg.jsonl     händelseloggen fram till nu: en rad för varje händelse, och varje rad har hashen av raden före.
               as_in säger på vilken tidigare rad en uppgift står som inte är skriven en gång till
SHA256SUMS     fingeravtryck av alla {summed} filer ovan
{rules.note}{_withheld(held_back)}
SÅ KONTROLLERAR DU
1. Filerna: packa upp och kör  sha256sum -c SHA256SUMS
2. Beloppen: rapport/sparning.html leder från varje belopp till regel, rad, fil, blad och cell.
3. Det som attesterades: figures_sha256 och inputs_sha256 i rapport/underlag.html står i logg.jsonl, på den sista
   raden "reconciled" om rapporten före raden "attested".

Fingeravtryck för beloppen:   {review.figures_sha256}
Fingeravtryck för filerna:    {review.inputs_sha256}
Loggens hash vid attest:      {review.log_sha256 or "inte attesterad"}

{review.assurance}
"""  # noqa: E501 - a text that people read
