"""Whose name it is: what may stand for a person, and which names four eyes take for the same
person's."""

from datetime import date

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.case import people
from statsbidrag.model.case import SCHEDULED, Act, Actor, ReportState, Review

SAME = (
    ("Maria Ek", "Maria Ek"),
    ("Maria Ek", "MARIA  EK"),
    ("Maria Ek", "maria.ek"),
    ("Maria Ek", "Maria_Ek"),
    ("Maria Ek", "Ek, Maria"),
    ("Maria Ek", "Ek Maria"),
    ("Maria Ek", "MariaEk"),
    ("Maria Ek", "EkMaria"),
    ("Maria Ek", "Mar ia Ek"),
    ("Maria Ek", "Maria Ek 2"),
    ("Maria Ek", "Maria Ek (ersättare)"),
    ("Maria Ek", "\uff2d\uff41\uff52\uff49\uff41 \uff25\uff4b"),  # full width
    ("Maria Ek", "Maria\u00a0Ek"),
    ("Maria Ek", "Ma\u0301ria Ek"),
    ("Maria Ek", "M. Ek"),
    ("Maria Ek", "Ek M"),
    ("Maria Ek", "Maria E"),
    ("Maria Ek", "Maria"),
    ("Maria Ek", "Maria K. Ek"),
    ("Maria Ek", "Maria Karin Ek"),
    ("Maria Ek", "Maria Ek-Lind"),
    ("Maria Ek", "mek"),
    ("Maria Ek", "mariae"),
    ("Maria Ek", "ME"),
    ("Maria Karin Ek", "mkek"),
    ("Åsa Öberg", "Asa Oberg"),
    ("Åsa Öberg", "A\u030asa O\u0308berg"),
    ("Søren Lærke", "Soren Laerke"),
    ("Alf Attest", "AIf Attest"),  # a capital i for the l
    ("Arne Bo", "Ame Bo"),
    ("Anna-Karin Lind", "Anna Karin Lind"),
    ("Anna-Karin Lind", "Annakarin Lind"),
)
DIFFERENT = (
    ("Maria Ek", "Ola Berg"),
    ("Maria Ek", "Marie Ek"),
    ("Maria Ek", "Karin Ek"),
    ("Maria Ek", "Maria Berg"),
    ("Maria Ek", "Amira Ek"),
    ("Bo Ek", "Bea Ek"),
    ("Bo Ek", "Bo Lind"),
    ("Ola Berg", "Olle Berg"),
    ("Kim Kör", "Gro Gransk"),
    ("Anna Karin Lind", "Anna Maria Lind"),
    ("Maria Ek", "schemalagd körning"),
    ("Maria Ek", "."),  # an old log may hold it
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_are_taken_for_the_same_person(one: str, other: str) -> None:
    assert people.same(one, other)
    assert people.same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_are_different_people(one: str, other: str) -> None:
    assert not people.same(one, other)
    assert not people.same(other, one)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "vem det är"),
        ("   ", "vem det är"),
        (".", "vem det är"),
        ("-- 12 --", "vem det är"),
        ("M. E.", "vem det är"),
        ("Maria Ek\n", "radbrytning"),
        ("\n", "radbrytning"),
        ("Maria\tEk", "radbrytning"),
        ("Maria\u2028Ek", "radbrytning"),
        ("Mar\u200bia Ek", "inte syns"),
        ("Mar\u00adia Ek", "inte syns"),
        ("\u202eMaria Ek", "inte syns"),
        ("Maria\udcff Ek", "inte syns"),
        ("M\u0430ria Ek", "CYRILLIC SMALL LETTER A"),
        ("Maria \u0395k", "GREEK CAPITAL LETTER EPSILON"),
        ("Mari\u0251 Ek", "LATIN SMALL LETTER ALPHA"),
        ("\u1d0daria Ek", "LATIN LETTER SMALL CAPITAL M"),
        ("M4ria Ek", "en siffra"),
        ("0la Berg", "en siffra"),
        ("Ma r i a E k", "fler än 5 delar"),
    ],
)
def test_what_is_no_name_is_refused_in_a_sentence(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        people.named(name)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Maria Ek", "Maria Ek"),
        ("  Maria   Ek ", "Maria Ek"),
        ("Maria\u00a0Ek", "Maria Ek"),
        ("Åsa Öberg-Łukasz", "Åsa Öberg-Łukasz"),
        ("A\u030asa", "Åsa"),
        ("\uff2d\uff41\uff52\uff49\uff41", "Maria"),
        ("Nguyễn Đạt", "Nguyễn Đạt"),
        ("Conor O’Neill", "Conor O’Neill"),
        ("aa12345", "aa12345"),
        ("schemalagd körning", "schemalagd körning"),
    ],
)
def test_a_name_is_kept_as_it_is_usually_written(name: str, kept: str) -> None:
    assert people.named(name) == kept


@pytest.mark.parametrize("text", ["Barnet 19121212-1212", "191212121212", "121212-1212"])
def test_no_text_of_the_log_points_out_a_person(text: str) -> None:
    with pytest.raises(InputError, match="Skälet: skriv inget personnummer"):
        people.must_point_out_nobody("Skälet", text)
    people.must_point_out_nobody("Skälet", "Beloppen är avstämda mot bokföringen, dnr 2024/12.")
    people.must_point_out_nobody("Skälet", None)


def test_only_a_login_makes_a_name_more_than_stated() -> None:
    """Whoever calls themselves what the program calls itself is nobody certain."""
    reviewer = Act(ReportState.REVIEWED, "Ola Berg", date(2024, 1, 20), login="ola")
    for runner, is_certain in (
        (Actor("Maria Ek", "maria"), True),
        (Actor("Maria Ek"), False),
        (Actor(SCHEDULED), False),
    ):
        review = Review("a", "b", runners=(runner,), acts=(reviewer,))
        assert review.is_by_login == is_certain
    assert people.is_same(Actor("Maria Ek", "m"), Actor("Någon Annan", "m"))
    assert not people.is_same(Actor("Maria Ek", "m"), Actor("Maria Ek", "n"))
    assert people.is_same(Actor("Maria Ek", "m"), Actor("M. Ek"))
