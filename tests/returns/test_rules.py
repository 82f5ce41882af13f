"""The register: each rule has an example that breaks it, one that just keeps it, and words for the
breach."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from statsbidrag.base.children import Children
from statsbidrag.decisions import data_folder, register
from statsbidrag.model import evidence
from statsbidrag.model.asked_questions import AnswerKind, AskedQuestion
from statsbidrag.model.decisions import CarryOver
from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import FOR_A_VOUCHER, LIKE_A_VOUCHER, NUMBER_RULE, Return
from statsbidrag.model.rulebook import Rulebook, RunPlan
from statsbidrag.model.sources import Source, Year
from statsbidrag.returns import (
    cell_reading,
    csv_file,
    excel,
    file_kinds,
    file_names,
    filed_figures,
    filed_package,
    filed_proof,
    filed_report,
    frames,
    guard,
    guarded_xml,
    intake,
    suites,
)
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME
from tests.support import filling, packages, planted
from tests.support.filling import Row
from tests.support.planted import (
    ACTIVITIES,
    AS_OF,
    BOARD,
    COSTS,
    DATA,
    EQUAL,
    FAULTS,
    TOTAL,
    Make,
    edited,
    filled,
    rewritten,
)
from tests.support.rows import rows_in
from tests.support.way import PLANS, Sent, Way, planned

RULES = register.register()
Files = Mapping[str, bytes]


def lines(*changes: Mapping[str, object], rows: tuple[Row, ...] = COSTS) -> list[Row]:
    """The good costs, the first of them changed."""
    return [
        {**row, **change} for row, change in zip(rows, [*changes, *({},) * len(rows)], strict=False)
    ]


def everybody(*, but: str = "") -> Files:
    boards = sorted(
        {board for board, _ in planted.decided().grant(EQUAL).allocations_on(AS_OF)} - {but}
    )
    return {f"{board}.xlsx": planted.good(board) for board in boards}


def farsta(**more: Any) -> Files:
    return {"farsta.xlsx": filled(**more)}


def two(first: bytes, second: bytes) -> Files:
    return {"1.xlsx": first, "2.xlsx": second}


# -- rules across returns --------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What breaks an SQL rule, and what just doesn't; both are sent in by the boards."""

    rule: str
    severity: str
    severity_final: str | None
    """None where the rule is about a period that is not the last."""
    breaks: Callable[[], Files]
    keeps: Callable[[], Files]
    where: tuple[str | None, str | None, tuple[str, ...]] = (None, None, ())
    """The file, sheet and cells of the finding."""
    board: str | None = BOARD
    says: str = ""
    grants: tuple[str, ...] = (EQUAL,)
    as_of: date = AS_OF
    book: Callable[[], Rulebook] = planted.decided


def areas(board: str, **more: Any) -> bytes:
    """A return of the grant of 2021, whose boards have since become others."""
    costs = [
        {**COSTS[0], "Område": planted.decided().grant(AREAS).areas[0], "Datum": date(2021, 5, 31)}
    ]
    return filled(
        board, AREAS, period_end=date(2021, 12, 31), costs=costs, activities=CRIMES, **more
    )


def without_rinkeby() -> Rulebook:
    """The decisions, had Rinkeby-Kista got nothing in 2021: Järva then has one predecessor with
    money."""
    book = planted.decided()
    (decision,) = book.grant(AREAS).decisions
    allocations = tuple(row for row in decision.allocations if row.board_id != "rinkeby-kista")
    decisions = (replace(decision, allocations=allocations),)
    return replace(
        book,
        grants=tuple(
            replace(g, decisions=decisions) if g.grant_id == AREAS else g for g in book.grants
        ),
    )


def to_june(board: str) -> bytes:
    """A return to the last day of a board that has ceased."""
    return filled(
        board, period_end=date(2023, 6, 30), costs=lines({"Verifikation": "S1"}, rows=COSTS[:1])
    )


PLAN = AskedQuestion(
    question_id="plan",
    text="Har ni en plan?",
    kind=AnswerKind.YES_OR_NO,
    unit=None,
    target_area=None,
    breaks=(),
    source=Source("antagande", "Påhittat."),
)


def asking() -> Rulebook:
    """The decisions, had the grant also asked if the boards have a plan."""
    book = planted.decided()
    grants = []
    for grant in book.grants:
        grants.append(replace(grant, questions=(PLAN,)) if grant.grant_id == EQUAL else grant)
    return replace(book, grants=tuple(grants))


def answering(board: str, answer: str) -> bytes:
    """A return of a board that has ceased, with an answer to the question."""

    def change(book: Any) -> None:
        sheet = book.create_sheet("Frågor")
        sheet.append(["Fråga", "År", "Svar"])
        sheet.append([PLAN.text, "2023", answer])

    sent = filled(
        board, period_end=date(2023, 6, 30), costs=lines({"Verifikation": board}, rows=COSTS[:1])
    )
    return filling.edited(sent, change)


UNATTESTED: Mapping[str, object] = {"intygas_den": None, "summa_kostnader": TOTAL + 500}
"""The header of a return of the first three lines, of a day before the good return's attest."""
AUTUMN = date(2023, 10, 20)
"""A day when the grant still runs; the quarter that has ended ended in September."""


def with_years() -> Rulebook:
    """The decisions, had the grant been decided year by year."""
    book = planted.decided()
    grant = book.grant(EQUAL)
    year = Year(grant.spend_from_on, grant.spend_to_on)
    decisions = tuple(replace(decision, year=year) for decision in grant.decisions)
    of_years = replace(grant, decisions=decisions, carry_over=CarryOver.NOTHING)
    grants = tuple(of_years if one is grant else one for one in book.grants)
    return replace(book, grants=grants)


