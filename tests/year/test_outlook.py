"""What a quarter says of the months that are left: forecasts, what has changed, and how right they
were."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook import Workbook

from statsbidrag.base.swedish import NBSP
from statsbidrag.documents import record, second_proof
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from tests import example
from tests.example import Sending
from tests.support import planted, report_fixture
from tests.support.filling import place
from tests.support.planted import EQUAL
from tests.support.rows import rows_in, with_rows
from tests.support.way import Way, planned

D = Decimal
AS_OF = date(2023, 10, 15)
JUNE, SEPTEMBER = date(2023, 6, 30), date(2023, 9, 30)
ELAPSED = {JUNE: 181, SEPTEMBER: 273}
DAYS = 365
# Board -> share of the allocation used by June and by September, and the forecasts as shares
SPENT = {
    "farsta": (D("0.41"), D("0.70"), D("0.98"), D("0.95")),
    "bromma": (D("0.20"), D("0.31"), D("0.90"), D("0.62")),
    "skarpnack": (D("0.50"), D("1.04"), D("1"), D("1.04")),
}


@pytest.fixture(scope="module")
def returns() -> dict[str, bytes]:
    """Two quarters from three boards; Hägersten-Älvsjö has sent one return, and wishes for more."""
    book = planted.decided()
    sent = [
        Sending(
            board,
            share,
            day,
            (1, day.month),
            forecast=forecast,
            reason="Tjänster var vakanta i våras.",
        )
        for board, (june, september, then, now) in SPENT.items()
        for day, share, forecast in ((JUNE, june, then), (SEPTEMBER, september, now))
    ]
    wish = {"onskar_ytterligare": D(75000)}
    sent.append(
        Sending("hagersten-alvsjo", D("0.8"), SEPTEMBER, (1, 9), forecast=D(1), header=wish)
    )
    return dict(example.file(book, EQUAL, sending) for sending in sent)


@pytest.fixture(scope="module")
def quarter(way: Way, decisions: Rulebook, returns: Mapping[str, bytes]) -> GrantResult:
    """The third quarter of 2023, with the second among its files."""
    return way.run(returns, decisions, planned(EQUAL, as_of=AS_OF))[0]


def ore(amount: Fraction) -> Decimal:
    """A fraction of kronor as whole öre, half up."""
    return (D(amount.numerator) / D(amount.denominator)).quantize(D("0.01"), ROUND_HALF_UP)


def spent(result: GrantResult, board: str, share: Decimal) -> Decimal:
    """What a share of a board's allocation is, as the example spends it."""
    return D(int(result.grant.allocated_on(board, AS_OF) * share * 100)) / 100


def row(
    result: GrantResult, table: str, board: str | None, component: str | None = None
) -> Mapping[str, Any]:
    """The row of a board, the latest first where it has several."""
    rows = (r for r in rows_in(result, table) if r["board_id"] == board)
    return next(r for r in rows if r.get("component_id") == component)


@pytest.mark.parametrize("board", sorted(SPENT))
def test_the_forecasts_of_a_board(quarter: GrantResult, board: str) -> None:
    allocated = quarter.grant.allocated_on(board, AS_OF)
    used = spent(quarter, board, SPENT[board][1])
    outlook = row(quarter, "outlook", board)
    run_rate = ore(Fraction(used) * DAYS / ELAPSED[SEPTEMBER])
    assert outlook["eligible_sek"] == used
    assert (outlook["elapsed_day_count"], outlook["total_day_count"]) == (ELAPSED[SEPTEMBER], DAYS)
    assert outlook["elapsed_share"] == D("0.7479")
    assert outlook["run_rate_sek"] == run_rate
    assert outlook["run_rate_unspent_sek"] == max(D(0), allocated - run_rate)
    assert outlook["projected_unspent_sek"] == row(quarter, "board", board)["projected_unspent_sek"]


@pytest.mark.parametrize("board", sorted(SPENT))
def test_what_the_forecasts_said_then_and_what_became_of_it(
    quarter: GrantResult, board: str
) -> None:
    allocated = quarter.grant.allocated_on(board, AS_OF)
    june, september, then, _ = SPENT[board]
    before, now = spent(quarter, board, june), spent(quarter, board, september)
    forecast = (allocated * then).quantize(D(1), ROUND_CEILING)
    since = row(quarter, "since", board)
    assert (since["earlier_on"], since["is_latest"]) == (JUNE, True)
    assert (since["before_eligible_sek"], since["eligible_sek"]) == (before, now)
    assert since["before_forecast_sek"] == forecast
    assert since["run_rate_said_sek"] == ore(Fraction(before) * ELAPSED[SEPTEMBER] / ELAPSED[JUNE])
    days, left = ELAPSED[SEPTEMBER] - ELAPSED[JUNE], DAYS - ELAPSED[JUNE]
    assert since["forecast_said_sek"] == before + ore(Fraction(forecast - before) * days / left)
    assert since["run_rate_error_sek"] == since["run_rate_said_sek"] - now
    assert since["forecast_error_sek"] == since["forecast_said_sek"] - now


