"""Working days against the almanac, deadlines and what is at risk, reminders once each, and
calendars by RFC 5545."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from icalendar import Calendar

from statsbidrag.base import working_days
from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder
from statsbidrag.model.case import ReportState, Review
from statsbidrag.model.decisions import Allocation, DeadlineKind, Due, Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.model.sources import Source
from statsbidrag.model.year import Deadline
from statsbidrag.year import calendar_files, deadlines, reminders
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL
from tests.support.examples import GRANTS
from tests.support.planted import DATA
from tests.support.report_fixture import mfof_final, social_quarter
from tests.support.rows import rows_in, with_rows
from tests.support.way import load_one

STATED = Source("antagande", "Prov.")


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@cache
def book(as_of: str = "2024-01-20") -> Rulebook:
    return data_folder.load(DATA, [], day(as_of))


def with_due(grant: Grant, **on: str) -> Grant:
    """The grant with other days for some of its deadlines."""
    changed = {kind: Due("Prov", STATED, day(text)) for kind, text in on.items()}
    kept: dict[DeadlineKind, Due] = {
        kind: changed.get(kind, due) for kind, due in grant.due.items()
    }
    return replace(grant, due=kept)


def only(found: list[Deadline], kind: str, period_end: str | None = None) -> Deadline:
    [deadline] = [
        d for d in found if d.kind == kind and (not period_end or d.period_end == day(period_end))
    ]
    return deadline


# -- working days, against the almanac -------------------------------------------------------------

FREE = {
    2023: "01-06 04-07 04-10 05-01 05-18 06-06 06-23 12-25 12-26",
    2024: "01-01 03-29 04-01 05-01 05-09 06-06 06-21 12-24 12-25 12-26 12-31",
    2025: "01-01 01-06 04-18 04-21 05-01 05-29 06-06 06-20 12-24 12-25 12-26 12-31",
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31",
}
"""Every Monday to Friday that is free, copied by hand from the almanac."""


@pytest.mark.parametrize(("year", "working"), [(2023, 251), (2024, 251), (2025, 249), (2026, 251)])
def test_the_working_days_of_a_year_are_those_of_the_almanac(year: int, working: int) -> None:
    weekdays = [d for d in days(date(year, 1, 1), date(year, 12, 31)) if d.weekday() < 5]
    assert (
        " ".join(f"{d:%m-%d}" for d in weekdays if not working_days.is_working_day(d)) == FREE[year]
    )
    assert (
        sum(map(working_days.is_working_day, days(date(year, 1, 1), date(year, 12, 31)))) == working
    )


@pytest.mark.parametrize(
    ("from_day", "count", "comes"),
    [
        ("2023-03-31", 8, "2023-04-14"),  # over långfredagen and annandag påsk
        ("2024-03-28", 1, "2024-04-02"),
        ("2024-06-20", 1, "2024-06-24"),  # midsommarafton
        ("2023-12-22", 1, "2023-12-27"),  # julafton on a Sunday
        ("2024-12-23", 1, "2024-12-27"),
        ("2024-12-30", 1, "2025-01-02"),  # nyårsafton
        ("2023-12-31", 8, "2024-01-11"),
        ("2024-12-31", 8, "2025-01-14"),  # trettondedag jul on a Monday
        (
            "2025-04-30",
            1,
            "2025-05-02",
        ),  # valborg is worked, the day between holiday and weekend too
    ],
)
def test_working_days_after(from_day: str, count: int, comes: str) -> None:
    assert working_days.after(day(from_day), count) == day(comes)


@pytest.mark.parametrize(
    ("to_day", "count", "comes"),
    [
        ("2024-02-01", 5, "2024-01-25"),
        ("2024-04-02", 1, "2024-03-28"),
        ("2024-06-24", 2, "2024-06-19"),
        ("2023-12-31", 3, "2023-12-22"),  # a Sunday: counted from Friday the 29th
        ("2024-01-01", 1, "2023-12-28"),
        ("2025-01-07", 3, "2024-12-30"),
    ],
)
def test_working_days_before(to_day: str, count: int, comes: str) -> None:
    assert working_days.before(day(to_day), count) == day(comes)


@pytest.mark.parametrize(
    ("from_day", "to_day", "left"),
    [
        ("2023-12-22", "2024-01-11", 11),
        ("2024-01-20", "2024-01-11", -6),
        ("2024-01-11", "2024-01-11", 0),
        ("2023-12-29", "2023-12-31", 0),
        ("2024-06-20", "2024-06-24", 1),
    ],
)
def test_working_days_left(from_day: str, to_day: str, left: int) -> None:
    assert working_days.working_days_left(day(from_day), day(to_day)) == left


def test_before_and_left_agree_on_every_day() -> None:
    for to_day in days(date(2023, 11, 15), date(2025, 1, 31)):
        assert working_days.is_working_day(working_days.last_working_day(to_day))
        for count in (1, 3, 10):
            first = working_days.before(to_day, count)
            assert working_days.is_working_day(first)
            assert working_days.working_days_left(first, to_day) == count
            assert (
                working_days.working_days_left(to_day, working_days.after(to_day, count)) == count
            )


# -- deadlines -------------------------------------------------------------------------------------


def test_the_deadlines_of_a_real_grant_in_order() -> None:
    found = deadlines.deadlines_of(book(), book("2023-09-20").grant(EQUAL), day("2023-09-20"))
    assert [(d.kind, str(d.on), d.days_left, d.working_days_left) for d in found if d.on] == [
        ("quarterly_return", "2023-10-11", 21, 15),
        ("last_use", "2023-12-31", 102, 70),
        ("quarterly_return", "2024-01-11", 113, 78),
        ("internal_review", "2024-01-25", 127, 88),
        ("agency", "2024-02-01", 134, 93),
    ]
    assert {d.kind: d.words for d in found if not d.on} == {
        "final_return": "I början av 2024 (tjänsteutlåtandet anger ingen dag)",
        "committee": "Tjänsteutlåtandet säger inte om återrapporten ska tas upp i nämnden",
        "repayment": "Tjänsteutlåtandet anger ingen dag",
    }
    assert [d.kind for d in found[-3:]] == ["final_return", "committee", "repayment"]
    assert found[0].left == "21\u00a0dagar kvar, varav 15\u00a0arbetsdagar"
    assert found[0].words == "onsdag 11\u00a0oktober\u00a02023"


def test_no_day_of_a_real_grant_is_made_up() -> None:
    """A day is cited from a document, or counted in working days by an assumption that is
    stated."""
    for grant in book().grants:
        for kind, due in grant.due.items():
            # Of the city's own money not even the days are said: they are assumed, and stated so.
            assert due.on is None or due.source.kind == "kalla" or not grant.has_amounts, kind
            assert due.working_days is None or due.source.kind == "antagande", kind
    areas = {
        d.kind: d
        for d in deadlines.deadlines_of(book(), book().grant(AREAS), day("2021-06-01"))
        if d.kind != "quarterly_return"
    }
    assert {kind: str(d.on) for kind, d in areas.items() if d.on} == {"last_use": "2021-12-31"}
    assert areas["internal_review"].words == (
        "5\u00a0arbetsdagar före återrapportens sista dag, som inte är känd"
    )


def test_nobody_returns_a_quarter_that_ended_before_the_decision() -> None:
    assert [str(end) for end in deadlines.periods(book().grant(CRIME))] == [
        "2023-09-30",
        "2023-12-31",
    ]
    assert [str(end) for end in deadlines.periods(book().grant(AREAS))] == [
        "2021-06-30",
        "2021-09-30",
        "2021-12-31",
    ]
    grant = book().grant(CRIME)
    early = replace(grant, decisions=(replace(grant.decisions[0], decided_on=day("2023-06-30")),))
    assert deadlines.periods(early)[0] == day("2023-06-30")
    short = replace(book().grant(CRIME), spend_to_on=day("2023-11-30"))
    assert [str(end) for end in deadlines.periods(short)] == ["2023-09-30", "2023-11-30"]


def test_a_known_day_of_the_final_return_is_that_of_the_last_quarter() -> None:
    grant = with_due(book().grant(EQUAL), final_return="2024-01-18")
    found = deadlines.deadlines_of(book(), grant, day("2023-10-01"))
    assert [str(d.period_end) for d in found if d.kind == "quarterly_return"] == ["2023-09-30"]
    assert only(found, "final_return").on == day("2024-01-18")


def test_a_deadline_on_a_holiday_stays_and_says_which_working_day_is_the_last() -> None:
    found = deadlines.deadlines_of(
        book(), with_due(book().grant(EQUAL), agency="2024-01-06"), day("2024-01-02")
    )
    agency = only(found, "agency")
    assert (agency.on, agency.last_working_day) == (day("2024-01-06"), day("2024-01-05"))
    assert (agency.days_left, agency.working_days_left) == (4, 3)
    assert agency.remind_on[-1] == day("2024-01-02")


def test_the_review_is_done_before_the_committee_meets() -> None:
    grant = with_due(book().grant(EQUAL), committee="2024-01-23")
    assert only(
        deadlines.deadlines_of(book(), grant, day("2024-01-02")), "internal_review"
    ).on == day("2024-01-16")


def test_what_is_at_risk_of_returns_that_are_not_in() -> None:
    """Missing or held: all the board was given. Outdated, in a quarter: what the earlier return has
    not told of."""
    as_of, result = day("2021-10-15"), social_quarter()
    grant = book().grant(AREAS)
    quarter = only(
        deadlines.deadlines_of(book(), grant, as_of, result), "quarterly_return", "2021-09-30"
    )
    by_id = {board["board_id"]: board for board in rows_in(result, "board")}
    outdated = 4_700_000 + 1_729_200 - by_id["enskede-arsta-vantor"]["eligible_sek"]
    assert quarter.is_overdue
    assert quarter.at_risk_sek == outdated + (2_900_000 + 1_498_000) + (3_300_000 + 479_200)
    assert quarter.left.startswith("försenat 3\u00a0dagar, det gäller ")
    assert only(
        deadlines.deadlines_of(book(), grant, as_of, result), "last_use"
    ).at_risk_sek == min(
        grant.total_sek, grant.total_sek - rows_in(result, "city")[0]["eligible_sek"]
    )
    final = only(deadlines.deadlines_of(book(), grant, as_of, result), "final_return")
    assert final.at_risk_sek == grant.total_sek  # nobody has sent in for the grant's end


def test_what_is_at_risk_in_the_end() -> None:
    found = deadlines.deadlines_of(book(), book().grant(EQUAL), day("2024-01-20"), mfof_final())
    late = only(found, "quarterly_return", "2023-12-31")
    assert late.at_risk_sek == 438_957 + 559_876  # Bromma is held, Södermalm is missing
    assert late.left == "försenat 9\u00a0dagar, det gäller 998\u00a0833\u00a0kr"
    assert only(found, "agency").at_risk_sek == 8_453_075
    assert only(found, "repayment").at_risk_sek == rows_in(mfof_final(), "city")[0]["at_risk_sek"]


@pytest.mark.parametrize(
    ("state", "version", "done"),
    [
        (ReportState.DRAFT, 1, set()),
        (ReportState.REVIEWED, 1, {"internal_review"}),
        (ReportState.ATTESTED, 1, {"internal_review", "committee"}),
        (
            ReportState.FILED,
            1,
            {"internal_review", "committee", "agency", "final_return", "quarterly_return"},
        ),
        (
            ReportState.DRAFT,
            2,
            {"internal_review", "committee", "agency", "final_return", "quarterly_return"},
        ),
        (
            ReportState.REPAID,
            1,
            {
                "internal_review",
                "committee",
                "agency",
                "final_return",
                "quarterly_return",
                "repayment",
            },
        ),
    ],
)
def test_what_the_report_has_come_past_is_closed(
    state: ReportState, version: int, done: set[str]
) -> None:
    review = Review("a", "b", state, version)
    found = deadlines.deadlines_of(
        book(), book().grant(EQUAL), day("2024-02-10"), mfof_final(), review
    )
    latest = [d for d in found if d.period_end != day("2023-09-30")]
    assert {d.kind for d in latest if d.standing == "done"} == done
    assert only(found, "last_use").standing == "passed"
    assert ("agency" in done) != only(found, "agency").is_overdue
    assert all(d.at_risk_sek == 0 for d in found if d.is_closed)


def test_a_quarter_is_covered_once_the_next_has_ended() -> None:
    grant = book().grant(EQUAL)
    before, after = (
        only(deadlines.deadlines_of(book(), grant, day(d)), "quarterly_return", "2023-09-30")
        for d in ("2023-12-30", "2023-12-31")
    )
    assert (before.is_overdue, after.is_overdue) == (True, False)
    assert (after.standing, after.left) == ("passed", "har passerat")


# -- reminders -------------------------------------------------------------------------------------


def made(runs: list[date]) -> list[tuple[date, str, str]]:
    """What a watch on these days makes for Farsta and Bromma: day, board, the day that it was
    due."""
    found, since = [], None
    grant = book().grant(EQUAL)
    for as_of in runs:
        for reminder in reminders.reminders(book(), grant, as_of, since=since):
            found.append((as_of, reminder.board_id, str(reminder.remind_on)))
        since = as_of
    return [told for told in found if told[1] in {"farsta", "bromma"}]


WEEKDAYS = [d for d in days(date(2023, 9, 1), date(2024, 2, 29)) if d.weekday() < 5]
WANTED = ["2023-09-27", "2023-10-06", "2023-10-12", "2023-12-27", "2024-01-08", "2024-01-12"]


def test_each_reminder_is_made_once_and_on_its_day() -> None:
    told = made(WEEKDAYS)
    for board in ("farsta", "bromma"):
        mine = [(as_of, remind_on) for as_of, who, remind_on in told if who == board]
        assert [remind_on for _, remind_on in mine] == WANTED
        assert all(str(as_of) == remind_on for as_of, remind_on in mine)


def test_a_reminder_whose_day_was_missed_is_made_on_the_next_run() -> None:
    told = made([d for d in WEEKDAYS if str(d) not in {"2023-10-06", "2024-01-12"}])
    assert [str(as_of) for as_of, who, _ in told if who == "farsta"] == [
        *("2023-09-27", "2023-10-09", "2023-10-12"),
        *("2023-12-27", "2024-01-08", "2024-01-15"),
    ]


@pytest.mark.parametrize("step", [2, 5, 13, 40])
def test_however_seldom_it_runs_no_reminder_comes_twice(step: int) -> None:
    told = made(WEEKDAYS[::step])
    assert set(Counter((who, remind_on) for _, who, remind_on in told).values()) == {1}
    assert {remind_on for *_, remind_on in told} <= set(WANTED)


def test_the_same_day_again_makes_none() -> None:
    as_of = day("2023-10-06")
    grant = book().grant(EQUAL)
    assert reminders.reminders(book(), grant, as_of, since=day("2023-10-05"))
    assert not reminders.reminders(book(), grant, as_of, since=as_of)
    first, again = (reminders.reminders(book(), grant, as_of) for _ in range(2))
    assert first == again


def test_only_those_who_have_not_sent_in_are_reminded() -> None:
    told = reminders.reminders(book(), book().grant(EQUAL), day("2024-01-20"), mfof_final())
    assert [(r.board_id, r.at_risk_sek) for r in told] == [
        ("bromma", 438_957),
        ("sodermalm", 559_876),
    ]
    filed = Review("a", "b", ReportState.FILED)
    assert not reminders.reminders(
        book(), book().grant(EQUAL), day("2024-01-20"), mfof_final(), filed
    )


def test_the_words_to_one_who_has_sent_nothing() -> None:
    *_, told = reminders.reminders(book(), book().grant(EQUAL), day("2024-01-20"), mfof_final())
    assert (
        told.subject.replace("\u00a0", " ")
        == "Försenad redovisning: Jämlik tillgång 2023, 559 876 kr i fara"
    )
    assert told.text.replace("\u00a0", " ") == (
        "Till Södermalm\n\n"
        "Det gäller er redovisning av Förstärkt föräldraskapsstöd 2023: ökad och jämlik tillgång "
        "till och med "
        "31 december 2023. Den skulle ha varit hos oss senast torsdag 11 januari 2024 och är "
        "försenad 9 dagar.\n\n"
        "Det här saknas\nVi har inte fått någon redovisning från er.\n\n"
        "Det här händer annars\nMedel som inte är redovisade räknas inte som använda. "
        "För er är det hela ert belopp, 559 876 kr.\n\n"
        "Gör så här\nFyll i redovisningsmallen för perioden och skicka in den. "
        "Har ni redan skickat den? Hör av er till oss.\n\n"
        "Socialförvaltningen, Stockholms stad\n"
    )
    assert told.reminder_id == f"{EQUAL}_sodermalm_2023-12-31_2024-01-12"


def merged(*amounts: tuple[str, int]) -> Grant:
    """The grant as if it had been decided for the boards of February 2023."""
    grant = book().grant(EQUAL)
    given = tuple(Allocation(board_id, "alla", Decimal(sek)) for board_id, sek in amounts)
    return replace(
        grant,
        decisions=(replace(grant.decisions[0], decided_on=day("2023-02-01"), allocations=given),),
    )


def test_a_board_that_has_been_merged_is_not_reminded_but_the_one_that_it_became() -> None:
    """It is told what of its money was decided for others; before the merger each board answers for
    its own."""
    grant = merged(("spanga-tensta", 500), ("rinkeby-kista", 700), ("farsta", 300))
    summer = reminders.reminders(book(), grant, day("2023-07-10"))
    autumn = {r.board_id: r for r in reminders.reminders(book(), grant, day("2023-10-06"))}
    assert [r.board_id for r in summer] == ["farsta", "rinkeby-kista", "spanga-tensta"]
    assert list(autumn) == ["farsta", "jarva"]
    assert autumn["jarva"].at_risk_sek == 1200
    text = autumn["jarva"].text.replace("\u00a0", " ")
    assert text.startswith("Till Järva\n")
    assert (
        "För er är det hela ert belopp, 1 200 kr. Av ert belopp är 700 kr beslutat för "
        "Rinkeby-Kista och 500 kr " in text
    )
    assert "beslutat för Spånga-Tensta, som har uppgått i er nämnd." in text
    assert "uppgått" not in autumn["farsta"].text


def test_what_a_predecessor_has_reported_is_seen_when_the_unit_is_reminded() -> None:
    """The latest result may be of a day before the merger, when the money was another board's."""
    grant = merged(("spanga-tensta", 500), ("rinkeby-kista", 700))
    boards = tuple(
        {"board_id": board_id, "return_status": "accepted", "eligible_sek": Decimal(sek)}
        for board_id, sek in (("spanga-tensta", 100), ("rinkeby-kista", 200))
    )
    result = mfof_final()
    before = replace(
        result, period_end=day("2023-06-30"), tables=with_rows(result, board=boards).tables
    )
    (told,) = reminders.reminders(book(), grant, day("2023-10-06"), before)
    assert (told.board_id, told.at_risk_sek) == ("jarva", 900)