CASES = (
    Case(
        "aterbetalning-skiljer",
        "warning",
        "warning",
        breaks=lambda: {"paket.zip": packages.package(repay="46206.00")},
        keeps=lambda: {"paket.zip": packages.package(repay="46207.00")},
        where=("paket.zip", "rapport/reconciliation.json", ("liability.to_repay_sek",)),
        says="Här blir det 46\u00a0207\u00a0kr",
    ),
    Case(
        "paket-utan-ar",
        "blocking",
        "blocking",
        breaks=lambda: {"paket.zip": packages.package(repay="46207.00")},
        keeps=farsta,
        where=("paket.zip", None, ()),
        says="Bidraget räknas år för år",
        book=with_years,
    ),
    Case(
        "redovisning-saknas",
        "warning",
        "blocking",
        breaks=lambda: everybody(but="bromma"),
        keeps=everybody,
        board="bromma",
        says="Bromma har inte lämnat någon redovisning. Tilldelat belopp är 438\u00a0957\u00a0kr.",
    ),
    Case(
        "redovisning-senare-period",
        "info",
        None,
        breaks=lambda: farsta(period_end=date(2023, 12, 31), header=UNATTESTED, costs=COSTS[:3]),
        keeps=lambda: farsta(period_end=date(2023, 9, 30), header=UNATTESTED, costs=COSTS[:3]),
        says="Farsta har bara lämnat redovisning för en senare period, till och med 2023-12-31",
        as_of=AUTUMN,
    ),
    Case(
        "redovisning-aldre-period",
        "warning",
        "blocking",
        breaks=lambda: farsta(period_end=date(2023, 12, 30)),
        keeps=farsta,
        where=("farsta.xlsx", "Redovisning", ("C7",)),
        says="Farsta har lämnat redovisning till och med 2023-12-30, men avstämningen gäller till "
        "och med 2023-12-31.",
    ),
    Case(
        "ingen-till-periodens-slut",
        "warning",
        "warning",
        breaks=lambda: {"1.xlsx": to_june("spanga-tensta")},
        keeps=lambda: two(to_june("spanga-tensta"), planted.good("jarva")),
        board="jarva",
        says="Ingen redovisning för Järva når fram till 2023-12-31. Det som är redovisat gäller",
    ),
    Case(
        "redovisning-flera-enheter",
        "blocking",
        "blocking",
        breaks=lambda: {"1.xlsx": areas("jarva")},
        keeps=lambda: two(areas("rinkeby-kista"), areas("spanga-tensta")),
        where=("1.xlsx", "Redovisning", planted.cell_of("namnd")[1]),
        board="jarva",
        says="De nämnder som Järva har kommit ur har det: Rinkeby-Kista och Spånga-Tensta.",
        grants=(AREAS,),
    ),
    Case(
        "eftertradare-inraknad",
        "info",
        "info",
        breaks=lambda: {"1.xlsx": areas("jarva")},
        keeps=lambda: {"1.xlsx": areas("spanga-tensta")},
        where=("1.xlsx", None, ()),
        board="spanga-tensta",
        says="Järva har ingen egen tilldelning i bidraget, men har kommit ur Spånga-Tensta.",
        grants=(AREAS,),
        book=without_rinkeby,
    ),
    Case(
        "redovisning-tvetydig",
        "blocking",
        "blocking",
        breaks=lambda: two(planted.good(), filled(header={"prognos": 300000})),
        keeps=lambda: two(planted.good(), filled(header={"prognos": 300000, "version": 2})),
        where=("1.xlsx", None, ()),
        says="breaks/1.xlsx och ",
    ),
    Case(
        "redovisning-utan-tilldelning",
        "blocking",
        "blocking",
        breaks=lambda: {"bromma.xlsx": filled("bromma", CRIME)},
        keeps=lambda: {"bromma.xlsx": filled("bromma", EQUAL)},
        where=("bromma.xlsx", None, ()),
        board="bromma",
        grants=(CRIME,),
        says="Bromma",
    ),
    Case(
        "foretradare-inraknad",
        "info",
        "info",
        breaks=lambda: two(
            planted.good("jarva"),
            filled("spanga-tensta", costs=lines({"Belopp": 7}, rows=COSTS[:1])),
        ),
        keeps=lambda: {"1.xlsx": planted.good("jarva")},
        where=("2.xlsx", None, ()),
        board="jarva",
        says="Spånga-Tensta har uppgått i Järva.",
    ),
    Case(
        "foretradare-samma-rad",
        "warning",
        "warning",
        breaks=lambda: two(planted.good("jarva"), filled("spanga-tensta", costs=COSTS[:1])),
        keeps=lambda: two(
            planted.good("jarva"),
            filled("spanga-tensta", costs=lines({"Verifikation": "S1"}, rows=COSTS[:1])),
        ),
        where=("2.xlsx", "Kostnader", ("H6",)),
        board="jarva",
        says="Verifikation V1 på 40\u00a0000,50\u00a0kr redovisas både av Spånga-Tensta och av "
        "Järva",
    ),
    Case(
        "fraga-olika-svar",
        "warning",
        "warning",
        breaks=lambda: two(answering("rinkeby-kista", "Ja"), answering("spanga-tensta", "Nej")),
        keeps=lambda: two(answering("rinkeby-kista", "Ja"), answering("spanga-tensta", "Ja")),
        board="jarva",
        says="har svarat både ja och nej på ”Har ni en plan?” för tiden 2023-01-01 till 2023-12-31",
        book=asking,
    ),
    Case(
        "overforbrukning",
        "warning",
        "warning",
        breaks=lambda: farsta(costs=lines({"Belopp": Decimal("594707.76")})),
        keeps=lambda: farsta(costs=lines({"Belopp": Decimal("594707.75")})),
        says="Farsta har använt 0,01\u00a0kr mer än de tilldelade 636\u00a0208\u00a0kr.",
    ),
    Case(
        "tidigare-kvartal-andrat",
        "warning",
        "warning",
        breaks=lambda: two(
            filled(period_end=date(2023, 9, 30), costs=COSTS[:3]),
            filled(costs=lines({}, {"Belopp": Decimal("12000.01")})),
        ),
        keeps=lambda: two(filled(period_end=date(2023, 9, 30), costs=COSTS[:3]), planted.good()),
        where=("2.xlsx", None, ()),
        says="kvartal 2 2023 har ändrats från 12\u00a0000\u00a0kr till 12\u00a0000,01\u00a0kr",
    ),
    Case(
        "misstankt-dubbelfinansiering",
        "warning",
        "warning",
        breaks=lambda: two(
            planted.good(), filled(BOARD, CRIME, costs=crime(Verifikation="V1"), activities=CRIMES)
        ),
        keeps=lambda: two(
            planted.good(), filled(BOARD, CRIME, costs=crime(Verifikation="V9"), activities=CRIMES)
        ),
        where=("1.xlsx", "Kostnader", ("H6",)),
        grants=(EQUAL, CRIME),
        says=f"Verifikation V1 på 40\u00a0000,50\u00a0kr redovisas också under {CRIME}.",
    ),
    Case(
        "insats-utan-resultat",
        "warning",
        "warning",
        breaks=lambda: farsta(activities=ACTIVITIES[:1]),
        keeps=lambda: farsta(activities=[ACTIVITIES[0], {**ACTIVITIES[1], "Insats": " HEMBESÖK"}]),
        where=("farsta.xlsx", "Kostnader", ("A8", "A9")),
        says="Insatsen ”Hembesök” har kostnader men inget resultat.",
    ),
)
CRIMES: tuple[Row, ...] = ({"Insats": "Föräldragrupper", "Resultat": "Fler kom."},)


