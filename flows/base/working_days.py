"""Swedish working days.

A working day is a Monday to Friday that is no public holiday (lagen 1989:253 om allmänna helgdagar)
and not midsommarafton, julafton or nyårsafton, which 2 § lagen (1930:173) om beräkning av
lagstadgad tid puts beside them. The days before a holiday on which offices close early are working
days.
"""

from datetime import date, timedelta
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


@cache
def _holidays() -> "HolidayBase":
    """The weekdays that are free in Sweden; the library counts them out for each year that is asked
    for."""
    import holidays
    from holidays.constants import DE_FACTO, PUBLIC

    # The library itself loads every country to find one, longer than all the rest takes.
    countries = Path(holidays.__path__[0], "countries")
    found = PathFinder.find_spec("holidays.countries.sweden", [str(countries)])
    assert found is not None
    assert found.loader is not None
    sweden = module_from_spec(found)
    found.loader.exec_module(sweden)
    free: HolidayBase = sweden.Sweden(categories=(PUBLIC, DE_FACTO))
    return free


def is_working_day(day: date) -> bool:
    """Whether people are at work that day."""
    return _holidays().is_working_day(day)


def last_working_day(day: date) -> date:
    """The day itself, or when that is no working day the last one before it."""
    return day if is_working_day(day) else _holidays().get_nth_working_day(day, -1)


def after(day: date, working_days: int) -> date:
    """The working day that comes so many working days after a day, the day itself not counted."""
    return _holidays().get_nth_working_day(day, working_days)


def before(day: date, working_days: int) -> date:
    """The working day on which so many are left to a day, or to the last one before it when it is
    none."""
    return _holidays().get_nth_working_day(last_working_day(day), -working_days)


def working_days_left(as_of: date, day: date) -> int:
    """Working days after one day up to and with another; negative when the other has passed."""
    first, last, sign = (as_of, day, 1) if as_of <= day else (day, as_of, -1)
    return (
        sign * _holidays().get_working_days_count(first + timedelta(days=1), last)
        if first < last
        else 0
    )
