"""What a grant file may say of interim reports."""

from datetime import date
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.running import blank_workbooks
from tests.support.drawn import decided
from tests.support.four_years import FOUR_YEARS, grant_file, refusal
from tests.support.way import load_one

QUARTERS = """
[frister.kvartalsredovisning]
arbetsdagar_efter = 8
antagande = "Påhittat."
"""


def test_an_interim_report_is_as_the_file_says(tmp_path: Path) -> None:
    (report,) = load_one(tmp_path, FOUR_YEARS, grant_file()).interim_reports
    assert (report.report_id, report.name) == ("halvtid", "Delrapport september 2019")
    assert (report.on, report.due_on) == (date(2019, 8, 31), date(2019, 10, 22))
    assert report.recipients == ("Socialnämnden",)
    assert report.informed == ("samtliga stadsdelsnämnder",)


def test_without_a_name_it_is_called_by_its_day(tmp_path: Path) -> None:
    text = grant_file().replace('namn = "Delrapport september 2019"\n', "")
    (report,) = load_one(tmp_path, FOUR_YEARS, text).interim_reports
    assert report.name == "Delrapport 31\u00a0augusti\u00a02019"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("dag = 2019-08-31", "dag = 2016-08-31", ("delrapport.halvtid.dag", "Rätta dagen")),
        ("dag = 2019-08-31", "dag = 2020-12-31", ("delrapport.halvtid.dag", "slutredovisningen")),
        ("senast = 2019-10-22", "senast = 2019-08-30", ("delrapport.halvtid.senast", "före dag")),
        ('mottagare = ["Socialnämnden"]', "mottagare = []", ("mottagare",)),
        ('id = "halvtid"', 'id = "Halv tid"', ("id",)),
        ('id = "halvtid"', f'id = "{"a" * 41}"', ("id",)),
        (
            'for_kannedom = ["samtliga stadsdelsnämnder"]\nantagande = "Påhittat."',
            'for_kannedom = ["samtliga stadsdelsnämnder"]',
            ("källa saknas",),
        ),
    ],
)
def test_one_that_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    text = grant_file()
    assert old in text
    message = refusal(tmp_path, text.replace(old, new, 1))
    for part in says:
        assert part in message


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    text = grant_file()
    with pytest.raises(InputError, match="står två gånger"):
        load_one(tmp_path, FOUR_YEARS, text + text[text.index("[[delrapport]]") :])


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (date(2019, 8, 1), [date(2019, 6, 30), date(2019, 8, 31), date(2019, 9, 30)]),
        (date(2019, 9, 20), [date(2019, 6, 30), date(2019, 8, 31), date(2019, 9, 30)]),
        (date(2019, 10, 1), [date(2019, 9, 30), date(2019, 12, 31)]),
        (date(2019, 6, 1), [date(2019, 3, 31), date(2019, 6, 30)]),
    ],
)
def test_boards_are_offered_a_workbook_to_its_day(
    tmp_path: Path, today: date, ends: list[date]
) -> None:
    text = grant_file() + QUARTERS
    grant = load_one(tmp_path, FOUR_YEARS, text, today)
    assert blank_workbooks.periods(decided(), grant, today) == ends