def crime(**change: object) -> list[Row]:
    """One cost under the other grant."""
    area = planted.decided().grant(CRIME).areas[0]
    return [{**COSTS[0], "Område": area, **change}]


@pytest.fixture(scope="module")
def examples(way: Way, decisions: Rulebook) -> dict[str, Sent]:
    """The returns of every case by folder (RULE/breaks and RULE/keeps), read and validated
    together."""
    folders = {
        f"{case.rule}/{what}": getattr(case, what)()
        for case in CASES
        for what in ("breaks", "keeps")
    }
    files = {
        f"{folder}/{name}": content
        for folder, inside in folders.items()
        for name, content in inside.items()
    }
    returns = way.take_in(files, decisions)
    sent: dict[str, Sent] = {}
    for as_of, book in dict.fromkeys((case.as_of, case.book) for case in CASES):
        judged = [case.rule for case in CASES if (case.as_of, case.book) == (as_of, book)]
        some = [r for r in returns if r.file.split("/")[0] in judged]
        told = {
            final: way.judge(some, book(), planned(is_final=final, as_of=as_of))
            for final in finals(as_of)
        }
        for folder in (f"{rule}/{what}" for rule in judged for what in ("breaks", "keeps")):
            sent[folder] = Sent(
                [r for r in some if r.file.startswith(f"{folder}/")],
                {
                    final: [f for f in told[final] if str(f.file).startswith(f"{folder}/")]
                    for final in told
                },
            )
    return sent


def finals(as_of: date) -> tuple[bool, ...]:
    """Whether a day's run may be the quarter's, or the final one as well."""
    return (False, True) if as_of >= planted.PERIOD_END else (False,)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_across_returns(case: Case, way: Way, examples: Mapping[str, Sent]) -> None:
    broken, kept = (examples[f"{case.rule}/{what}"] for what in ("breaks", "keeps"))
    for is_final in finals(case.as_of):
        severity = case.severity_final if is_final else case.severity
        plan = planned(*case.grants, is_final=is_final, as_of=case.as_of)
        told = about(case, outcome(way, broken, case.book(), plan))
        if is_final == finals(case.as_of)[-1]:  # what the final report lets pass a quarter does
            untold = about(case, outcome(way, kept, case.book(), plan))
            assert {f.rule for f in told} - {f.rule for f in untold} == {case.rule}
            assert case.rule not in {f.rule for f in untold}
        finding = next(f for f in told if f.rule == case.rule)
        assert (finding.severity, finding.board) == (severity, case.board)
        file, sheet, cells = case.where
        assert finding.file == (f"{case.rule}/breaks/{file}" if file else None)
        assert (finding.sheet, finding.cells) == (sheet, cells)
        assert case.says in finding.message
        assert_worded(told)


def about(case: Case, findings: list[Finding]) -> list[Finding]:
    """The findings about the grant that a case is about."""
    return [finding for finding in findings if finding.grant == case.grants[0]]


@pytest.mark.parametrize("is_final", [False, True], ids=["quarter", "final"])
def test_decisions_that_do_not_add_up_to_the_total(
    is_final: bool, way: Way, decisions: Rulebook
) -> None:
    """One krona of the first grant was never allocated; all of the second was."""
    told = outcome(
        way, Sent([], {is_final: []}), decisions, planned(EQUAL, CRIME, is_final=is_final)
    )
    (finding,) = (f for f in told if f.rule == "fordelning-avviker-fran-belopp")
    assert (finding.severity, finding.grant, finding.board) == ("warning", EQUAL, None)
    assert finding.message.startswith(
        "Bidraget är 8\u00a0453\u00a0075\u00a0kr, men besluten fördelar "
        "8\u00a0453\u00a0074\u00a0kr. Skillnaden, 1\u00a0kr, är inte fördelad"
    )
    assert_worded(told)


