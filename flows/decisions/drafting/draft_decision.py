"""The decision of a draft: what each board gets, for each component, row by row as the table has
it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...base import swedish
from .allocation_tables import NamedAmount
from .document_texts import Said, free
from .draft_basis import Basis
from .draft_terms import decision_day
from .draft_values import TO_SETTLE, DraftValue, State, Term, found, proposed
from .table_doubts import Doubt

_DECIDES = re.compile(
    r"^(?P<who>[A-ZÅÄÖ]\w*(?:nämnden|styrelsen|fullmäktige)) "
    r"(?P<verb>godkänner|beslutar|fastställer|fördelar|godkände|beslutade|fastställde|fördelade)\b"
)
_HAS_DECIDED = frozenset({"godkände", "beslutade", "fastställde", "fördelade"})
_ABOUT_MONEY = re.compile(r"fördel|bidrag|medel", re.IGNORECASE)
_TO_COMMITTEE = re.compile(r"(?:.*\b[Tt]ill )?(?P<who>[A-ZÅÄÖ]\w*(?:nämnden|styrelsen))")
_LABEL = "Beslutet"
_LETTERS = re.compile(r"[^a-z0-9åäöé]")

Amount = Decimal | Mapping[str, Decimal]
"""Kronor, or kronor per component."""


@dataclass(frozen=True)
class DraftComponent:
    """A column of kronor as a component of the grant."""

    component_id: str
    name: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class DraftDecision:
    """A decision as the grant file is to have it."""

    decision_id: str
    on: date
    by: str
    source: Term
    """The sentence by which it was decided, or is proposed to be."""
    amounts: Mapping[str, Amount]
    """By the name of the board."""
    left_out: tuple[str, ...]
    """What the table has that the file can't: a sentence for each row."""
    values: tuple[DraftValue, ...]
    doubts: tuple[Doubt, ...]

    @property
    def total_sek(self) -> Decimal:
        """All its amounts together, in kronor."""
        total = Decimal(0)
        for amount in self.amounts.values():
            total += amount if isinstance(amount, Decimal) else sum(amount.values(), Decimal(0))
        return total


def decision_of(
    basis: Basis, components: Sequence[DraftComponent], begins_on: date
) -> DraftDecision:
    """The decision that a table is; rows of no board, and of boards that don't exist on its day,
    are left out and told."""
    on, day_said, unclear, doubts = decision_day(basis, begins_on)
    by, source = _source(basis, unclear, day_said)
    amounts: dict[str, Amount] = {}
    left_out: list[str] = []
    shown: list[DraftValue] = [source.shown, _day_value(on, day_said, unclear)]
    told = list(doubts)
    for row in basis.table.rows:
        value, doubt = _row_value(basis, row, on)
        shown.append(value)
        board = basis.board(row)
        if value.state == "missing" or board is None:
            left_out.append(f"{row.text}: {value.value}. {value.note}")
        else:
            amounts[board.name] = _amount(basis, row, components)
        told += [] if doubt is None else [doubt]
    who = "beslut" if by == TO_SETTLE else swedish.ident(by)
    decision_id = f"{who}-{on.isoformat()}"
    return DraftDecision(
        decision_id, on, by, source, amounts, tuple(left_out), tuple(shown), tuple(told)
    )


# -- who decided, and when -------------------------------------------------------------------------


def _source(basis: Basis, unclear: str, day_said: Said[date] | None) -> tuple[str, Term]:
    """Who decided, and the sentence that says it. What is only a proposal in the document is one
    here, too."""
    key = "beslut.beslutat_av"
    told = list(_deciding(basis))
    if not told:
        by = _committee(basis)
        why = f"beslutet. Ingen mening i dokumentet säger att det har fattats. {unclear}".strip()
        return by, proposed(key, _LABEL, {}, by, why)
    who, verb, sentence = told[0]
    if verb in _HAS_DECIDED and not unclear and day_said is not None:
        return who, found(key, _LABEL, {}, who, sentence)
    why = f"som meningen säger. Att {_small(who)} har beslutat så står inte i dokumentet."
    if verb in _HAS_DECIDED:
        why = "som meningen säger."
    return who, proposed(key, _LABEL, {}, who, f"{why} {unclear}".strip(), sentence)


def _deciding(basis: Basis) -> Iterator[tuple[str, str, Said[str]]]:
    for text in basis.texts:
        for sentence in text.sentences:
            match = _DECIDES.match(sentence.text)
            if match and _ABOUT_MONEY.search(sentence.text):
                yield match["who"], match["verb"], text.said(sentence.text, sentence)