def test_the_words_to_one_whose_return_is_held_name_what_stops_it() -> None:
    told, *_ = reminders.reminders(book(), book().grant(EQUAL), day("2024-01-20"), mfof_final())
    assert "Försenad rättelse" in told.subject
    assert "– bromma/redovisning.xlsx, Kostnader, G8 och G9: Datum saknas på 2 rader." in told.text
    assert "höj versionen" in told.text
    assert "Vi har inte fått" not in told.text


def test_the_words_to_one_whose_return_is_for_an_earlier_period() -> None:
    grant = book().grant(AREAS)
    told = {
        r.board_id: r
        for r in reminders.reminders(book(), grant, day("2021-10-15"), social_quarter())
    }
    assert sorted(told) == ["enskede-arsta-vantor", "hagersten-alvsjo", "skarholmen"]
    text = told["enskede-arsta-vantor"].text.replace("\u00a0", " ")
    assert "Den senaste redovisning vi har från er gäller till och med 30 juni 2021." in text
    assert re.search(r"För er är det [0-9 ]+ kr av era 6 429 200 kr\.", text)


def test_a_reminder_before_the_period_is_over_blames_nobody() -> None:
    told, *_ = reminders.reminders(book(), book().grant(EQUAL), day("2023-09-27"))
    assert told.subject.startswith("Snart dags att redovisa")
    assert "Det här saknas" not in told.text
    assert "Det är 10\u00a0arbetsdagar kvar." in told.text