def outcome(way: Way, sent: Sent, decisions: Rulebook, plan: RunPlan) -> list[Finding]:
    """Every finding of a run on these returns, about any of its grants."""
    results = way.settle(sent.returns, sent.findings[plan.is_final], decisions, plan)
    return [finding for result in results for finding in result.findings]


def assert_worded(findings: list[Finding]) -> None:
    """Every place of the register's sentences is filled in, and the sentences are whole."""
    for finding in findings:
        for sentence in (finding.message, finding.remedy, finding.source):
            assert not set("{}") & set(sentence)
            assert "None" not in sentence
            assert "  " not in sentence
        assert finding.message.endswith((".", "?"))
        assert finding.remedy.endswith(".")
        assert "””" not in finding.message, "an empty value is quoted"
        assert "()" not in finding.message, "an empty value stands in brackets"


def test_an_amount_is_said_as_kronor_and_a_share_as_per_cent() -> None:
    rule = replace(RULES["overforbrukning"], message="{cost_sek} är {cost_share}.", remedy="–")
    details = {"cost_sek": Decimal("1234.5"), "cost_share": Decimal("0.068")}
    said = rule.finding(is_final=False, details=details).message
    assert said == "1\u00a0234,50\u00a0kr är 6,8\u00a0%."


def test_severity_in_the_final_report_differs_only_where_the_issue_says() -> None:
    harder = {r.rule_id for r in RULES.values() if r.severity_final != r.severity}
    of_the_accounts = {"saknar-stod-i-huvudboken"}
    assert harder == {
        "redovisning-saknas",
        "redovisning-aldre-period",
        *HARDER,
        *FOLLOW_UP,
        *of_the_accounts,
    }
    assert all(RULES[rule].can_be_waived for rule in HARDER)


HARDER = ("summa-under-noll", "belopp-i-tusental", "attest-orimlig-dag")
"""Warnings that hold a return in the final report, unless an exception clears them."""


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if f.rule in HARDER], ids=lambda fault: fault.name
)
def test_what_holds_the_final_report_is_a_warning_in_a_quarter(
    fault: planted.Fault, planted_faults: Mapping[str, Sent]
) -> None:
    findings = planted_faults[fault.name].findings
    assert [(f.rule, f.severity) for f in findings[False]] == [(fault.rule, "warning")]
    assert [(f.rule, f.severity) for f in findings[True]] == [(fault.rule, "blocking")]
    (quarter,), (final,) = findings[False], findings[True]
    assert (quarter.sheet, quarter.cells, quarter.message) == (
        final.sheet,
        final.cells,
        final.message,
    )


# -- rules within one return -----------------------------------------------------------------------


FOLLOW_UP = {
    *("tjanst-roll", "tjanst-andel", "tjanst-dagar"),
    *("matt-okant", "matt-dubbelt", "matt-delar", "matt-svar", "matt-fel-kolumn"),
    *("fraga-okand", "fraga-okant-ar", "fraga-dubbel", "fraga-fel-svar"),
}
"""Rules of what only some grants ask for, which hold a final report."""
ELSEWHERE = {
    *(
        "tilldelat-aldre",
        "kontroll-kunde-inte-goras",
        "belopp-avrundat",
        "datum-efter-perioden",
        "tecken-inte-i-pdf",
    ),
    *("fil-stoppade-lasningen", "fil-vantade-for-lange", "fil-otillganglig", "fil-ar-ingen-fil"),
    *("fil-ar-vart-svar", "fil-mycket-formatering"),
    *FOLLOW_UP,
    *("paket-misstankt", "paket-andrat", "paket-ej-inlamnat", "paket-ej-slutlig"),
    *("paket-annat-schema", "paket-gar-inte-ihop", "paket-namnd-vantar"),
    *("tilldelat-okant", "procent-olasligt", "matt-saknas", "matt-utan-fraga"),
    *("fraga-obesvarad", "fraga-inte-stalld"),
}
"""GX rules whose breaking example needs more than a file, or is but a note.

They are below, in test_answer, test_filed_report, test_intake, test_measures, test_questions and
test_validation.
"""


@pytest.mark.parametrize(
    "rule_id", sorted({r.rule_id for r in RULES.values() if r.checked_by == "gx"} - ELSEWHERE)
)
def test_a_rule_within_a_return_is_broken_by_a_planted_fault(
    rule_id: str, planted_faults: Mapping[str, Sent]
) -> None:
    planted_for = {fault.name for fault in FAULTS if fault.rule == rule_id}
    told = {
        name: [f for f in planted_faults[name].findings[True] if f.rule == rule_id]
        for name in planted_for
    }
    assert planted_for
    assert all(told.values())
    for findings in told.values():
        assert {f.severity for f in findings} == {RULES[rule_id].severity_final}
        assert_worded(findings)


def _aside(book: Any) -> None:
    book["Kostnader"]["A4"].value = "Vår egen anteckning"


def with_amounts(*amounts: object, **header: object) -> Make:
    """The good return with other amounts and the total that they come to."""
    costs = [{**row, "Belopp": amount} for row, amount in zip(COSTS, amounts, strict=False)]
    total = sum((Decimal(str(amount)) for amount in amounts), Decimal(0))
    return lambda: filled(header={"summa_kostnader": total, **header}, costs=costs)


def _headers_only(book: Any) -> None:
    planted.copied(book, "Kostnader", 0)
    planted.copied(book, "Insatser", 0)


