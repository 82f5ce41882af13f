"""The data folder into a rulebook: all grants, boards and rules as they stand on a day."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from types import MappingProxyType

from ..base import swedish
from ..base.errors import InputError
from ..model.boards import Board
from ..model.decisions import Grant
from ..model.evidence import ExtractForms, SieDimensions
from ..model.findings import Finding
from ..model.organisation import AgencyReport
from ..model.rulebook import ReferenceRate, Rulebook
from .booking_layouts import (
    LAYOUTS,
    SIE,
    BookingLayoutFile,
    SieFile,
    dimensions_of,
    layouts_of,
)
from .data_files import Shape, file_content, parsed_as
from .data_names import BOARDS, GRANTS, ORGANISATION, RATES, REPORTS
from .declaration import BoardsFile, GrantFile, OrganisationFile, ReferenceRatesFile, ReportFile
from .grants import grant_of
from .own_words import organisation_of, report_of
from .recipients import boards_of, levels_of
from .register import register


def load(
    data: Path,
    named: Iterable[str],
    as_of: date,
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Rulebook:
    """All grants, boards and rules under a data folder, with the terms as they stand on the as-of
    date; `instead` is what is read of some files instead of what lies there, or of grant files that
    aren't there yet.

    A grant file that is broken becomes a finding; it raises InputError when it is one of the
    `named`, or when no grant is left to run. A broken register of boards or file of the
    user's own names always does: no return could be read, and no report signed, without it.
    """
    files = _Files(data, instead)
    stated = files.parsed(ORGANISATION, OrganisationFile)
    of_boards = files.parsed(BOARDS, BoardsFile)
    recipients, levels = boards_of(of_boards, files.lists_of(of_boards)), levels_of(of_boards)
    organisation = organisation_of(stated, levels)
    spellings = {
        swedish.key(text): b.board_id
        for b in recipients
        for text in (b.board_id, b.name, *b.spellings)
    }
    forms = _extract_forms(files)
    rates = files.parsed(RATES, ReferenceRatesFile) if (data / RATES).exists() else None
    margin = rates.paslag.procentenheter if rates else None
    rules = register(organisation.wording)
    grants: list[Grant] = []
    broken: list[Finding] = []
    new = [name for name in instead if name.startswith(f"{GRANTS}/")]
    names = sorted({*_toml_names(data, GRANTS), *new})
    if not names:
        raise InputError(f"Det finns inga bidragsfiler i {data / GRANTS}. Ange mappen med --data.")
    for name in names:
        try:
            parsed = files.parsed(name, GrantFile)
            report = _report(files, name, parsed.rapport)
            content = files.contents[name]
            grant = grant_of(
                parsed,
                name,
                content,
                as_of,
                recipients,
                spellings,
                rules,
                margin,
                report,
                levels,
                organisation,
            )
            for other in grants:
                if _names(grant) & _names(other):
                    raise InputError(
                        f"{name}, nyckeln namn: bidraget heter som {other.grant_id}. Ge det ett "
                        "namn och ett kortnamn som inget annat bidrag har."
                    )
            grants.append(grant)
        except InputError as error:
            grant_id = PurePath(name).stem
            if grant_id in named:
                raise
            broken.append(
                rules["bidragsfil-trasig"].finding(
                    is_final=False, grant=grant_id, file=name, details={"problem": str(error)}
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
        organisation=organisation,
        grants=tuple(grants),
        boards=recipients,
        rules=rules,
        broken=tuple(broken),
        files=tuple(
            (name, hashlib.sha256(content).hexdigest(), len(content))
            for name, content in files.contents.items()
        ),
        spellings=spellings,
        extract_forms=replace(forms, codes=_codes_named(grants, recipients)),
        reference_rates=_reference_rates(rates) if rates else (),
        levels=levels,
    )


def boards(data: Path) -> tuple[Board, ...]:
    """The boards of a data folder's register alone."""
    files = _Files(data, {})
    stated = files.parsed(BOARDS, BoardsFile)
    return boards_of(stated, files.lists_of(stated))


class _Files:
    """The files of a data folder that have been read, by their names in it."""

    def __init__(self, data: Path, instead: Mapping[str, bytes]) -> None:
        self.data, self._instead = data, instead
        self.contents: dict[str, bytes] = {}

    def parsed(self, name: str, shape: type[Shape]) -> Shape:
        """A file in its declared shape. Raises InputError, which names the keys that are wrong."""
        return parsed_as(self._content(name), shape, name)

    def lists_of(self, stated: BoardsFile) -> dict[str, bytes]:
        """The lists that a register of boards names, by their files."""
        return {one.fil: self._content(one.fil) for one in stated.lista}

    def _content(self, name: str) -> bytes:
        known = self._instead.get(name)
        self.contents[name] = file_content(self.data / name, name) if known is None else known
        return self.contents[name]


def _toml_names(data: Path, folder: str) -> list[str]:
    """The TOML files of a folder of the data folder, by their names in it, in order.

    They are listed, since glob takes a folder that may not be read for an empty one.
    """
    if not (data / folder).is_dir():
        return []
    names = [path.name for path in (data / folder).iterdir() if path.suffix == ".toml"]
    return [f"{folder}/{name}" for name in sorted(names)]


def _extract_forms(files: _Files) -> ExtractForms:
    """In which forms extracts come out of the city's accounts."""
    names = _toml_names(files.data, LAYOUTS)
    lists = {name: files.parsed(name, BookingLayoutFile) for name in names if name != SIE}
    sie = dimensions_of(files.parsed(SIE, SieFile)) if SIE in names else SieDimensions()
    return ExtractForms(layouts_of(lists), sie)


def _codes_named(grants: Iterable[Grant], boards: Iterable[Board]) -> frozenset[str]:
    """The codes that the files name; an extract tells other fields only where they look like
    one."""
    named = {centre for board in boards for centre in board.cost_centres}
    for grant in grants:
        accounts = grant.separate_accounts
        if accounts:
            named.update(accounts.projects, accounts.activities, accounts.responsibilities)
    return frozenset(named)


def _report(files: _Files, grant_file: str, report_id: str) -> AgencyReport:
    """The report that a grant file asks for. Raises InputError when there is none of that name."""
    name = f"{REPORTS}/{report_id}.toml"
    known = _toml_names(files.data, REPORTS)
    if name not in known:
        choices = swedish.listing(PurePath(known_name).stem for known_name in known)
        remedy = f"Välj bland {choices}, eller lägg till" if known else "Lägg till"
        raise InputError(
            f"{grant_file}, nyckeln rapport: återrapporten {report_id} finns inte. {remedy} {name}."
        )
    return report_of(report_id, files.parsed(name, ReportFile))


def _reference_rates(parsed: ReferenceRatesFile) -> tuple[ReferenceRate, ...]:
    ordered = sorted(parsed.referensranta, key=lambda rate: rate.fran)
    return tuple(ReferenceRate(rate.fran, rate.procent, rate.kalla) for rate in ordered)


def _names(grant: Grant) -> set[str]:
    return {swedish.key(name) for name in (grant.grant_id, grant.name, grant.short_name)}