# -- calendars -------------------------------------------------------------------------------------


def calendars() -> list[tuple[list[Deadline], bytes]]:
    as_of = day("2023-10-06")
    each = [deadlines.deadlines_of(book(), grant, as_of) for grant in book().grants]
    return [
        (found, calendar_files.calendar(found, "Frister"))
        for found in [*each, [d for found in each for d in found]]
    ]


def test_a_calendar_is_read_back_as_it_was_meant() -> None:
    for found, written in calendars():
        events = Calendar.from_ical(written).walk("VEVENT")
        days = [d for d in found if d.on]
        assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in events] == [
            (d.on, d.on + timedelta(days=1)) for d in days if d.on
        ]
        for event, deadline in zip(events, days, strict=True):
            assert event["summary"] == f"{deadline.grant_name}: {deadline.label}"
            assert event.decoded("dtstamp") == datetime(2023, 10, 6, tzinfo=UTC)
            assert deadline.source.sentence in event["description"]
            assert deadline.on
            midnight = datetime.combine(deadline.on, datetime.min.time())
            rings = [midnight + alarm.decoded("trigger") for alarm in event.walk("VALARM")]
            assert rings == [
                datetime.combine(d, datetime.min.time()).replace(hour=9)
                for d in (() if deadline.is_closed else deadline.remind_on)
            ]