def _many(*changes: Callable[[Any], object]) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        for one in changes:
            one(book)

    return change


KEEPS: Mapping[str, Make] = {
    "days on the edges of the period": lambda: filled(
        costs=lines({"Datum": date(2023, 1, 1)}, {"Datum": date(2023, 12, 31)})
    ),
    "two decimals, and zero": lambda: filled(costs=lines({"Belopp": 0.1 + 0.2}, {"Belopp": 0})),
    "a period that is the grant's first day": lambda: filled(
        period_end=date(2023, 1, 1), costs=[{**row, "Datum": date(2023, 1, 1)} for row in COSTS]
    ),
    "an attest on the period's last day": lambda: filled(
        header={"intygas_den": date(2023, 12, 31)}
    ),
    "an attest on the as-of day": lambda: filled(header={"intygas_den": AS_OF}),
    "a forecast of what is reported": lambda: filled(header={"prognos": TOTAL}),
    "lines that come to nothing": with_amounts(
        Decimal("40000.50"), 12000, Decimal("30000.25"), Decimal("-82000.75")
    ),
    "an öre above nothing": with_amounts(
        Decimal("40000.50"), 12000, Decimal("30000.25"), Decimal("-82000.74")
    ),
    "just below half the allocation in thousands": with_amounts(318, 1, 1, -2),
    "just above the allocation and a tenth in thousands": with_amounts(700, 1, 1, -2),
    "two lines in thousands": with_amounts(300, 300),
    "öre among thousands": with_amounts(300, 150, 100, Decimal("49.50")),
    "an amount that is too large for thousands": with_amounts(100_000, -99_500, 99, 1),
    "computed amounts with whole öre": planted.computed({"H6": "40000.5", "H8": "30000.25"}),
    "computed amounts with binary noise": planted.computed(
        {"H6": "40000.500000001", "H8": "30000.24999"}
    ),
    "a second sheet with headers only": edited(_headers_only),
    "the same line with another comment": lambda: filled(
        costs=[*COSTS, {**COSTS[2], "Kommentar": "Den andra gruppen"}]
    ),
    "codes in other spellings": lambda: filled(
        costs=lines({"Område": " universellt  STÖD", "Kostnadsslag": "personalkostnader"})
    ),
    "the board by another of its names": lambda: filled(header={"namnd": "Farsta stadsdelsnämnd"}),
    "the grant by its name": lambda: filled(header={"bidrag": "Jämlik tillgång 2023"}),
    "an organisationsnummer and a long voucher": lambda: filled(
        costs=lines({"Kommentar": "Köpt av 212000-0142", "Verifikation": "20230331000123"})
    ),
    "no counts and no forecast": lambda: filled(
        header={"prognos": None},
        activities=[
            {k: v for k, v in row.items() if not k.startswith("Antal")} for row in ACTIVITIES
        ],
    ),
    "the answers in other spellings": lambda: filled(
        header={"ersatter_befintlig": " nej", "annan_finansiering": "NEJ"}
    ),
    "notes outside the tables": edited(_aside),
    "the tables under other names": edited(planted.rename_table),
    "defined names lost": edited(planted.drop_names),
    "sheets moved and renamed": edited(planted.move_sheets),
    "the columns in another order": edited(planted.turn_columns),
    "all of that": edited(
        _many(planted.turn_columns, planted.rename_table, planted.drop_names, planted.move_sheets)
    ),
}


def test_what_just_keeps_the_rules_gives_no_finding(way: Way, decisions: Rulebook) -> None:
    returns = way.take_in({f"{name}.xlsx": make() for name, make in KEEPS.items()}, decisions)
    assert {r.file: (r.grant_id, r.sender_id, len(r.costs) >= 2) for r in returns} == {
        f"{name}.xlsx": (EQUAL, BOARD, True) for name in KEEPS
    }
    for is_final in (False, True):
        told = way.judge(returns, decisions, planned(EQUAL, is_final=is_final))
        assert [(f.file, f.rule, f.message) for f in told] == []


def test_the_total_in_the_forecast_may_be_what_a_correction_leaves(
    way: Way, decisions: Rulebook
) -> None:
    """Below nothing there is nothing to be held against: the sum is told, and not the forecast of 0
    kr too."""
    returns = way.take_in({"farsta.xlsx": with_amounts(-5, -5, prognos=0)()}, decisions)
    assert [f.rule for f in way.judge(returns, decisions, PLANS[False])] == ["summa-under-noll"]


LATE: Mapping[str, tuple[date, date, tuple[date, date], str]] = {
    "after the return's own period": (
        AUTUMN,
        date(2023, 9, 30),
        (date(2023, 9, 30), date(2023, 10, 1)),
        "Datumet 2023-10-01 ligger efter 2023-09-30",
    ),
    "after the day that it is looked at": (
        date(2023, 12, 15),
        date(2023, 12, 31),
        (date(2023, 12, 15), date(2023, 12, 16)),
        "Datumet 2023-12-16 ligger efter 2023-12-15",
    ),
}
"""The as-of date, the return's period, the last day that keeps the rule and the first that breaks
it, and the words."""


@pytest.mark.parametrize("name", LATE)
def test_a_line_that_is_dated_too_late_for_its_return_is_a_warning(
    name: str, way: Way, decisions: Rulebook
) -> None:
    as_of, period_end, days, says = LATE[name]
    costs = lines(*({"Datum": day} for day in days), rows=COSTS[:3])
    returns = way.take_in(
        {"farsta.xlsx": filled(period_end=period_end, header=UNATTESTED, costs=costs)}, decisions
    )
    (finding,) = way.judge(returns, decisions, planned(EQUAL, as_of=as_of))
    assert (finding.rule, finding.severity) == ("datum-efter-perioden", "warning")
    assert (finding.sheet, finding.cells) == ("Kostnader", ("G7",))
    assert finding.message.startswith(says)
    assert_worded([finding])


