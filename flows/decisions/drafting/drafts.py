"""Drafts of grant files out of a decision's documents: one for each table of allocations, each
value beside the place where it was found.

Nothing is invented: what the documents don't say is unknown, and what a grant file must have all
the same is a proposal that a person has to settle.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ...base import swedish
from ...model.boards import Board
from . import decision_values as values
from . import draft_names, draft_terms, draft_wordings
from .allocation_tables import AllocationTable, merged, tables_in, tables_in_cells
from .document_texts import DocumentText, Said, Text, different, free, said, texts_of
from .draft_basis import Basis, Placed, purposes_said
from .draft_decision import DraftComponent, component_value, components_of, decision_of
from .draft_file import FileHead, NamedDocument, written
from .draft_values import DraftValue, Term
from .table_doubts import Doubt


@dataclass(frozen=True)
class Draft:
    """A draft of a grant file."""

    grant_id: str
    name: str
    toml: str
    """The grant file; `utkast = true` keeps it out of runs."""
    values: tuple[DraftValue, ...]
    """Everything in it, in its order."""
    table: AllocationTable
    doubts: tuple[Doubt, ...]
    """What a person has to look at."""


def drafts(
    documents: Sequence[DocumentText],
    boards: Sequence[Board],
    agencies: Sequence[tuple[str, str]],
    reports: Sequence[str],
    known_ids: Collection[str] = (),
) -> tuple[list[Draft], list[Doubt]]:
    """A draft for each table of allocations in the documents of a decision, and what a person has
    to look at that no draft tells of.

    `agencies` are those that may give grants, by full and short name; `reports` the ids of the
    reports that there are; `known_ids` the ids that are taken. A table that stands in several
    documents or places is one, and where it stands differently no draft is made of it.
    """
    found = _Found(texts_of(documents), boards)
    parts = _parts(found, boards, agencies, reports)
    purposes = _purposes(parts)
    titles = [_title(basis) for basis in parts]
    made: list[Draft] = []
    doubts = list(found.doubts)
    for basis, title in zip(parts, titles, strict=True):
        year = draft_terms.year_of(basis, title.value if title else "")
        if year is None:
            doubts.append(_without_year(basis))
            continue
        drafting = _Drafting(
            basis, purposes, year, title, is_one_of_several=titles.count(title) > 1
        )
        taken = {*known_ids, *(draft.grant_id for draft in made)}
        made.append(drafting.draft(taken, _names_of(made), found.told_of(basis)))
    return made, doubts


def _names_of(made: Sequence[Draft]) -> list[str]:
    """What drafts are called, long and short: no two grants may go by one name."""
    names: list[str] = []
    for draft in made:
        names += [one.value for one in draft.values if one.key in {"namn", "kortnamn"}]
    return names


# -- the tables, wherever they stand ---------------------------------------------------------------


class _Found:
    """The tables of the documents, and what is unclear in them."""

    def __init__(self, texts: Sequence[Text], boards: Sequence[Board]) -> None:
        self.texts = tuple(texts)
        self.placed: list[Placed] = []
        self._told: list[tuple[Placed | None, Doubt]] = []
        for text in texts:
            for number, cells in enumerate(text.document.cell_tables):
                self._add(text, number, tables_in_cells(cells, boards))
            self._add(text, None, tables_in(text.document.lines, boards))
        self.kept, differing = merged([one.table for one in self.placed])
        self.doubts = [*self._of_no_draft(), *map(self._named, differing)]

    def _add(
        self, text: Text, cell_table: int | None, read: tuple[list[AllocationTable], list[Doubt]]
    ) -> None:
        tables, doubts = read
        own = [Placed(table, text, cell_table) for table in tables]
        self.placed += own
        where = text.name if cell_table is None else f"{text.name}, tabell {cell_table + 1}"
        for doubt in doubts:
            whose = next((one for one in own if _is_about(doubt, one.table)), None)
            self._told.append((whose, replace(doubt, text=f"{where}: {doubt.text}")))

    def copies(self, table: AllocationTable) -> tuple[Placed, ...]:
        """All places where a table stands."""
        return tuple(one for one in self.placed if one.table is table or _is_copy(one.table, table))

    def told_of(self, basis: Basis) -> list[Doubt]:
        """What is told of a table and its copies, each thing once."""
        once: dict[tuple[str, str], Doubt] = {}
        for whose, doubt in self._told:
            if whose in basis.copies:
                what = re.sub(r"^.*?Rad [0-9–]+: ", "", doubt.text)
                once.setdefault((doubt.code, what), doubt)
        return list(once.values())

    def _of_no_draft(self) -> list[Doubt]:
        kept = [one for table in self.kept for one in self.copies(table)]
        return [doubt for whose, doubt in self._told if whose not in kept]

    def _named(self, doubt: Doubt) -> Doubt:
        names = dict.fromkeys(one.text.name for one in self.placed)
        return replace(doubt, text=f"{swedish.listing(names)}: {doubt.text}")


def _is_about(doubt: Doubt, table: AllocationTable) -> bool:
    lines = range(table.first_line_no, table.last_line_no + 1)
    return not doubt.is_unread and any(line_no in lines for line_no in doubt.line_nos)


def _is_copy(one: AllocationTable, other: AllocationTable) -> bool:
    """Whether two tables are the same, and say the same."""
    kept, differing = merged([one, other])
    return len(kept) == 1 and not differing


def _parts(
    found: _Found,
    boards: Sequence[Board],
    agencies: Sequence[tuple[str, str]],
    reports: Sequence[str],
) -> list[Basis]:
    """What each draft is made of. A document with tables speaks of those alone; one without any, of
    all."""
    with_tables = {one.text.key for one in found.placed}
    parts = []
    for table in found.kept:
        copies = found.copies(table)
        own = {one.text.key for one in copies}
        texts = [one for one in found.texts if one.key in own or one.key not in with_tables]
        parts.append(
            Basis(tuple(texts), copies[0], copies, tuple(agencies), tuple(boards), tuple(reports))
        )
    return parts


def _purposes(parts: Sequence[Basis]) -> list[str]:
    """What the grants of the documents are for, each once."""
    purposes: dict[str, None] = {}
    for basis in parts:
        for one in purposes_said(basis)[:1]:
            purposes[one.value] = None
    return list(purposes)


def _title(basis: Basis) -> Said[str] | None:
    titles = (draft_names.title_of(text, basis.copies) for text in basis.texts)
    return next((title for title in titles if title is not None), None)


def _without_year(basis: Basis) -> Doubt:
    table = basis.table
    return Doubt(
        "ar-saknas",
        (table.first_line_no, table.last_line_no),
        f"{basis.placed.text.name}: dokumentet har en fördelning men säger inte för vilket år. Det "
        "blev inget utkast av den. Lägg till dokumentet där dagen eller perioden står.",
    )


# -- one draft -------------------------------------------------------------------------------------


class _Drafting:
    """One draft being made."""

    def __init__(
        self,
        basis: Basis,
        purposes: Sequence[str],
        year: int,
        title: Said[str] | None,
        *,
        is_one_of_several: bool,
    ) -> None:
        self._basis, self._purposes, self._year = basis, purposes, year
        self._title, self._is_one_of_several = title, is_one_of_several
        self._terms: list[Term] = []

    def draft(
        self, taken_ids: Collection[str], taken_names: Sequence[str], told: Sequence[Doubt]
    ) -> Draft:
        """The draft; `told` is what is unclear in its table."""
        basis = self._basis
        areas = draft_wordings.areas(basis, self._purposes)
        components = components_of(basis, areas.keys["tillatna"])
        self._terms = self._all_terms(areas, components)
        period = self._term("forbrukningsperiod")
        decision = decision_of(basis, components, period.keys["fran"])
        doubts = [*told, *decision.doubts]
        for term in self._terms:
            doubts += term.doubts
        head = self._head(taken_ids, taken_names)
        documents = _told_apart([self._document(text) for text in basis.texts])
        shown = [
            *_head_values(head),
            *map(_document_value, documents),
            *(term.shown for term in self._terms),
            *map(component_value, components),
            *decision.values,
        ]
        toml = written(head, documents, self._terms, components, decision, doubts)
        return Draft(head.grant_id, head.name, toml, tuple(shown), basis.table, tuple(doubts))

    def _all_terms(self, areas: Term, components: Sequence[DraftComponent]) -> list[Term]:
        """All terms, in the order of the files."""
        basis, purposes = self._basis, self._purposes
        agency_dnr, city_dnr = draft_terms.references(basis)
        boards_day, agency_day, repaid_day = draft_terms.deadlines(basis)
        terms = [
            draft_terms.grantor(basis),
            draft_terms.purpose(basis),
            agency_dnr,
            city_dnr,
            draft_terms.amount(basis),
            draft_terms.period(basis, self._year),
            draft_wordings.back_in_time(basis),
            areas,
            draft_wordings.target_areas(basis, purposes),
            draft_wordings.cost_kinds(basis, purposes),
            draft_wordings.not_for(basis),
            boards_day,
            agency_day,
            repaid_day,
            draft_terms.liability_basis(basis),
            draft_wordings.grounds(basis),
            draft_wordings.carried_over(basis),
            draft_wordings.interest(basis),
        ]
        return [*terms, draft_wordings.earmarked(basis)] if components else terms

    def _term(self, key: str) -> Term:
        return next(term for term in self._terms if term.key == key)

    def _head(self, taken_ids: Collection[str], taken_names: Sequence[str]) -> FileHead:
        agency = self._term("bidragsgivare").keys["kortnamn"]
        purpose = self._term("andamal").keys.get("varde", "")
        subject = draft_names.subject_of(self._title.value) if self._title else ""
        telling = purpose if self._is_one_of_several and purpose else subject or purpose
        words = draft_names.phrase(telling or "statsbidrag")
        name = draft_names.with_year(subject or words, self._year)
        if self._is_one_of_several:
            name = f"{name}: {words[0].lower()}{words[1:]}"
        own_id = draft_names.grant_id(agency, self._year, words)
        grant_id = free(own_id, taken_ids)
        number = grant_id.removeprefix(own_id).replace("-", " ")  # of those that would be alike
        report = swedish.ident(agency)
        if report not in self._basis.reports:
            report = next(iter(self._basis.reports), report)
        return FileHead(
            grant_id,
            draft_names.apart(f"{name}{number}", taken_names),
            draft_names.apart(draft_names.with_year(words, self._year) + number, taken_names),
            report,
        )

    def _document(self, text: Text) -> NamedDocument:
        title = draft_names.title_of(text, self._basis.copies)
        days = different(said([text], values.document_days))
        references = different(said([text], values.diary_numbers))
        return NamedDocument(
            text,
            swedish.tidy(title.value if title else text.name),
            days[0].value if len(days) == 1 else None,
            references[0].value if len(references) == 1 else None,
        )


def _told_apart(documents: Sequence[NamedDocument]) -> list[NamedDocument]:
    """Documents with the names of their files after titles that several of them have."""
    titles = [document.title for document in documents]
    apart = []
    for document in documents:
        is_alone = titles.count(document.title) == 1
        title = document.title if is_alone else f"{document.title} ({document.text.name})"
        apart.append(replace(document, title=title))
    return apart


def _head_values(head: FileHead) -> list[DraftValue]:
    """What the draft is called, as a person sees it."""
    why = "Förslag: det står inte i dokumentet. Ändra det om det inte passar."
    return [
        DraftValue("id", "Id", "proposed", head.grant_id, note=why),
        DraftValue("namn", "Namn", "proposed", head.name, note=why),
        DraftValue("kortnamn", "Kortnamn", "proposed", head.short_name, note=why),
        DraftValue("rapport", "Återrapport", "proposed", head.report, note=why),
    ]


def _document_value(document: NamedDocument) -> DraftValue:
    told = [document.title]
    told += [] if document.on is None else [swedish.long_date(document.on)]
    told += [] if document.reference is None else [f"dnr {document.reference}"]
    key = f"dokument.{document.text.key}"
    return DraftValue(key, "Dokument", "found", ", ".join(told), None, document.text.name)
