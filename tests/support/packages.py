"""Packages of filed reports, made by hand: what a small organisation would have filed, and the zip
that `statsbidrag package` would make of it."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openpyxl.workbook import Workbook

from statsbidrag.base.archive import packed
from statsbidrag.case.audit_log import Log
from statsbidrag.model import fingerprints

AT = "2024-01-18T12:00:00+01:00"
EQUAL = "mfof-2023-jamlik-tillgang"
AREA, OTHER_AREA = "Universellt stöd", "Systematiskt arbete"
ZERO = Decimal(0)
STEPS = (
    ("reviewed", "Ola Berg", "2024-01-16"),
    ("attested", "Sara Lind", "2024-01-17"),
    ("filed", "Maria Ek", "2024-01-18"),
)
Json = dict[str, Any]
Files = dict[str, bytes]


@dataclass(frozen=True)
class Unit:
    """A board of whoever reports: what it was given and has used, in kronor."""

    name: str
    allocated: Decimal
    eligible: Mapping[str, Decimal] = field(default_factory=dict)
    """By area."""
    ineligible: Mapping[str, Decimal] = field(default_factory=dict)
    """By reason."""
    reached: Sequence[tuple[int | None, int | None, int | None]] = ()
    """Women, men and unknown of each activity, all in `AREA`."""
    is_held: bool = False


NORTH = Unit(
    "Norra",
    Decimal(400_000),
    {AREA: Decimal("250000.55"), OTHER_AREA: Decimal("100000.10")},
    {"cost_kind": Decimal("1500.25")},
    ((12, 8, 1), (30, None, None)),
)
SOUTH = Unit("Södra", Decimal(236_208), {AREA: Decimal("240000.00")}, {}, ((5, 6, 0),))
UNITS = (NORTH, SOUTH)
"""Together they have what Farsta has been given of the grant; the second has used too much."""


def kr(amount: Decimal) -> str:
    """Kronor as our JSON has them."""
    return f"{amount:.2f}"


def report(units: Sequence[Unit] = UNITS, *, grant_id: str = EQUAL, **head: Any) -> Json:
    """The reconciliation.json of a final report; `head` is what it begins with otherwise."""
    counting = [unit for unit in units if not unit.is_held]
    allocated = sum((unit.allocated for unit in units), ZERO)
    undetermined = sum((unit.allocated for unit in units if unit.is_held), ZERO)
    eligible = sum((sum(unit.eligible.values(), ZERO) for unit in counting), ZERO)
    ineligible = sum((sum(unit.ineligible.values(), ZERO) for unit in counting), ZERO)
    owed = sum((max(ZERO, u.allocated - sum(u.eligible.values(), ZERO)) for u in counting), ZERO)
    as_one = max(ZERO, allocated - undetermined - eligible)
    rows = [row for unit in counting for row in _activities(unit)]
    return {
        "schema": 2,
        "grant": grant_id,
        "as_of": "2024-01-15",
        "period_end": "2023-12-31",
        "final": True,
        "total_sek": kr(allocated),
        "allocated_sek": kr(allocated),
        "unallocated_sek": "0.00",
        "boards": [_board(unit) for unit in units],
        "liability": {
            "unallocated_sek": "0.00",
            "boards_sek": kr(owed),
            "undetermined_sek": kr(undetermined),
            "namnd_basis_sek": kr(owed),
            "kommun_basis_sek": kr(as_one),
            "set_off_sek": kr(owed - as_one),
            "basis": "namnd",
            "to_repay_sek": kr(owed.quantize(Decimal(1))),
        },
        "city": {
            "reported_sek": kr(eligible + ineligible),
            "eligible_sek": kr(eligible),
            "ineligible_sek": kr(ineligible),
        },
        "ineligible": [
            {"board": unit.name.lower(), "reason": reason, "line_count": 1, "amount_sek": kr(sek)}
            for unit in counting
            for reason, sek in unit.ineligible.items()
        ],
        "areas": [_area(area, counting, rows) for area in (OTHER_AREA, AREA, "Inget")],
        "gender": _people(rows),
        "activities": rows,
        "decisions": [],
        **head,
    }


def _board(unit: Unit) -> Json:
    eligible, ineligible = sum(unit.eligible.values(), ZERO), sum(unit.ineligible.values(), ZERO)
    money: Json = {
        "allocated_sek": kr(unit.allocated),
        "reported_sek": kr(eligible + ineligible),
        "eligible_sek": kr(eligible),
        "ineligible_sek": kr(ineligible),
        "liability_sek": kr(max(ZERO, unit.allocated - eligible)),
    }
    if unit.is_held:
        money = dict.fromkeys(money) | {"allocated_sek": kr(unit.allocated)}
    return {
        "board": unit.name.lower(),
        "name": unit.name,
        "return_status": "held" if unit.is_held else "accepted",
        **money,
        "liability_grounds": [],
        "inherited": [],
        "components": [{"component": "alla", **money}],
    }


def _activities(unit: Unit) -> list[Json]:
    rows = []
    for number, (women, men, unknown) in enumerate(unit.reached, start=6):
        counts = {"women_count": women, "men_count": men, "unknown_count": unknown}
        file = f"{unit.name.lower()}.xlsx"
        place = {"board": unit.name.lower(), "file": file, "sheet": "Insatser", "row": number}
        rows.append({**place, **counts})
    return rows


def _people(rows: Sequence[Json]) -> Json:
    names = ("women_count", "men_count", "unknown_count")
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def _area(area: str, units: Sequence[Unit], rows: Sequence[Json]) -> Json:
    eligible = sum((unit.eligible.get(area, ZERO) for unit in units), ZERO)
    reached = rows if area == AREA else ()
    return {"area": area, "eligible_sek": kr(eligible), **_people(reached)}


def appendix(rows: Sequence[Sequence[object]]) -> bytes:
    """A bilaga.xlsx: file, sheet, row, activity, area, target area and result of each activity."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Insatser"
    sheet.append(["Fil", "Blad", "Rad", "Insats", "Område", "Målområde", "Resultat"])
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WORDS = (
    ("norra.xlsx", "Insatser", 6, "Grupper", AREA, "Ett tillgängligt stöd", "Fler kom."),
    ("norra.xlsx", "Insatser", 7, "Hembesök", AREA, None, None),
)