def test_a_line_too_late_for_its_period_is_a_warning_in_the_final_report_too(
    way: Way, decisions: Rulebook
) -> None:
    returns = way.take_in({"farsta.xlsx": filled(period_end=date(2023, 9, 30))}, decisions)
    for is_final in (False, True):
        told = way.judge(returns, decisions, PLANS[is_final])
        assert [(f.rule, f.severity, f.cells) for f in told] == [
            ("datum-efter-perioden", "warning", ("G9",))
        ]


def test_a_sign_that_the_pdf_cannot_show_is_a_note(way: Way, decisions: Rulebook) -> None:
    """Letters of other scripts and emoji; what Swedish and its neighbours write with, and line
    breaks, is shown."""
    seen = {**ACTIVITIES[0], "Resultat": "Élan – 5 % av “alla” föräldrar,\nŁódź och Київ"}
    unseen = {**ACTIVITIES[1], "Resultat": "Kurs på \u7236\u6bcd och ትም 👍"}
    content = filled(activities=(seen, unseen, *ACTIVITIES[2:]))
    returns = way.take_in({"farsta.xlsx": content}, decisions)
    told = way.judge(returns, decisions, PLANS[True])
    assert [(f.rule, f.severity, f.sheet, f.cells) for f in told] == [
        ("tecken-inte-i-pdf", "info", "Insatser", ("I7",)),
    ]
    assert "har tecken som PDF-filerna inte kan visa: \u7236\u6bcdትም👍." in told[0].message
    assert_worded(told)


def test_an_amount_that_was_rounded_is_a_note(way: Way, decisions: Rulebook) -> None:
    """The return counts as it would have; the cells are named, by what was made of them."""
    content = planted.computed(
        {"H6": "40000.504", "H7": "12000.0049", "H8": "30000.245", "H9": "-500.004"}
    )()
    returns = way.take_in({"farsta.xlsx": content}, decisions)
    for is_final in (False, True):
        told = way.judge(returns, decisions, PLANS[is_final])
        assert {(f.rule, f.severity, f.sheet) for f in told} == {
            ("belopp-avrundat", "info", "Kostnader")
        }
        assert {cell for f in told for cell in f.cells} == {"H6", "H7", "H8", "H9"}
        assert "Det har avrundats till hela ören: 40\u00a0000,50\u00a0kr." in told[0].message
        assert_worded(told)
        (result,) = way.settle(returns, told, decisions, PLANS[is_final])
        (row,) = (row for row in rows_in(result, "board") if row["board_id"] == BOARD)
        assert (row["return_status"], row["reported_sek"]) == ("accepted", TOTAL)


ROUNDED_TOTALS: Sequence[tuple[Mapping[str, str], float, set[str]]] = [
    # two amounts are rounded up by half an öre each: the exact total is an öre less than the lines
    ({"H6": "40000.505", "H7": "12000.005"}, 81500.76, set()),
    ({"H6": "40000.505", "H7": "12000.005"}, 81500.77, set()),
    ({"H6": "40000.505", "H7": "12000.005"}, 81500.78, set()),
    ({"H6": "40000.505", "H7": "12000.005"}, 81500.75, {"summa-stammer-inte"}),
    ({"H6": "40000.505", "H7": "12000.005"}, 81500.79, {"summa-stammer-inte"}),
    ({"H6": "40000.505"}, 81500.75, {"summa-stammer-inte"}),
    # the total is rounded as well, and counts
    ({"H6": "40000.505"}, 81500.755, set()),
    ({"H6": "40000.505"}, 81500.754, set()),
    ({}, 81500.754, set()),
    ({}, 81500.755, {"summa-stammer-inte"}),
    # noise is nothing that a total may differ by
    ({"H6": "40000.500001", "H7": "12000.000001"}, 81500.76, {"summa-stammer-inte"}),
]
"""What is stored in some cells, the total that the board states, and the rules that are broken."""


def test_the_own_total_agrees_within_half_an_ore_for_each_rounded_amount(
    way: Way, decisions: Rulebook
) -> None:
    sent: dict[str, bytes] = {}
    for number, (stored, total, _) in enumerate(ROUNDED_TOTALS):
        sent[f"{number}.xlsx"] = planted.computed(
            stored, lambda total=total: filled(header={"summa_kostnader": total})
        )()
    told = way.judge(way.take_in(sent, decisions), decisions, PLANS[False])
    for number, (_, _, rules) in enumerate(ROUNDED_TOTALS):
        assert {f.rule for f in told if f.file == f"{number}.xlsx"} - {
            "belopp-avrundat"
        } == rules, number


def test_a_component_below_nothing_is_told_by_its_name(way: Way, decisions: Rulebook) -> None:
    first, *_, last = decisions.grant(AREAS).components
    costs = [
        {**COSTS[0], "Område": area, "Datum": date(2021, 5, 31), "Belopp": amount}
        for area, amount in (
            (first.areas[0], 1000),
            (last.areas[0], 100),
            (last.areas[0], Decimal("-100.01")),
        )
    ]
    content = filled(
        "skarholmen", AREAS, period_end=date(2021, 12, 31), costs=costs, activities=CRIMES
    )
    returns = way.take_in({"1.xlsx": content}, decisions)
    for is_final, severity in ((False, "warning"), (True, "blocking")):
        (finding,) = way.judge(returns, decisions, planned(AREAS, is_final=is_final))
        assert (finding.rule, finding.severity, finding.cells) == (
            "summa-under-noll",
            severity,
            ("H8",),
        )
        assert (
            finding.message
            == "Kostnaderna blir tillsammans \u22120,01\u00a0kr, alltså under noll (Skolsociala "
            "team)."
        )


