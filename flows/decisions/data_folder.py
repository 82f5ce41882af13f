"""The data folder into a rulebook: all grants, boards and rules as they stand on a day."""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ..base import swedish
from ..base.errors import InputError
from ..model.decisions import (
    Grant,
)
from ..model.findings import Finding
from ..model.rulebook import ReferenceRate, Rulebook
from .data_files import BOARDS, RATES, file_content, parsed_as
from .declaration import BoardsFile, GrantFile, ReferenceRatesFile
from .grants import grant_of
from .recipients import boards_of
from .register import register


def load(data: Path, named: Iterable[str], as_of: date) -> Rulebook:
    """All grants, boards and rules under a data folder, with the terms as they stand on the as-of
    date.

    A grant file that is broken becomes a finding; it raises InputError when it is one of the
    `named`, or when no grant is left to run. A broken register of boards always does: no return
    could be read without it.
    """
    rules = register()
    contents = {BOARDS: file_content(data / BOARDS, BOARDS)}
    boards = boards_of(parsed_as(contents[BOARDS], BoardsFile, BOARDS))
    spellings = {
        swedish.key(text): b.board_id for b in boards for text in (b.board_id, b.name, *b.spellings)
    }
    rates = None
    if (data / RATES).exists():
        contents[RATES] = file_content(data / RATES, RATES)
        rates = parsed_as(contents[RATES], ReferenceRatesFile, RATES)
    margin = rates.paslag.procentenheter if rates else None
    grants: list[Grant] = []
    broken: list[Finding] = []
    folder = (
        data / "grants"
    )  # listed, since glob takes a folder that may not be read for an empty one
    paths = (
        sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        if folder.is_dir()
        else []
    )
    if not paths:
        raise InputError(f"Det finns inga bidragsfiler i {folder}. Ange mappen med --data.")
    for path in paths:
        name = f"grants/{path.name}"
        try:
            contents[name] = file_content(path, name)
            parsed = parsed_as(contents[name], GrantFile, name)
            grant = grant_of(parsed, name, contents[name], as_of, boards, spellings, rules, margin)
            for other in grants:
                if _names(grant) & _names(other):
                    raise InputError(
                        f"{name}, nyckeln namn: bidraget heter som {other.grant_id}. Ge det ett "
                        "namn och ett kortnamn som inget annat bidrag har."
                    )
            grants.append(grant)
        except InputError as error:
            if path.stem in named:
                raise
            broken.append(
                rules["bidragsfil-trasig"].finding(
                    is_final=False, grant=path.stem, file=name, details={"problem": str(error)}
                )
            )
    known = {g.grant_id for g in grants}
    for grant_id in named:
        if grant_id not in known:
            near = swedish.nearest(grant_id, known)
            hint = f"Menade du {near}?" if near else f"Välj bland {swedish.listing(sorted(known))}."
            raise InputError(f"Det finns inget statsbidrag med id {grant_id}. {hint}")
    if not grants:
        raise InputError(f"Inget statsbidrag kan köras. {broken[0].message}")
    return Rulebook(
        grants=tuple(grants),
        boards=boards,
        rules=rules,
        broken=tuple(broken),
        files=tuple(
            (name, hashlib.sha256(content).hexdigest(), len(content))
            for name, content in contents.items()
        ),
        spellings=spellings,
        reference_rates=_reference_rates(rates) if rates else (),
    )


def _reference_rates(parsed: ReferenceRatesFile) -> tuple[ReferenceRate, ...]:
    ordered = sorted(parsed.referensranta, key=lambda rate: rate.fran)
    return tuple(ReferenceRate(rate.fran, rate.procent, rate.kalla) for rate in ordered)


def _names(grant: Grant) -> set[str]:
    return {swedish.key(name) for name in (grant.grant_id, grant.name, grant.short_name)}