def test_a_calendar_keeps_to_the_standard() -> None:
    for _, written in calendars():
        lines = written.split(b"\r\n")
        assert written.endswith(b"END:VCALENDAR\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert max(map(len, lines)) <= 75
        calendar = Calendar.from_ical(written)
        assert not [error for part in calendar.walk() for error in part.errors]
        assert (str(calendar["version"]), len(str(calendar["prodid"])) > 0) == ("2.0", True)
        uids = [str(event["uid"]) for event in calendar.walk("VEVENT")]
        assert uids
        assert len(uids) == len(set(uids))
        for alarm in calendar.walk("VALARM"):
            assert {"ACTION", "TRIGGER", "DESCRIPTION"} <= set(alarm)


def test_a_calendar_is_the_same_bytes_twice_and_an_event_keeps_its_uid() -> None:
    assert calendars() == calendars()
    grant = book().grant(EQUAL)
    earlier, later = (
        {e["uid"]: e.decoded("dtstart") for e in Calendar.from_ical(written).walk("VEVENT")}
        for moved in ("2024-02-01", "2024-02-15")
        for written in [
            calendar_files.calendar(
                deadlines.deadlines_of(book(), with_due(grant, agency=moved), day("2023-10-06")),
                "Frister",
            )
        ]
    )
    assert set(earlier) == set(later)
    assert {uid for uid in earlier if earlier[uid] != later[uid]} == {
        f"{EQUAL}_agency@statsbidrag",
        f"{EQUAL}_internal_review@statsbidrag",
    }


def test_a_calendar_says_which_deadlines_have_no_day() -> None:
    found = deadlines.deadlines_of(book(), book().grant(EQUAL), day("2023-10-06"))
    calendar = Calendar.from_ical(calendar_files.calendar(found, "Jämlik tillgång 2023: frister"))
    assert calendar["x-wr-calname"] == "Jämlik tillgång 2023: frister"
    assert "Återbetalning till MFoF (Tjänsteutlåtandet anger ingen dag)" in calendar["x-wr-caldesc"]


# -- the terms in the grant file -------------------------------------------------------------------


def changed(old: str, new: str) -> str:
    content = (GRANTS / f"{EQUAL}.toml").read_text("utf-8")
    assert old in content
    return content.replace(old, new, 1)


COMMITTEE = 'okand = "Tjänsteutlåtandet säger inte om återrapporten ska tas upp i nämnden"'
FINAL = 'okand = "I början av 2024 (tjänsteutlåtandet anger ingen dag)"'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            COMMITTEE,
            'datum = 2024-02-20\nantagande = "Prov."',
            (
                "frister.namndsammantrade: 2024-02-20 ligger efter aterrapport_till_myndigheten, som "
                "är 2024-02-01. Rätta"
            ),
        ),
        (
            FINAL,
            'datum = 2024-02-02\nantagande = "Prov."',
            (
                "nyckeln villkor.redovisning_till_staden: 2024-02-02 ligger efter "
                "aterrapport_till_myndigheten"
            ),
        ),
        (
            "arbetsdagar_efter = 8",
            "arbetsdagar_efter = 0",
            "ska vara ett helt antal arbetsdagar från 1 till 100",
        ),
        (
            "arbetsdagar_fore = 5",
            'arbetsdagar_fore = "5"',
            "ska vara ett helt antal arbetsdagar från 1 till 100",
        ),
        ("[frister.kvartalsredovisning]", "[frister.kvartal]", "nyckeln frister.kvartal: är okänd"),
        (
            COMMITTEE,
            f'{COMMITTEE}\n[frister.paminnelser]\narbetsdagar_fore = [3, 3]\nantagande = "Prov."',
            "nyckeln frister.paminnelser: arbetsdagar_fore har samma tal två gånger",
        ),
        (
            COMMITTEE,
            f'{COMMITTEE}\n[frister.paminnelser]\nokand = "Inte bestämt"',
            "nyckeln frister.paminnelser: värdet behövs",
        ),
        (
            COMMITTEE,
            f"{COMMITTEE}\n[frister.paminnelser]\narbetsdagar_fore = [3]",
            "nyckeln frister.paminnelser: källa saknas",
        ),
    ],
)
def test_a_fault_in_the_deadlines_is_told_in_plain_words(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(InputError) as refused:
        load_one(tmp_path, EQUAL, changed(old, new))
    assert str(refused.value).startswith(f"grants/{EQUAL}.toml, ")
    assert says in str(refused.value)


def test_the_own_deadlines_can_be_left_out(tmp_path: Path) -> None:
    content = (GRANTS / f"{EQUAL}.toml").read_text("utf-8")
    without = re.sub(r"# Stadens egna frister.*?(?=\[\[beslut\]\])", "", content, flags=re.DOTALL)
    grant = load_one(tmp_path, EQUAL, without)
    found = deadlines.deadlines_of(book(), grant, day("2024-01-20"))
    assert [d.kind for d in found] == ["last_use", "agency", "final_return", "repayment"]
    assert grant.remind_before == (10, 3)
    assert not reminders.reminders(book(), grant, day("2024-01-20"))


def test_the_city_s_own_deadlines_are_not_told_to_the_agency() -> None:
    assert not [
        term
        for term in book().grant(EQUAL).terms
        if "kvartal" in term.value or "granskning" in term.value
    ]


def test_a_later_wording_of_a_deadline_holds_from_its_day(tmp_path: Path) -> None:
    two = "".join(
        f"[[frister.kvartalsredovisning]]\narbetsdagar_efter = {count}\n{until}\nantagande = "
        '"Prov."\n'
        for count, until in ((8, "galler_till = 2023-11-30"), (5, "galler_fran = 2023-12-01"))
    )
    content = re.sub(
        r"\[frister\.kvartalsredovisning\].*?(?=\[frister\.intern)",
        two,
        (GRANTS / f"{EQUAL}.toml").read_text("utf-8"),
        flags=re.DOTALL,
    )
    grant = load_one(tmp_path, EQUAL, content, day("2023-12-10"))
    assert only(
        deadlines.deadlines_of(book(), grant, day("2023-12-10")), "quarterly_return", "2023-12-31"
    ).on == day("2024-01-08")


def test_amounts_are_exact() -> None:
    for found, _ in calendars():
        assert all(isinstance(d.at_risk_sek, Decimal | None) for d in found)


# -- the day by which a board answers --------------------------------------------------------------


def test_a_board_returns_by_the_day_of_its_period() -> None:
    due = deadlines.return_day(book(), book().grant(EQUAL), day("2024-01-20"), day("2023-12-31"))
    assert due is not None
    assert due.on == day("2024-01-11")
    assert (
        deadlines.return_day(book(), book().grant(AREAS), day("2022-01-20"), day("2020-12-31"))
        is None
    )


@pytest.mark.parametrize(
    ("as_of", "answer"),
    [
        ("2024-01-05", "senast torsdag 11\u00a0januari\u00a02024"),  # the return itself
        (
            "2024-01-20",
            "senast torsdag 25\u00a0januari\u00a02024",
        ),  # that has passed: the city's own review is next
        ("2024-01-26", "senast torsdag 1\u00a0februari\u00a02024"),  # then the report to the agency
        ("2024-02-02", "så snart ni kan, eftersom fristen har gått ut"),
    ],
)
def test_what_must_be_put_right_has_a_day_as_long_as_one_is_left(as_of: str, answer: str) -> None:
    result = replace(mfof_final(), as_of=day(as_of), grant=book().grant(EQUAL))
    assert deadlines.answer_by(book(), result) == answer


def test_where_no_day_is_known_none_is_said_to_have_passed() -> None:
    result = replace(
        mfof_final(), as_of=day("2024-01-20"), grant=replace(book().grant(EQUAL), due={})
    )
    assert deadlines.answer_by(book(), result) == "så snart ni kan"