def test_a_hidden_copy_of_the_costs_is_told_as_both(way: Way, decisions: Rulebook) -> None:
    def hide(book: Any) -> None:
        planted.copied_costs(book)
        book["Kostnader (2)"].sheet_state = "hidden"

    told = way.judge(
        way.take_in({"farsta.xlsx": edited(hide)()}, decisions), decisions, PLANS[False]
    )
    assert {(f.rule, f.severity, f.sheet) for f in told} == {
        ("rader-utanfor", "blocking", "Kostnader (2)"),
        ("dolt-blad", "warning", "Kostnader (2)"),
    }
    assert any("750\u00a0000\u00a0kr" in f.message for f in told)


# -- exceptions from what holds the final report ---------------------------------------------------


@pytest.fixture(scope="module")
def unlikely(way: Way, decisions: Rulebook) -> Mapping[str, list[Return]]:
    """By rule: a return of Järva and of each board that became it, every one of which breaks that
    rule."""
    boards = ("jarva", "rinkeby-kista", "spanga-tensta")
    makes: Mapping[str, Callable[[str], bytes]] = {
        "attest-orimlig-dag": lambda board: filled(
            board, header={"intygas_den": date(2042, 1, 10)}
        ),
        "summa-under-noll": lambda board: filled(board, costs=lines({"Belopp": -90_000})),
        "belopp-i-tusental": lambda board: filled(
            board,
            costs=[
                {**row, "Belopp": 400, "Verifikation": f"{board}{row['Verifikation']}"}
                for row in COSTS
            ],
        ),
    }
    return {
        rule: way.take_in({f"{board}.xlsx": make(board) for board in boards}, decisions)
        for rule, make in makes.items()
    }


@pytest.mark.parametrize(
    "rule", [HARDER[0], *(pytest.param(rule, marks=pytest.mark.long) for rule in HARDER[1:])]
)
@pytest.mark.parametrize(
    ("named", "cleared"),
    [
        ("Järva", {"jarva.xlsx", "rinkeby-kista.xlsx", "spanga-tensta.xlsx"}),
        ("Spånga-Tensta", {"spanga-tensta.xlsx"}),
        ("Farsta", set()),
    ],
)
def test_an_exception_is_for_a_unit_or_for_one_of_its_senders(
    rule: str,
    named: str,
    cleared: set[str],
    way: Way,
    unlikely: Mapping[str, list[Return]],
    data: Path,
) -> None:
    row = (
        f'\n[[undantag]]\nregel = "{rule}"\nnamnd = "{named}"\nskal = "Prövat."\nbeslutat_av = '
        '"Socialnämnden"\n'
        "beslutat_den = 2024-01-10\ntill = 2024-01-31\n"
    )
    with (data / "grants" / f"{EQUAL}.toml").open("a", encoding="utf-8") as file:
        file.write(row)
    book = data_folder.load(data, [EQUAL], AS_OF)
    for is_final, severity in ((False, "warning"), (True, "blocking")):
        told = way.judge(unlikely[rule], book, PLANS[is_final])
        assert {(f.file, f.severity) for f in told if f.rule == rule} == {
            (r.file, "info" if r.file in cleared else severity) for r in unlikely[rule]
        }
        assert {f.board for f in told} == {"jarva"}


@pytest.mark.parametrize("is_final", [False, True], ids=["quarter", "final"])
def test_an_allocation_by_an_earlier_decision_is_a_warning(
    is_final: bool, way: Way, data: Path
) -> None:
    later = """
[[beslut]]
id = "senare"
datum = 2023-11-28
beslutat_av = "Socialnämnden"
antagande = "Prövas."

[beslut.fordelning]
"Farsta" = 600000
"""
    with (data / "grants" / f"{EQUAL}.toml").open("a", encoding="utf-8") as file:
        file.write(later)
    book = data_folder.load(data, [EQUAL], AS_OF)
    plan = planned(EQUAL, is_final=is_final)
    (finding,) = way.judge(way.take_in({"farsta.xlsx": planted.good()}, book), book, plan)
    assert (finding.rule, finding.severity) == ("tilldelat-aldre", "warning")
    assert (finding.sheet, finding.cells) == planted.cell_of("tilldelat")
    assert "636\u00a0208\u00a0kr" in finding.message
    assert "600\u00a0000\u00a0kr" in finding.message
    assert_worded([finding])
    now = way.take_in({"farsta.xlsx": filled(header={"tilldelat": 600000})}, book)
    assert way.judge(now, book, plan) == []
    before = replace(plan, as_of=date(2023, 11, 27))
    told = {f.rule for f in way.judge(now, book, before)}
    assert told == {"tilldelat-fel", "attest-orimlig-dag"}, (
        "a decision that is still to come is no decision"
    )


STOPPED: Mapping[str, tuple[Mapping[str, float], str]] = {
    "fil-stoppade-lasningen": (
        {"seconds": 0.01, "wait_seconds": 300},
        "tog mer än 30 sekunder av datorns arbetstid",
    ),
    "fil-vantade-for-lange": (
        {"seconds": 60, "wait_seconds": 0.01},
        "Det behöver inte vara något fel på den",
    ),
}


