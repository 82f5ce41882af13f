"""The played year: flags rise before the money is lost, and what comes late, wrong or never is
dealt with in time."""

import email
import email.policy
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.base import swedish
from tests.example import CRIME, EQUAL
from tests.support import timeline
from tests.support.commands import ROOT, call_here, run_here, server
from tests.tools import year
from tests.tools.year import DECEMBER, FINAL, Year

__all__ = ["server"]  # a fixture

pytestmark = pytest.mark.long

PICTURES = ROOT / "docs" / "pictures"
DOCUMENT = ROOT / "docs" / "aret-2023.md"


@pytest.fixture(scope="module")
def played(server: None, tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The whole year, played once."""
    return year.play(tmp_path_factory.mktemp("year"), run=run_here)


def others(played: Year, on: date, board_id: str) -> list[Any]:
    """The figures of every board of the first grant but one."""
    return [b for b in played.day(on).figures[EQUAL]["boards"] if b["board"] != board_id]


def at_risk(played: Year, on: date, grant_id: str = EQUAL) -> Decimal:
    return Decimal(played.day(on).standing[grant_id]["at_risk_sek"])


@pytest.mark.parametrize(
    ("limit", "flags"), [("0.10", {"act"}), ("0.05", {"act", "watch"})], ids=["act", "watch"]
)
def test_what_is_lost_is_flagged_ten_weeks_before_the_last_day_of_use(
    played: Year, limit: str, flags: set[str]
) -> None:
    lost = 0
    for grant_id in year.GRANTS:
        for board in played.days[-1].figures[grant_id]["boards"]:
            if Decimal(board["liability_sek"]) < Decimal(limit) * Decimal(board["allocated_sek"]):
                continue
            lost += 1
            lane = timeline.stretches(played, grant_id, board["board"])
            unflagged = [s.to_on for s in lane if s.flag not in flags]
            assert max(unflagged, default=lane[0].from_on) <= DECEMBER - timedelta(weeks=10), board[
                "name"
            ]
    assert lost >= 3


@pytest.mark.parametrize("grant_id", year.GRANTS)
def test_most_of_what_is_repaid_was_flagged_by_what_the_boards_themselves_had_said(
    played: Year, grant_id: str
) -> None:
    """What is left under the limits of the terms is not flagged: it is a small part."""
    owing = played.days[-1].figures[grant_id]["boards"]
    flagged = [
        b
        for b in owing
        if timeline.acted(played, grant_id, b["board"])
        or any(
            s.flag == "watch" and s.status != "missing"
            for s in timeline.stretches(played, grant_id, b["board"])
        )
    ]
    owed, in_all = (sum(Decimal(b["liability_sek"]) for b in boards) for boards in (flagged, owing))
    assert owed > in_all * Decimal("0.9")


@pytest.mark.parametrize(("grant_id", "board_id"), [(EQUAL, "bromma"), (CRIME, "skarholmen")])
def test_a_flag_falls_once_the_board_has_found_a_use_for_its_money(
    played: Year, grant_id: str, board_id: str
) -> None:
    lane = timeline.stretches(played, grant_id, board_id)
    assert any(s.flag == "act" for s in lane)
    autumn = [s for s in lane if s.from_on <= DECEMBER]
    assert autumn[-1].flag == "ok"
    until_told = [s for s in lane if s.from_on > DECEMBER and s.status == "outdated"]
    assert {s.flag for s in until_told} == {"act"}, (
        "after the last day of use, what nobody has reported is unspent"
    )
    assert all(s.flag == "ok" for s in lane if s.from_on > DECEMBER and s not in until_told)
    first = timeline.acted(played, grant_id, board_id)
    assert first
    final = played.days[-1].board(grant_id, board_id)
    assert (
        Decimal(final["liability_sek"])
        < Decimal(played.day(first).board(grant_id, board_id)["allocated_sek"]) / 20
    )


def test_a_late_return_clears_missing_and_lowers_the_risk_by_what_it_reports(played: Year) -> None:
    before, after = date(2023, 10, 18), date(2023, 11, 2)
    was, now = (played.day(on).board(EQUAL, "norra-innerstaden") for on in (before, after))
    assert (was["return_status"], now["return_status"]) == ("missing", "accepted")
    assert "norra-innerstaden" in played.day(before).standing[EQUAL]["missing"]
    assert "norra-innerstaden" not in played.day(after).standing[EQUAL]["missing"]
    assert abs(at_risk(played, before) - at_risk(played, after) - Decimal(now["eligible_sek"])) < 1
    assert others(played, before, "norra-innerstaden") == others(played, after, "norra-innerstaden")


def test_a_correction_moves_exactly_that_boards_figures(played: Year) -> None:
    before, after = date(2023, 11, 2), date(2023, 11, 13)
    was, now = (played.day(on).board(EQUAL, "bromma") for on in (before, after))
    assert others(played, before, "bromma") == others(played, after, "bromma")
    assert (was["flag"], now["flag"]) == ("ok", "act")
    wrong = Decimal(was["eligible_sek"]) - Decimal(now["eligible_sek"])
    assert wrong > 0
    assert wrong * 100 % 9 == 0, "a nought too many is nine times the amount"
    assert abs(at_risk(played, after) - at_risk(played, before) - wrong) < 1


def test_a_return_with_faults_is_held_until_it_is_put_right(played: Year) -> None:
    before, after = date(2023, 10, 10), date(2023, 10, 16)
    was, now = (played.day(on).board(EQUAL, "skarholmen") for on in (before, after))
    assert (was["return_status"], was["eligible_sek"], was["flag"]) == ("held", None, None)
    assert played.day(before).standing[EQUAL]["held"] == ["skarholmen"]
    assert (now["return_status"], now["flag"]) == ("accepted", "watch")
    assert others(played, before, "skarholmen") == others(played, after, "skarholmen")


def test_a_return_for_the_wrong_period_is_counted_but_not_taken_for_the_right_one(
    played: Year,
) -> None:
    was, now = (
        played.day(on).board(EQUAL, "skarpnack") for on in (date(2023, 10, 16), date(2023, 10, 18))
    )
    assert (was["return_status"], was["flag"]) == ("outdated", "act")
    assert (now["return_status"], now["flag"]) == ("accepted", "ok")
    assert Decimal(now["eligible_sek"]) > Decimal(was["eligible_sek"]) > 0


def test_who_never_answers_is_reminded_and_named_as_money_at_risk(played: Year) -> None:
    days = [day.on for day in played.days if "kungsholmen" in day.reminded[EQUAL]]
    assert [f"{day}" for day in days] == [
        *("2023-09-27", "2023-10-06", "2023-10-12"),
        *("2023-12-27", "2024-01-08", "2024-01-12"),
    ]
    letters = [
        letter(path)
        for path in sorted((played.out / "utkorg").glob("paminnelse_*jamlik*-kungsholmen_*.eml"))
    ]
    assert len(letters) == len(days)
    allocated = played.days[-1].board(EQUAL, "kungsholmen")["allocated_sek"]
    late = [told for told in letters if told["subject"].startswith("Försenad redovisning")]
    assert len(late) == 2
    for told in late:
        assert (
            f"{swedish.kr(Decimal(allocated))} i fara".replace(swedish.NBSP, " ") in told["subject"]
        )
    for day in played.days:
        if EQUAL in day.figures and day.on < year.ATTESTED:
            assert any("Kungsholmen" in step for step in day.standing[EQUAL]["next_steps"])
    assert {"ground": "no_report", "amount_sek": allocated} in played.days[-1].board(
        EQUAL, "kungsholmen"
    )["liability_grounds"]


def letter(path: Path) -> email.message.EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def test_nobody_who_has_answered_is_reminded_as_late(played: Year) -> None:
    assert played.day(date(2023, 10, 12)).reminded == {
        EQUAL: ("kungsholmen", "norra-innerstaden", "skarholmen", "skarpnack"),
        CRIME: (),
    }
    assert played.day(date(2024, 1, 12)).reminded == {
        EQUAL: ("enskede-arsta-vantor", "kungsholmen"),
        CRIME: (),
    }


@pytest.mark.parametrize("grant_id", year.GRANTS)
def test_what_is_at_risk_in_the_end_is_what_the_final_report_repays(
    played: Year, grant_id: str
) -> None:
    final = played.day(FINAL).figures[grant_id]
    assert final["final"]
    assert at_risk(played, played.days[-1].on, grant_id) == Decimal(
        final["liability"]["to_repay_sek"]
    )
    assert at_risk(played, date(2024, 1, 15), grant_id) == at_risk(played, FINAL, grant_id)


@pytest.mark.parametrize("grant_id", year.GRANTS)
def test_every_report_is_filed_before_the_agencys_day(played: Year, grant_id: str) -> None:
    last = played.days[-1]
    assert last.standing[grant_id]["report_state"] == "inlämnad"
    agency = next(d for d in last.deadlines if d.grant_id == grant_id and d.kind == "agency")
    assert agency.on
    assert agency.on > year.FILED
    assert agency.standing == "done"


@pytest.mark.parametrize("grant_id", year.GRANTS)
def test_the_picture_in_the_docs_is_what_the_script_draws(played: Year, grant_id: str) -> None:
    drawn = timeline.draw(played, grant_id)
    assert (PICTURES / f"{year.PICTURES[grant_id]}.svg").read_text("utf-8") == drawn
    assert len(drawn.encode()) < 200_000
    assert not re.search(r"<script|href=|url\((?!#)", drawn)


AMOUNT = r"\d{1,3}(?:\s\d{3})+(?:,\d\d)?(?=\skr)"


def amounts(text: str) -> list[Decimal]:
    """Every amount of four figures or more."""
    return [
        amount
        for told in re.findall(AMOUNT, text)
        if (amount := swedish.parse_amount(told)) is not None
    ]


def test_every_amount_in_the_document_is_one_that_the_program_said(played: Year) -> None:
    said = {Decimal(arrival.wanted_sek) for arrival in year.ARRIVALS if arrival.wanted_sek}
    said |= {played.book.grant(EQUAL).limits.act_unspent_sek}
    for day in played.days:
        for rows in (
            day.standing.values(),
            day.figures.values(),
            *(f["boards"] for f in day.figures.values()),
        ):
            said |= {
                Decimal(v)
                for row in rows
                for k, v in row.items()
                if k.endswith("_sek") and v is not None
            }
    repaid = Decimal(played.days[-1].figures[EQUAL]["liability"]["boards_sek"])
    told = amounts(DOCUMENT.read_text("utf-8"))
    assert len(told) > 20
    others_repay = {amount for amount in told if amount not in said | {repaid}}
    assert others_repay == {Decimal("74831.94")}, "the sum of the six that the table takes together"


def test_the_table_of_what_is_repaid_adds_up(played: Year) -> None:
    table = (
        DOCUMENT.read_text("utf-8")
        .partition("## Vad som blev av pengarna")[2]
        .partition("Tillsammans")[0]
    )
    last = "\n".join(row.split("|")[-2] for row in table.splitlines() if row.startswith("|"))
    assert sum(amounts(last)) == Decimal(played.days[-1].figures[EQUAL]["liability"]["boards_sek"])


def test_a_year_that_nobody_has_touched_holds_to_the_last_letter(played: Year) -> None:
    done = call_here(
        "verify", "--out", str(played.out), "--returns", str(played.out.parent / "inbox")
    )
    assert done.returncode == 0, done.stdout
    letters = len(list((played.out / "utkorg").glob("*.eml")))
    assert f" {letters} brev och " in done.stdout
