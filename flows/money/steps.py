"""The steps of `sql/` in their order, the rules between them, and the identities of the money."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..model.findings import Finding, Rule, Severity
from ..model.rulebook import Rulebook, RunPlan
from ..returns.waivers import waive
from . import duck
from .breaches import Breach

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


DECIDED = ("101_heir", "102_unit", "103_allocation", "104_accountable")
"""Whose money it is, by what is decided alone."""
SELECTION = (*DECIDED, "110_returned", "120_candidate", "140_cost")
"""Whose money it is, and which return of each sender counts.

Blocking rules come after these: what they hold is not counted.
"""
MONEY = (
    *("210_sender", "220_standing", "225_judged", "230_line", "240_activity"),
    *("244_post", "245_counted", "246_answer"),
    *("305_part_year", "306_ended"),
    *("310_board_component", "320_board_money", "330_inherited", "340_board_year"),
)
"""What was spent and what is owed. Rules that warn come after these, since some of them speak of
sums."""
OUTCOME = (
    *("410_forecast", "420_board"),
    *("430_reach", "432_expected", "435_outlook", "440_since"),
    *("510_city", "511_part_of", "515_level", "516_coverage", "517_level_answer"),
    *("520_area", "530_ineligible", "540_gender", "545_pledge"),
    *("546_measured", "547_post_month", "548_staffing", "549_answered", "550_manifest"),
)
"""What the reports say."""
EVIDENCE = (
    *("551_booking", "552_claim", "553_voucher", "554_by_voucher", "555_by_month"),
    *("556_by_amount", "557_member", "558_pair", "559_elsewhere", "560_credited", "570_evidence"),
)
"""How what is reported meets what is booked. It comes after the figures of the reports, and changes
none of them; the rules that speak of it come after these."""
TOLD = ("590_told",)
STEPS = (*SELECTION, *MONEY, *OUTCOME, *EVIDENCE, *TOLD)

CHECKS = (
    *("fil", "inlast", "rader", "skal", "omraden"),
    *("beviljat", "tilldelat", "redovisat", "aterstar", "ar"),
    *("aterbetalning", "grunder", "komponenter", "staden", "aterbetalas", "avstamning"),
    *("nivaer", "svar", "nivasvar"),
)
"""The identities of the money, in `sql/checks`, from the files inward to what the city repays."""


def _rule_sql(rule_id: str) -> str:
    return files("statsbidrag.sql.rules").joinpath(f"{rule_id}.sql").read_text("utf-8")


# -- steps and rules -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """Steps, and the rules that come after them: by whom they are checked, and how severe they
    are."""

    steps: Sequence[str]
    severities: Set[Severity]
    checked_by: str = "sql"


STAGES = (
    Stage(SELECTION, {Severity.BLOCKING}),
    Stage(MONEY, {Severity.WARNING, Severity.INFO}),
    Stage(OUTCOME, frozenset()),
    Stage(EVIDENCE, frozenset(Severity), "accounts"),
    Stage(TOLD, frozenset()),
)


def run_steps(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan) -> None:
    """Every step in order, and after each stage the rules that speak of it."""
    for stage in STAGES:
        run_stage(con, rulebook, plan, stage, rulebook.rules.values())


def make(con: "DuckDBPyConnection", steps: Iterable[str]) -> None:
    """The tables of some steps, in their order."""
    for step in steps:
        duck.run(con, f"CREATE OR REPLACE TABLE {step[4:]} AS {duck.sql(step)}")


def run_stage(
    con: "DuckDBPyConnection",
    rulebook: Rulebook,
    plan: RunPlan,
    stage: Stage,
    rules: Iterable[Rule],
) -> list[Finding]:
    """The steps of a stage and those of the rules that come after it; what the rules say is added
    to the findings."""
    make(con, stage.steps)
    findings: list[Finding] = []
    for rule in rules:
        is_due = rule.severity_in(plan.is_final) in stage.severities
        if rule.checked_by == stage.checked_by and is_due:
            rows = duck.rows(con, f"SELECT * FROM ({_rule_sql(rule.rule_id)}) ORDER BY ALL")
            of_rule = [_finding(rulebook, rule.rule_id, plan, row) for row in rows]
            if stage.checked_by == "accounts":
                of_rule = waive(of_rule, (), rulebook, plan)
            add_findings(con, of_rule)
            findings += of_rule
    return findings


def _finding(rulebook: Rulebook, rule_id: str, plan: RunPlan, row: Mapping[str, Any]) -> Finding:
    return rulebook.rules[rule_id].finding(
        is_final=plan.is_final,
        grant=row["grant_id"],
        board=row.get("board_id"),
        file=row.get("file"),
        sheet=row.get("sheet") or None,
        cells=tuple(row.get("cells") or ()),
        value=row.get("seen"),
        details=row,
    )


def add_findings(con: "DuckDBPyConnection", findings: Iterable[Finding]) -> None:
    """Findings into the database, numbered on from those that are there."""
    start = con.execute("SELECT count(*) FROM finding").fetchall()[0][0]
    rows = []
    for number, finding in enumerate(findings, start=start):
        row = (
            number,
            finding.rule,
            str(finding.severity),
            finding.grant,
            finding.board,
            finding.file,
            finding.sheet,
            list(finding.cells),
            finding.value,
            finding.message,
            finding.remedy,
            finding.source,
        )
        rows.append(row)
    duck.insert(con, "finding", rows)


_PLACE = "grant_id, board_id, component_id, file, figure, expected, found"


def unequal(check: str) -> str:
    """The query for where an identity doesn't hold: its file gives what must be equal, and the
    columns of the place."""
    pairs = files("statsbidrag.sql.checks").joinpath(f"{check}.sql").read_text("utf-8")
    whole = (
        "SELECT NULL::VARCHAR AS board_id, NULL::VARCHAR AS component_id, NULL::VARCHAR AS file "
        "WHERE false"
    )
    return (
        f"SELECT {_PLACE} FROM ({whole} UNION ALL BY NAME ({pairs})) WHERE expected IS DISTINCT "
        "FROM found"
    )


def check(con: "DuckDBPyConnection", rulebook: Rulebook) -> Iterator[Breach]:
    """Each identity of the money that doesn't hold in the run's tables, and the first place where
    it doesn't."""
    for name in CHECKS:
        for found in duck.rows(con, f"{unequal(name)} ORDER BY ALL LIMIT 1"):
            grant = rulebook.grant(found.pop("grant_id")).name
            board_id, component = found.pop("board_id"), found.pop("component_id")
            board = rulebook.board(board_id).name if board_id else None
            yield Breach(check=name, grant=grant, board=board, component=component, **found)