@pytest.mark.parametrize("rule", STOPPED)
def test_a_stopped_reader_is_a_finding(
    rule: str, way: Way, decisions: Rulebook, tmp_path: Path
) -> None:
    """It says whether the file was too much for the processor, or the machine too slow for the
    clock."""
    limits, said = STOPPED[rule]
    (tmp_path / "farsta.xlsx").write_bytes(planted.good())
    with Children(1, memory_bytes=None, **limits) as readers:
        returns = [
            r
            for _, r in intake.Intake(
                [(tmp_path / "farsta.xlsx", "farsta.xlsx")], readers
            ).returns()
        ]
    (finding,) = way.judge(returns, decisions, planned(EQUAL))
    assert (finding.rule, finding.severity, finding.file) == (rule, "blocking", "farsta.xlsx")
    assert said in finding.message
    assert_worded([finding])


def test_content_far_away_is_told_with_its_sheet_and_what_is_only_painted_as_painted(
    way: Way, decisions: Rulebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    painted = "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(30, 1100))
    files = {
        "långt ner.xlsx": '<row r="30000"><c r="A30000"><v>1</v></c></row>',
        "målat.xlsx": painted,
    }
    told = {}
    monkeypatch.setattr(excel, "BOUNDS", replace(excel.BOUNDS, blank_cells=1000))
    for name, rows in files.items():
        content = rewritten("xl/worksheets/sheet3.xml", partial(_with_rows, rows))()
        (tmp_path / name).write_bytes(content)
        (finding,) = way.judge([intake.read(tmp_path / name, name)], decisions, planned(EQUAL))
        told[finding.rule] = finding
        assert_worded([finding])
    assert {finding.sheet for finding in told.values()} == {"Kostnader"}
    far, only_painted = told["fil-for-manga-rader"], told["fil-mycket-formatering"]
    assert far.message.startswith("Bladet Kostnader har innehåll långt utanför")
    assert "A30000" in far.message
    assert only_painted.message.startswith(
        "Bladet Kostnader har färger, ramar eller andra format i mer än 1"
    )


def _with_rows(rows: str, part: bytes) -> bytes:
    return part.replace(b"</sheetData>", f"{rows}</sheetData>".encode())


def test_a_broken_grant_file_is_a_finding_and_the_others_run(data: Path) -> None:
    (data / "grants" / f"{EQUAL}.toml").write_text("format = 1\n", "utf-8")
    book = data_folder.load(data, [], AS_OF)
    assert [f.rule for f in book.broken] == ["bidragsfil-trasig"]
    assert [f.severity for f in book.broken] == ["blocking"]
    assert_worded(list(book.broken))
    assert [g.grant_id for g in book.grants if g.grant_id == CRIME] == [CRIME]
    assert data_folder.load(DATA, [], AS_OF).broken == ()


# -- the register holds together -------------------------------------------------------------------


def test_every_rule_has_an_example() -> None:
    examples = {f.rule for f in FAULTS} | {c.rule for c in CASES} | ELSEWHERE
    examples |= {"fordelning-avviker-fran-belopp", "bidragsfil-trasig", "fil-laser-olika"}
    examples |= (
        evidence.RULES
    )  # in tests/spec/rules, test_sie, test_booking_list and runs/test_evidence
    assert examples == set(RULES)


def test_the_rules_about_the_accounts_are_known_as_such() -> None:
    of_the_accounts = {r.rule_id for r in RULES.values() if r.checked_by in {"accounts", "extract"}}
    assert of_the_accounts == evidence.RULES


def test_every_sql_rule_is_a_file_and_every_file_a_rule() -> None:
    there = {
        path.name.removesuffix(".sql")
        for path in files("statsbidrag.sql.rules").iterdir()
        if ".sql" in path.name
    }
    assert there == {r.rule_id for r in RULES.values() if r.is_in_sql}


FILED = (filed_package, filed_proof, filed_figures, filed_report)
INTAKE = (intake, cell_reading, csv_file, excel, file_kinds, file_names, guard, guarded_xml, *FILED)
"""The rooms that say what is wrong with a file."""


def test_every_gx_rule_is_in_a_suite_or_said_by_the_intake() -> None:
    names = [
        path.name[:-5]
        for path in files("statsbidrag.expectations").iterdir()
        if path.name.endswith(".yaml")
    ]
    assert sorted(names) == sorted(frames.FRAMES)
    in_suites = {
        expectation["meta"]["rule"] for name in names for expectation in suites.suite(name)
    }
    in_suites |= {NUMBER_RULE, FOR_A_VOUCHER, LIKE_A_VOUCHER}  # each place in a return says which
    code = "".join(Path(str(module.__file__)).read_text("utf-8") for module in INTAKE)
    by_intake = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', code))
    of_gx = {r.rule_id for r in RULES.values() if r.checked_by == "gx"}
    assert of_gx - in_suites - by_intake == {"kontroll-kunde-inte-goras"}
    assert in_suites - {"{problem}", "{number_rule}"} <= of_gx
    assert not in_suites & {rule for rule in by_intake if rule in RULES}


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_the_words_of_a_rule(rule_id: str) -> None:
    """Sentences with full stops, no English and no places but names."""
    rule = RULES[rule_id]
    for sentence in (rule.message, rule.remedy):
        assert re.sub(r"\{[a-z_]+\}", "", sentence).count("{") == 0
        assert sentence[0].isupper() or sentence[0] == "{"
        assert sentence.rstrip("”").endswith((".", "}")), sentence
        assert '"' not in sentence
    assert rule.source
    assert yaml.safe_load(f'"{rule.rule_id}"') == rule.rule_id
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", rule.rule_id)


def test_a_return_is_about_the_total_it_states() -> None:
    """The examples themselves: the good return's total is the sum of its lines."""
    assert sum(Decimal(str(row["Belopp"])) for row in COSTS) == TOTAL