def files(
    figures: Json | None = None,
    *,
    organisation: str = "Farsta",
    steps: Sequence[tuple[str, str, str]] = STEPS,
    bilaga: bytes | None = None,
    earlier: Json | None = None,
) -> Files:
    """The files of a package but its list of sums; `earlier` is what was filed before it, to which
    it is a correction."""
    figures = report() if figures is None else figures
    grant_id = figures["grant"]
    grant_file = f"grants/{grant_id}.toml"
    decided = {
        grant_file: b'rapport = "mfof"\n',
        "boards.toml": b"format = 1\n",
        "organisation.toml": f'namn = "{organisation}"\n'.encode(),
        "rapporter/mfof.toml": b"format = 1\n",
    }
    returns = {"norra.xlsx": "1" * 64, "sodra.xlsx": "2" * 64}
    manifest = {name: figures[name] for name in figures if name in _HEAD}
    manifest["files"] = [
        {"name": name, "sha256": sha256, "outcome": "counted"} for name, sha256 in returns.items()
    ]
    manifest["files"].append({"name": "annan.xlsx", "sha256": "3" * 64, "outcome": "other_grant"})
    data = {name: sha256_of(content) for name, content in decided.items()}
    manifest["data"] = [{"name": name, "sha256": sha256} for name, sha256 in data.items()]
    reported = {
        "reconciliation.json": _json(figures),
        "manifest.json": _json(manifest),
        "bilaga.xlsx": appendix(WORDS) if bilaga is None else bilaga,
    }
    log, inputs = Log(), [*returns.items(), *data.items()]
    if earlier is not None:
        _decide(log, earlier, inputs, STEPS)
    _decide(log, figures, inputs, steps)
    place = f"{grant_id}/slutlig"
    written = {name: sha256_of(content) for name, content in reported.items()}
    log.add("written", AT, by="Maria Ek", grant=grant_id, place=place, files=written)
    return {
        **{f"beslut/{name}": content for name, content in decided.items()},
        "logg.jsonl": log.text.encode(),
        **{f"rapport/{name}": content for name, content in reported.items()},
    }


_HEAD = ("schema", "grant", "as_of", "period_end", "final", "report")


def _decide(
    log: Log,
    figures: Json,
    inputs: Sequence[tuple[str, str]],
    steps: Sequence[tuple[str, str, str]],
) -> None:
    """A run, and what people then decided."""
    grant_id = figures["grant"]
    of_report = {"report": figures["report"]} if "report" in figures else {}
    flat = fingerprints.flat(figures)
    log.add(
        "reconciled",
        AT,
        by="Maria Ek",
        grant=grant_id,
        period_end=figures["period_end"],
        as_of=figures["as_of"],
        is_final=figures["final"],
        figures_sha256=fingerprints.figures_sha256(figures),
        inputs_sha256=fingerprints.inputs_sha256(inputs),
        figures=flat,
        **of_report,
    )
    for kind, by, on in steps:
        log.add(kind, AT, by=by, grant=grant_id, on=on, why=None, figures=flat, version=1)


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def sha256_of(content: bytes) -> str:
    """The fingerprint of a file's content."""
    return hashlib.sha256(content).hexdigest()


def sums(files: Mapping[str, bytes]) -> bytes:
    """The list of sums of some files."""
    return "".join(f"{sha256_of(files[name])}  {name}\n" for name in sorted(files)).encode()


def zipped(files: Mapping[str, bytes], listed: bytes | None = None) -> bytes:
    """The package of some files; `listed` is its list of sums, where that is another than theirs."""
    own = sums(files) if listed is None else listed
    return packed([*sorted(files.items()), ("SHA256SUMS", own)])


def package(units: Sequence[Unit] = UNITS, *, repay: str | None = None, **more: Any) -> bytes:
    """The package of what some boards have used; `repay` is the repayment that it states."""
    figures = report(units)
    if repay is not None:
        figures["liability"]["to_repay_sek"] = repay
    return zipped(files(figures, **more))