def _committee(basis: Basis) -> str:
    """Whom the document is written to."""
    for text in basis.texts:
        for sentence in text.sentences:
            match = _TO_COMMITTEE.fullmatch(sentence.text)
            if match:
                return match["who"]
    return TO_SETTLE


def _small(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}"


def _day_value(on: date, stated: Said[date] | None, unclear: str) -> DraftValue:
    words, key, label = swedish.long_date(on), "beslut.datum", "Beslutets dag"
    if stated is None:
        return DraftValue(key, label, "proposed", words, note=unclear)
    state: State = "proposed" if unclear else "found"
    place = (stated.sentence, stated.document, stated.line_no)
    return DraftValue(key, label, state, words, *place, unclear)


# -- the rows --------------------------------------------------------------------------------------


def _row_value(basis: Basis, row: NamedAmount, on: date) -> tuple[DraftValue, Doubt | None]:
    """A row as a person sees it, and what is unclear about its board."""
    text = basis.placed.text.name
    board = basis.board(row)
    name = row.text if board is None else board.name
    key, words = f"beslut.fordelning.{name}", _amount_words(basis, row)
    place = (basis.placed.row_text(row), text, row.line_no)
    if board is None:
        note = f"”{row.text}” finns inte i förteckningen över nämnder, så beloppet är inte infört."
        return DraftValue(key, name, "missing", words, *place, note), None
    if not basis.may_have(board, on):
        note = f"{name} fanns inte {swedish.long_date(on)}, så beloppet är inte infört."
        doubt = Doubt("namnd-fanns-inte", (row.line_no,), f"{text}: {note} Kontrollera dagen.")
        return DraftValue(key, name, "missing", words, *place, note), doubt
    if row.is_nearest:
        note = f"”{row.text}” lästes som {name}. Kontrollera att det är den nämnden."
        return DraftValue(key, name, "proposed", words, *place, note), None
    return DraftValue(key, name, "found", words, *place), None


def _amount_words(basis: Basis, row: NamedAmount) -> str:
    """What a row gives, and of what parts that is."""
    parts = basis.table.parts(row)
    whole = swedish.kr(sum(parts, Decimal(0)))
    return whole if len(parts) == 1 else f"{whole} ({' + '.join(map(swedish.number, parts))})"


def _amount(basis: Basis, row: NamedAmount, components: Sequence[DraftComponent]) -> Amount:
    parts = basis.table.parts(row)
    if not components:
        return sum(parts, Decimal(0))
    ids = [component.component_id for component in components]
    return dict(zip(ids, parts, strict=True))


# -- components ------------------------------------------------------------------------------------


def components_of(basis: Basis, areas: Sequence[str]) -> tuple[DraftComponent, ...]:
    """The columns of kronor as components; none where there is one column. An area belongs to the
    one whose heading names it; those that none names, to the only one that has none."""
    table = basis.table
    columns = [place for place in range(len(table.columns)) if place != table.sum_column]
    if len(columns) < 2:
        return ()
    named = [_areas_in(_headings(basis, place), areas) for place in columns]
    left = [area for area in areas if not any(area in own for own in named)]
    without = [number for number, own in enumerate(named) if not own]
    if len(without) == 1:
        named[without[0]] = left
    components: list[DraftComponent] = []
    for number, place in enumerate(columns):
        name = table.columns[place] or f"Del {number + 1}"
        taken = [component.component_id for component in components]
        component_id = free(swedish.ident(name) or f"del-{number + 1}", taken)
        components.append(DraftComponent(component_id, name, tuple(named[number])))
    return tuple(components)


def _headings(basis: Basis, place: int) -> list[str]:
    """What a column is called, wherever the table stands."""
    headings = []
    for copy in basis.copies:
        columns = copy.table.columns
        headings += [columns[place]] if place < len(columns) else []
    return headings


def _areas_in(headings: Sequence[str], areas: Sequence[str]) -> list[str]:
    """The areas that a column's heading names, spelt with or without blanks and strokes."""
    together = [_letters(heading) for heading in headings]
    named = []
    for area in areas:
        if any(_letters(area) in heading for heading in together):
            named.append(area)
    return named


def _letters(text: str) -> str:
    return _LETTERS.sub("", text.casefold())


def component_value(component: DraftComponent) -> DraftValue:
    """A component as a person sees it."""
    told = f"{component.name}: {'; '.join(component.areas) or 'inga områden'}"
    note = (
        "Förslag: namnet är kolumnens rubrik. Vilka områden som hör till står inte i dokumentet. "
        "Fastställ det innan utkastet används."
    )
    key = f"komponent.{component.component_id}"
    return DraftValue(key, f"Del av bidraget: {component.name}", "proposed", told, note=note)
