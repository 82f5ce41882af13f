"""What a grant file may say of years and of what goes over from one to the next."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import amendments
from statsbidrag.decisions.amendments import NewDecision, NewSource
from statsbidrag.model.decisions import CarryOver
from statsbidrag.model.sources import Year
from tests.support.four_years import FOUR_YEARS, grant_file, refusal
from tests.support.way import load_one

D = Decimal
OF_2019 = "avser = { fran = 2019-01-01, till = 2019-12-31 }"


def test_the_years_their_rule_and_their_amounts_are_those_of_the_file(tmp_path: Path) -> None:
    grant = load_one(tmp_path, FOUR_YEARS, grant_file())
    assert [year.words for year in grant.years] == ["2017", "2018", "2019", "2020"]
    assert (grant.carry_over, grant.carry_share) == (CarryOver.SHARE, D("0.10"))
    assert (
        grant.term_words("overforing_till_nasta_ar") == "Ja, högst 10\u00a0% av årets tilldelning"
    )
    before, after = date(2019, 5, 1), date(2019, 5, 2)
    assert grant.allocated_on("farsta", before) == 4000000
    assert grant.allocated_on("farsta", after) == D("3700000.50")
    of_2019 = grant.years[2]
    assert grant.allocations_on(after, of_2019)["farsta", "alla"] == D("700000.50")
    assert grant.allocations_on(after, grant.years[1])["farsta", "alla"] == 1000000


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('regel = "inget"', "Nej, det som inte har använts när året är slut förfaller"),
        ('regel = "allt"', "Ja, allt som inte har använts under året"),
        (
            'regel = "allt"\nvarde = "Ja, utan gräns"',
            "Ja, utan gräns. Räknas så: Ja, allt som inte har använts under året",
        ),
        ('regel = "andel"\nandel = 0.1255', "Ja, högst 12,55\u00a0% av årets tilldelning"),
    ],
)
def test_the_rule_is_told_in_words(tmp_path: Path, rule: str, words: str) -> None:
    grant = load_one(tmp_path, FOUR_YEARS, grant_file(rule))
    assert grant.term_words("overforing_till_nasta_ar") == words


def test_a_year_that_is_no_calendar_year_is_told_by_its_days() -> None:
    year = Year(date(2019, 7, 1), date(2020, 6, 30))
    assert year.words == "1\u00a0juli\u00a02019–30\u00a0juni\u00a02020"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (OF_2019, "", ("beslut.for-2019.avser", "saknas", "ska alla göra det")),
        (
            OF_2019,
            "avser = { fran = 2019-02-01, till = 2019-12-31 }",
            ("beslut.avser", "överlappar", "Samma dagar ska stå i alla beslut"),
        ),
        (
            "2020-01-01, till",
            "2020-01-02, till",
            (
                "beslut.avser",
                "inget beslut avser 1\u00a0januari\u00a02020",
                "kan fordelning vara tom",
            ),
        ),
        (
            "fran = 2017-01-01\ntill = 2020-12-31",
            "fran = 2017-01-01\ntill = 2021-12-31",
            ("beslut.avser", "inget beslut avser 1\u00a0januari–31\u00a0december\u00a02021"),
        ),
        (
            "fran = 2017-01-01\ntill = 2020-12-31",
            "fran = 2017-01-01\ntill = 2020-11-30",
            ("beslut.avser", "ligger inte inom förbrukningsperioden", "Rätta dagarna"),
        ),
        (
            "fran = 2017-01-01\ntill = 2020-12-31",
            "fran = 2017-03-01\ntill = 2020-12-31",
            ("beslut.avser", "ligger inte inom förbrukningsperioden", "Rätta dagarna"),
        ),
        (
            "fran = 2017-01-01, till = 2017-12-31",
            "fran = 2017-12-31, till = 2017-01-01",
            ("avser", "fran får inte ligga efter till"),
        ),
        (
            'regel = "andel"\nandel = 0.10',
            'varde = "Nej"',
            ("villkor.overforing_till_nasta_ar.regel", "saknas", "inget, allt eller andel"),
        ),
        (
            'regel = "andel"\nandel = 0.10\nantagande = "Påhittat."',
            'okand = "Inget är sagt"',
            ("villkor.overforing_till_nasta_ar.regel", "saknas", "inget, allt eller andel"),
        ),
        ("andel = 0.10\n", "", ("andel", "hör ihop", "Ange båda")),
        (
            'regel = "andel"\n',
            'regel = "allt"\n',
            ("andel", "hör ihop", "Ange båda"),
        ),
        ("andel = 0.10", "andel = 1.10", ("andel",)),
    ],
)
def test_years_that_do_not_hold_together_are_refused(
    tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    text = grant_file()
    assert old in text
    message = refusal(tmp_path, text.replace(old, new, 1))
    for part in says:
        assert part in message


def test_one_board_may_have_amounts_for_two_years_by_decisions_of_one_day_but_not_two_for_one(
    tmp_path: Path,
) -> None:
    text = grant_file()
    with pytest.raises(InputError, match="två belopp från 2016-12-01"):
        load_one(tmp_path, FOUR_YEARS, text.replace("datum = 2019-05-02", "datum = 2016-12-01"))


def test_a_year_that_nothing_is_decided_for_yet_may_be_empty(tmp_path: Path) -> None:
    text = grant_file()
    at = text.index('id = "for-2020"')
    start = text.index("[beslut.fordelning]", at)
    end = text.index("[[beslut]]", start)
    emptied = text[:start] + "[beslut.fordelning]\n\n" + text[end:]
    grant = load_one(tmp_path, FOUR_YEARS, emptied)
    assert len(grant.years) == 4
    assert grant.allocated_on("skarholmen", date(2021, 1, 1)) == 3000000


def test_a_decision_of_a_year_is_put_in_the_file_with_its_days(tmp_path: Path) -> None:
    before = load_one(tmp_path, FOUR_YEARS, grant_file())
    year = before.years[3]
    decision = NewDecision(
        "ny",
        date(2020, 2, 3),
        "Socialnämnden",
        NewSource(assumption="Påhittat."),
        {"Farsta": {"alla": D("5.50")}},
        year,
    )
    content = amendments.with_decision(grant_file().encode(), decision, "av Maria Ek")
    grant = load_one(tmp_path, FOUR_YEARS, content.decode())
    assert grant.decisions[-1].year == year
    assert grant.allocations_on(date(2021, 1, 1), year)["farsta", "alla"] == D("5.50")
    assert grant.allocated_on("farsta", date(2021, 1, 1)) == D("2700006.00")


def test_a_period_that_is_extended_later_is_as_it_was_until_then(tmp_path: Path) -> None:
    """The decision about the days that come after is not in force before, nor are the days."""
    text = grant_file()
    period = (
        "[villkor.forbrukningsperiod]\nfran = 2017-01-01\ntill = 2020-12-31\n"
        'antagande = "Påhittat."\n'
    )
    assert period in text
    first = period.replace("[villkor.forbrukningsperiod]", "[[villkor.forbrukningsperiod]]")
    longer = first.replace("2020-12-31", "2021-06-30") + "galler_fran = 2020-11-01\n"
    text = text.replace(period, first + "galler_till = 2020-10-31\n\n" + longer)
    text = text.replace(
        "[[delrapport]]",
        """[[beslut]]