def test_the_whole_grant_is_the_sum_of_those_that_are_known(quarter: GrantResult) -> None:
    boards = [row(quarter, "outlook", board) for board in (*SPENT, "hagersten-alvsjo")]
    whole = row(quarter, "outlook", None)
    for name in ("run_rate_sek", "run_rate_unspent_sek", "forecast_sek", "projected_unspent_sek"):
        assert whole[name] == sum(board[name] for board in boards)
    assert (whole["run_rate_count"], whole["forecast_count"]) == (4, 4)
    assert whole["eligible_sek"] == rows_in(quarter, "city")[0]["eligible_sek"]
    assert whole["wanted_sek"] == 75000


def test_a_board_without_an_earlier_return_has_no_past(quarter: GrantResult) -> None:
    assert "hagersten-alvsjo" not in {r["board_id"] for r in rows_in(quarter, "since")}


def test_the_money_is_moved_where_it_saves_the_most(quarter: GrantResult) -> None:
    told = record.reconciliation(quarter)["redistribution"][0]
    over = row(quarter, "board", "skarpnack")["overspent_sek"]
    moved = {t["to"]: D(t["amount_sek"]) for t in told["transfers"]}
    assert moved == {"skarpnack": over, "hagersten-alvsjo": D(75000)}
    assert {t["from"] for t in told["transfers"]} == {"bromma"}
    assert D(told["saved_sek"]) == over + 75000
    assert D(told["before_sek"]) - D(told["saved_sek"]) == D(told["after_sek"])


def test_what_is_written_is_what_is_reckoned(quarter: GrantResult) -> None:
    written = record.reconciliation(quarter)
    second_proof.check_written(record.json_text(written).encode(), quarter)
    written["outlook"][1]["run_rate_sek"] = "1.00"
    with pytest.raises(Exception, match="Prognos i samma takt"):
        second_proof.check_written(record.json_text(written).encode(), quarter)


def test_the_section_begins_with_what_has_changed(
    quarter: GrantResult, decisions: Rulebook, tmp_path: Path
) -> None:
    report_fixture.render(quarter, decisions, tmp_path)
    text = (tmp_path / "aterrapport.html").read_text("utf-8")
    section = text[text.index('id="prognos"') :]
    headings = [
        "Det här har ändrats sedan nämndernas förra redovisning",
        "Så ligger nämnderna till",
        "Så är prognoserna gjorda",
        "Så rätt har prognoserna haft",
    ]
    places = [section.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "Bromma, agera.</strong> Nämndens orsak: ”Tjänster var vakanta i våras.”" in section
    assert 'href="omfordelning.html"' in section
    assert f"75{NBSP}000" in (tmp_path / "omfordelning.html").read_text("utf-8")


def test_without_earlier_returns_nothing_has_changed(
    quarter: GrantResult, decisions: Rulebook, tmp_path: Path
) -> None:
    report_fixture.render(with_rows(quarter, since=()), decisions, tmp_path)
    text = (tmp_path / "aterrapport.html").read_text("utf-8")
    assert "Det här har ändrats" not in text
    assert "Så rätt har prognoserna haft" not in text


def test_the_final_report_looks_back_only(
    way: Way, decisions: Rulebook, returns: Mapping[str, bytes]
) -> None:
    final = way.run(returns, decisions, planned(EQUAL, is_final=True))[0]
    assert not rows_in(final, "outlook")
    assert not rows_in(final, "since")
    assert not {"outlook", "since", "redistribution"} & set(record.reconciliation(final))


def test_a_return_without_the_wish_field_is_as_good_as_before(
    way: Way, decisions: Rulebook
) -> None:
    """Workbooks of before the field have neither its name nor its label."""

    def forget(book: Workbook) -> None:
        sheet, ref = place(book, "onskar_ytterligare")
        book[sheet][f"B{ref[1:]}"].value = None
        del book.defined_names["onskar_ytterligare"]

    sent = way.take_in({"a.xlsx": planted.edited(forget)(), "b.xlsx": planted.good()}, decisions)
    assert ["wanted_sek" in returned.header for returned in sent] == [False, True]
    for is_final in (False, True):
        plan = planned(EQUAL, is_final=is_final)
        faults = [
            [f for f in way.judge(sent, decisions, plan) if f.file == name]
            for name in ("a.xlsx", "b.xlsx")
        ]
        assert faults == [[], []]
