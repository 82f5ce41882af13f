"""The package of a filed report as a return: what a municipality has filed is what it reports one
level up.

Each cell says where in the package it stands: the file, and the place in it. What one level up
counts is the figures of the report, which has judged each cost already (contract 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ..base import swedish
from ..base.bounds import BOUNDS
from ..decisions.data_names import ORGANISATION
from ..model.codes import INELIGIBLE_REASON
from ..model.returns import HIDDEN_TEXT, Cell, NumberPlace, Problem, Reading, Return, Row
from . import filed_package, filed_proof, filed_words
from .filed_figures import Figures, checked
from .filed_package import FIGURES, LOG
from .filed_proof import Filed
from .refusal import RefusedError

_ORGANISATION = f"beslut/{ORGANISATION}"
_HELD = "paket-namnd-vantar"
_ELIGIBLE = "eligible"
"""What is stated of a line that the grant pays for (`sql/140_cost.sql`)."""


def read_package(content: bytes) -> Return:
    """A package as a return without its name.

    One that is not what was filed has no figures: only whose it says that it is, and what is wrong.
    Raises RefusedError for one that can't even say that.
    """
    files = filed_package.unpacked(content)
    try:
        filed_package.must_be_whole(files)
        filed = filed_proof.proved(files)
        figures = checked(filed.figures)
        words = filed_words.words_of(files)
    except RefusedError as refused:
        return _unproved(refused.problem, *filed_proof.whose(files))
    pen = _Pen()
    costs = tuple(_costs(figures, pen))
    activities = tuple(_activities(figures, words, pen))
    header = _header(filed, figures, pen)
    return Return(
        file="",
        sha256="",
        size_bytes=0,
        kind="report",
        problems=tuple(_problems(figures)),
        header=header,
        costs=costs,
        activities=activities,
        personal_numbers=(*pen.personal_numbers, *words.personal_numbers),
    )


def _unproved(problem: Problem, grant_id: str, organisation: str) -> Return:
    """What is known of a package that is not counted: it holds whoever it says that it is from."""
    pen = _Pen()
    header = {}
    if grant_id and organisation:
        header["grant"] = pen.text(FIGURES, "grant", grant_id)
        header["board"] = pen.text(_ORGANISATION, "namn", organisation)
    numbers = tuple(pen.personal_numbers)
    return Return("", "", 0, "report", (problem,), header, personal_numbers=numbers)


@dataclass
class _Pen:
    """Writes cells, and remembers where personal numbers stood in what it was given."""

    personal_numbers: list[NumberPlace] = field(default_factory=list)

    def text(self, file: str, ref: str, text: str) -> Cell:
        """A cell of words; of one that holds a personal number nothing but that. Raises
        RefusedError for more than a cell may hold."""
        tidy = swedish.tidy(text)
        if len(tidy) > BOUNDS.text_characters:
            limit = swedish.number(BOUNDS.text_characters)
            raise RefusedError("text-for-lang", sheet=file, cells=(ref,), limit=limit)
        masked, has_number = swedish.mask_personal_numbers(tidy)
        if has_number:
            self.personal_numbers.append(NumberPlace(file, ref))
            return Cell(file, ref, masked, Reading.OK, HIDDEN_TEXT)
        return Cell(file, ref, tidy, Reading.OK, tidy)


def _amount(file: str, ref: str, amount: Decimal) -> Cell:
    """A cell of kronor, or of a count."""
    return Cell(file, ref, str(amount), Reading.OK, amount)


def _header(filed: Filed, figures: Figures, pen: _Pen) -> dict[str, Cell]:
    """The single cells of the return."""
    end, on = figures.period_end, filed.attest.on
    version = Decimal(filed.review.version)
    attest = f"rad {filed.attested.number}"
    return {
        "grant": pen.text(FIGURES, "grant", str(filed.figures["grant"])),
        "board": pen.text(_ORGANISATION, "namn", filed.organisation),
        "period_end_on": Cell(FIGURES, "period_end", end.isoformat(), Reading.OK, end),
        "version": _amount(LOG, f"rad {filed.filed.number}", version),
        "stated_total_sek": _amount(FIGURES, "city.reported_sek", figures.reported_sek),
        "stated_repay_sek": _amount(FIGURES, "liability.to_repay_sek", figures.to_repay_sek),
        "attested_by": pen.text(LOG, attest, filed.attest.by),
        "attested_on": Cell(LOG, attest, on.isoformat(), Reading.OK, on),
    }


def _costs(figures: Figures, pen: _Pen) -> Iterator[Row]:
    """A cost line for what was used in each area, and for what each board used that the grant
    doesn't pay for, by reason."""
    number = 0
    for one in figures.areas:
        number += 1
        place = f"areas[{one.place}]"
        cells = {
            "area": pen.text(FIGURES, f"{place}.area", one.area),
            "stated_reason": Cell(FIGURES, place, _ELIGIBLE, Reading.OK, _ELIGIBLE),
            "amount_sek": _amount(FIGURES, f"{place}.eligible_sek", one.eligible_sek),
        }
        yield Row(FIGURES, number, cells)
    for part in figures.ineligible:
        number += 1
        place = f"ineligible[{part.place}]"
        why = f"{part.board}: {INELIGIBLE_REASON[part.reason]}"
        reason = Cell(FIGURES, f"{place}.reason", str(part.reason), Reading.OK, str(part.reason))
        cells = {
            "stated_reason": reason,
            "amount_sek": _amount(FIGURES, f"{place}.amount_sek", part.amount_sek),
            "comment": pen.text(FIGURES, place, why),
        }
        yield Row(FIGURES, number, cells)


def _activities(figures: Figures, words: filed_words.Words, pen: _Pen) -> Iterator[Row]:
    """The activities of the boards that count: whom they reached, and what the appendix says of
    them; one of which it says nothing is called by where it stood."""
    for number, one in enumerate(figures.activities, start=1):
        cells = dict(words.rows.get(one.row, {}))
        if "activity" not in cells:
            file, _, line = one.row
            named = f"Insatsen på rad {line} i {file}"
            cells["activity"] = pen.text(FIGURES, f"activities[{one.place}]", named)
        for name, count in one.counts.items():
            if count is not None:
                ref = f"activities[{one.place}].{name}"
                cells[name] = _amount(FIGURES, ref, Decimal(count))
        yield Row(FIGURES, number, cells)


def _problems(figures: Figures) -> Iterator[Problem]:
    """What whoever counts with the report should know of it."""
    if figures.held:
        names = swedish.listing(one.name for one in figures.held)
        sek = sum((one.allocated_sek for one in figures.held), Decimal(0))
        words = {"boards": swedish.mask_personal_numbers(names)[0], "allocated": swedish.kr(sek)}
        yield Problem(_HELD, FIGURES, ("liability.undetermined_sek",), None, words)
