"""What one board's template is made from, and the words that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from ..base import swedish
from ..model.asked_questions import QuestionRow
from ..model.boards import Assignment, Board
from ..model.decisions import Component, Grant
from ..model.grant_words import GrantorKind
from ..model.levels import Wording
from ..model.measures import AskedRow
from ..model.organisation import Organisation
from ..model.returns import (
    ASKED_TABLES,
    MEASURES,
    POSTS,
    QUESTIONS,
    TABLES,
    Column,
    Return,
    Row,
)
from .template_words import (
    ASKED_STEPS,
    COLUMN_HELP,
    STEPS,
    UNUSED,
    measure_words,
    question_words,
)


@dataclass(frozen=True)
class Basis:
    """The grant, the board and the period of a template.

    `assigned` is what the board has been given by the decisions in force on `as_of`; `returns_by`
    the day by which the period is to be returned, in words, where one is known. `before` is what
    the board sent last, where anything of that is to be filled in.
    """

    organisation: Organisation
    grant: Grant
    board: Board
    assigned: Assignment
    period_end: date
    as_of: date
    returns_by: str | None
    before: Return | None = None

    @property
    def tables(self) -> dict[str, tuple[Column, ...]]:
        """The tables of the workbook, by name: those of every workbook, and those that the grant
        asks for."""
        tables: dict[str, tuple[Column, ...]] = dict(TABLES)
        if self.grant.posts is not None:
            tables[POSTS] = ASKED_TABLES[POSTS]
        if self.asked_rows:
            tables[MEASURES] = ASKED_TABLES[MEASURES]
        if self.question_rows:
            tables[QUESTIONS] = ASKED_TABLES[QUESTIONS]
        return tables

    @property
    def wording(self) -> Wording:
        """What the user's organisation and the board are called in the workbook's sentences."""
        return self.organisation.wording_of(self.grant.level)

    @cached_property
    def asked_rows(self) -> tuple[AskedRow, ...]:
        """The rows of measures that the board is asked to fill in; none where the grant asks for
        none."""
        return self.grant.asked_rows(self.period_end)

    @cached_property
    def question_rows(self) -> tuple[QuestionRow, ...]:
        """The questions that the board is asked to answer, and for which years; none where the
        grant asks none."""
        return self.grant.question_rows(self.period_end)

    def rows_before(self, table: str) -> Sequence[Row]:
        """The rows of a table that are filled in already: those that the board sent last."""
        if self.before is None:
            return ()
        return self.before.rows_of(table)

    @property
    def version(self) -> int:
        """What the return's version is when nothing has been changed in it: one more than that of
        the same period, else the first."""
        if self.before is None or self.before.value("period_end_on") != self.period_end:
            return 1
        version = self.before.value("version")
        return int(version) + 1 if isinstance(version, Decimal) else 1

    @property
    def allocated_sek(self) -> Decimal:
        """What the board has been given, in kronor."""
        return sum(self.assigned.amounts_sek.values(), Decimal(0))

    @property
    def components(self) -> tuple[Component, ...]:
        """The components that the board is to tell apart; none where the grant has but one."""
        return tuple(self.grant.components) if len(self.grant.components) > 1 else ()

    @cached_property
    def words(self) -> dict[str, str]:
        """What the words of the workbook are filled in with."""
        grant = self.grant
        return {
            "department": self.organisation.department,
            "handed_in": self._handed_in(),
            "grant": grant.name,
            "board": self.board.name,
            "reported": swedish.period(grant.spend_from_on, self.period_end),
            "spending": swedish.period(grant.spend_from_on, grant.spend_to_on),
            "period_end": self.period_end.isoformat(),
            "allocation": self.allocation(),
        }

    def _handed_in(self) -> str:
        place = self.organisation.handed_in_at
        return (
            f"lämna in den: {place}" if place else f"skicka den till {self.organisation.department}"
        )

    def allocation(self) -> str:
        """What the board has been given, in a sentence."""
        together = ""
        if self.assigned.counted_with:
            together = (
                " Det ni redovisar räknas samman med redovisningen från "
                f"{self.assigned.counted_with}."
            )
        if not self.grant.has_amounts:
            words = self.grant.term_words("belopp").rstrip(".")
            return f"Beloppet är okänt: {words}.{together}"
        if not self.assigned.amounts_sek:
            none = self.wording.said("Nämnden har ingen egen tilldelning i bidraget.")
            return f"{none}{together}"
        total = f"{swedish.kr(self.allocated_sek)} enligt beslut till och med {self.as_of}"
        inherited_amounts = (
            f"{swedish.kr(sek)} beslutat för {name}"
            for name, sek in self.assigned.inherited_sek.items()
        )
        inherited = ""
        if self.assigned.inherited_sek:
            inherited = f" Av det är {swedish.listing(inherited_amounts)}."
        if not self.components:
            return f"{total}.{inherited}{together}"
        parts = (f"{c.name} {swedish.kr(self.part(c))}" for c in self.components)
        kept = ""
        if self.grant.is_earmarked:
            kept = (
                " Delarna är öronmärkta: det som blir över i den ena får inte användas i den andra."
            )
        return f"{total}: {swedish.listing(parts)}.{inherited}{kept}{together}"

    def part(self, component: Component) -> Decimal:
        """What the board has been given for one component, in kronor."""
        return self.assigned.amounts_sek.get(component.component_id, Decimal(0))

    def help(self, column: Column) -> str:
        """What to write in a column of this grant's workbook."""
        if column.name == "target_area" and not self.grant.target_areas:
            return UNUSED
        return COLUMN_HELP[column.name].format_map(self.words)

    def guide(self) -> dict[str, dict[str, str]]:
        """The guide: heading -> label -> text. A line whose text is empty is left out."""
        grant, purpose = self.grant, self.grant.term("andamal")
        department = self.organisation.department
        ref = f" Ange diarienummer {grant.city_ref}." if grant.city_ref else ""
        known = f"senast {self.returns_by}" if self.returns_by else grant.board_deadline_words
        ask = "" if self.returns_by else f" Stäm av dagen med {department}."
        reports = "återrapporterar"
        if grant.grantor_kind is GrantorKind.OWN:
            reports = f"lämnar {grant.words.the_report}"
        asked = f"Vänd er till den på {department} som skickade arbetsboken till er."
        if self.organisation.contact:
            asked = f"{self.organisation.contact}, {department}."
        guide = {
            "Det viktigaste": {
                "Bidraget": f"{grant.name}. Bidragsgivare: {grant.grantor}.",
                "Ändamål": purpose.value if purpose else "",
                self.wording.said("Er nämnd"): self.board.name,
                "Det ni har fått": self.words["allocation"],
                "Det ni redovisar": "Allt ni har använt av bidraget sedan dess början, "
                f"{self.words['reported']}.",
                f"Till {department}": f"{swedish.capital(known)}.{ask}",
                f"Till {grant.grantor_short}": f"{grant.agency_deadline_words}. "
                f"{department} {reports}, med er redovisning som grund.",
                "Frågor": f"{asked}{ref}",
                "Personuppgifter": "Skriv inga personuppgifter – inga namn eller personnummer – om "
                "barn, föräldrar eller anställda. En redovisning med personnummer stoppas. Bara "
                "kontaktpersonen och den som intygar får nämnas.",
            },
            "Gör så här": self._steps(),
            "Det här betalar bidraget": {
                "Arbete utfört": self.words["spending"],
                "Områden": "\n".join(grant.areas),
                "Målområden": "\n".join(grant.target_areas),
                "Kostnadsslag": "\n".join(grant.cost_kinds),
            },
            "Det här betalar bidraget inte": {
                "Får inte användas till": "\n".join(grant.not_for),
                "Andra områden": "\n".join(grant.unpaid_areas),
                "Andra kostnadsslag": "\n".join(grant.unpaid_cost_kinds),
            },
            grant.words.repayment.capitalize(): {
                f"Skäl till {grant.words.repayment}": "\n".join(grant.repayment_grounds),
                "Om pengar blir över": "Ange prognos och orsak i fliken Redovisning så snart ni "
                f"vet, så hinner {department} göra något åt det.",
            },
        }
        guide |= self._asked()
        for name, columns in self.tables.items():
            helped: dict[str, str] = {}
            for column in columns:
                is_needed = " (krävs)" if column.is_required else ""
                helped[f"{column.header}{is_needed}"] = self.help(column)
            guide[f"Kolumnerna i fliken {name}"] = helped
        return guide

    def _steps(self) -> dict[str, str]:
        """What to do, numbered; of the sheets that only some grants ask for when this one does."""
        wanted: list[tuple[str, str]] = []
        for step, words in STEPS.items():
            if step == _AFTER_ASKED:
                wanted += [(name, ASKED_STEPS[name]) for name in self.tables if name in ASKED_STEPS]
            wanted.append((step, words))
        steps: dict[str, str] = {}
        for number, (step, words) in enumerate(wanted, start=1):
            steps[f"{number}. {step}"] = words.format_map(self.words)
        return steps

    def _asked(self) -> dict[str, dict[str, str]]:
        """What the grant asks for beside costs and activities: heading -> label -> text."""
        asked: dict[str, dict[str, str]] = {}
        if self.grant.posts is not None:
            words = self.grant.term_words("tjanster")
            roles = "\n".join(self.grant.posts.roles)
            asked["Tjänster"] = {"Så många ska ni ha": words, "Roller": roles}
        if self.asked_rows:
            asked["Mått"] = {one.name: measure_words(one) for one in self.grant.measures}
        if self.question_rows:
            asked["Frågor"] = {}
            for number, one in enumerate(self.grant.questions, start=1):
                asked["Frågor"][f"Fråga {number}"] = question_words(one)
        return asked


_AFTER_ASKED = "Redovisning"
"""The step before which those of the sheets stand that only some grants ask for."""