id = "forlangning"
datum = 2020-11-01
beslutat_av = "Socialnämnden"
avser = { fran = 2021-01-01, till = 2021-06-30 }
antagande = "Påhittat."

[beslut.fordelning]
"Farsta" = 300000

[[delrapport]]""",
    )
    before = load_one(tmp_path, FOUR_YEARS, text, date(2020, 10, 1))
    assert len(before.years) == 4
    assert before.allocated_on("farsta", date(2020, 10, 1)) == D("3700000.50")
    after = load_one(tmp_path, FOUR_YEARS, text, date(2020, 12, 1))
    assert [year.words for year in after.years][-1] == "1\u00a0januari–30\u00a0juni\u00a02021"
    assert after.allocated_on("farsta", date(2020, 12, 1)) == D("4000000.50")


def test_the_rule_cannot_be_changed_for_years_that_have_ended(tmp_path: Path) -> None:
    text = grant_file('regel = "inget"')
    term = '[villkor.overforing_till_nasta_ar]\nregel = "inget"\nantagande = "Påhittat."\n'
    assert term in text
    one = term.replace("[villkor.", "[[villkor.").replace("ar]\n", "ar]]\n", 1)
    other = one.replace("inget", "allt") + "galler_fran = 2019-07-01\n"
    changed = text.replace(term, one + "galler_till = 2019-06-30\n\n" + other)
    with pytest.raises(InputError, match="är en annan i en annan lydelse"):
        load_one(tmp_path, FOUR_YEARS, changed)
