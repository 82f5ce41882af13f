"""What a grant file may say of measures, of how they are divided, and of posts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from statsbidrag.decisions import settling
from statsbidrag.model.decisions import Grant
from statsbidrag.model.measures import UNKNOWN_PART, WHOLE, SeriesBreak
from statsbidrag.model.sources import Year
from tests.support.four_years import FOUR_YEARS, MEASURES, grant_file, refusal, with_measures
from tests.support.way import load_one

LAST_DAY = date(2020, 12, 31)


def asked(folder: Path) -> Grant:
    return load_one(folder, FOUR_YEARS, with_measures(grant_file()))


def test_measures_are_as_the_file_says(tmp_path: Path) -> None:
    grant = asked(tmp_path)
    assert tuple(measure.name for measure in grant.measures) == MEASURES
    talks, *_, preschools, rating = grant.measures
    assert (talks.measure_id, talks.unit) == ("rad-och-stodsamtal", "föräldrar")
    assert talks.target_area == "Universellt stöd"
    assert talks.source.kind == "antagande"
    by_sex, by_language = talks.splits
    assert (by_sex.is_by_sex, by_language.is_by_sex) == (True, False)
    assert by_sex.all_parts == ("Kvinnor", "Män", UNKNOWN_PART)
    assert preschools.breaks == (
        SeriesBreak(date(2019, 1, 1), "Från 2019 räknas besök och inte personer."),
    )
    assert [measure.is_rating for measure in grant.measures] == [*[False] * 4, True]
    assert rating.question == "Jag känner mig stärkt i min roll som förälder"


def test_posts_are_a_term_like_others(tmp_path: Path) -> None:
    grant = asked(tmp_path)
    assert grant.posts is not None
    assert (grant.posts.least, grant.posts.most) == (Decimal(2), Decimal(3))
    assert grant.posts.roles == ("Föräldrarådgivare",)
    assert grant.posts.salary_kinds == ("Personalkostnader",)
    assert grant.term_words("tjanster") == "2 till 3 hela tjänster per nämnd"


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        ("1", "1", "1 hel tjänst per nämnd"),
        ("2", "2", "2 hela tjänster per nämnd"),
        ("0.5", "1", "0,5 till 1 hel tjänst per nämnd"),
    ],
)
def test_posts_are_told_in_words(tmp_path: Path, least: str, most: str, words: str) -> None:
    text = with_measures(grant_file())
    text = text.replace("minst = 2\nhogst = 3", f"minst = {least}\nhogst = {most}")
    assert load_one(tmp_path, FOUR_YEARS, text).term_words("tjanster") == words


def test_posts_may_be_unknown(tmp_path: Path) -> None:
    text = with_measures(grant_file())
    start, end = text.index("minst = 2"), text.index("[[uppdelning]]")
    text = f'{text[:start]}okand = "Antalet är inte beslutat"\n\n{text[end:]}'
    grant = load_one(tmp_path, FOUR_YEARS, text)
    assert grant.posts is None
    assert grant.term_words("tjanster") == "Antalet är inte beslutat"


def test_a_grant_without_them_asks_for_nothing(tmp_path: Path) -> None:
    grant = load_one(tmp_path, FOUR_YEARS, grant_file())
    assert (grant.measures, grant.posts) == ((), None)
    assert grant.asked_rows(LAST_DAY) == ()


def test_a_person_can_settle_posts_in_a_form(tmp_path: Path) -> None:
    content = with_measures(grant_file()).encode()
    point = settling.settling(content, "grant.toml", LAST_DAY).point("villkor.tjanster")
    assert point is not None
    written = {field.key: field.value for field in point.fields}
    assert written == {
        "minst": "2",
        "hogst": "3",
        "roller": "Föräldrarådgivare",
        "kostnadsslag": "Personalkostnader",
    }
    assert settling.values(point, written | {"minst": "2,5"})["minst"] == Decimal("2.5")


# -- the rows that are asked for -------------------------------------------------------------------


def test_rows_are_asked_for_year_by_year_the_total_first(tmp_path: Path) -> None:
    grant = asked(tmp_path)
    rows = grant.asked_rows(date(2018, 6, 30))
    assert {row.year.words for row in rows} == {"2017", "2018"}, "later years have not begun"
    of_talks = [(row.split_name, row.part) for row in rows[:9]]
    assert of_talks == [
        (WHOLE, WHOLE),
        *[("Förälderns kön", part) for part in ("Kvinnor", "Män", "Okänt")],
        *[
            ("Förälderns språk", part)
            for part in ("Svenska", "Engelska", "Arabiska", "Annat språk", "Okänt")
        ],
    ]
    assert len(rows) == 2 * (9 + 4 * 4)
    assert len({row.key for row in rows}) == len(rows)
    assert rows[1].words == "Råd- och stödsamtal 2017, Förälderns kön: Kvinnor"


def test_a_grant_whose_decisions_have_no_years_is_measured_by_calendar_years(
    tmp_path: Path,
) -> None:
    grant = asked(tmp_path)
    decisions = tuple(replace(decision, year=None) for decision in grant.decisions)
    grant = replace(
        grant,
        decisions=decisions,
        spend_from_on=date(2017, 3, 1),
        spend_to_on=date(2018, 12, 31),
    )
    assert grant.measured_years == (
        Year(date(2017, 3, 1), date(2017, 12, 31)),
        Year(date(2018, 1, 1), date(2018, 12, 31)),
    )


# -- what doesn't hold together --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "sprak"', 'id = "kon"', ("uppdelning.kon", "står två gånger")),
        ('id = "utokade-hembesok"', 'id = "oppna-forskolor"', ("matt.oppna", "två gånger")),
        (
            'namn = "Utökade hembesök"',
            'namn = "råd– och  Stödsamtal"',
            ("matt.utokade-hembesok.namn", "eget namn"),
        ),
        (
            'delas = ["kon", "sprak"]',
            'delas = ["kon", "alder"]',
            ("matt.rad-och-stodsamtal.delas", "uppdelningen alder finns inte"),
        ),
        ('delas = ["kon", "sprak"]', 'delas = ["kon", "kon"]', ("delas", "Behåll den ena")),
        ('"Engelska",', '"okänt",', ("uppdelning.sprak", "läggs till av programmet")),
        ('"Engelska",', '"ALLA",', ("uppdelning.sprak", "läggs till av programmet")),
        ('"Engelska",', '"svenska",', ("uppdelning.sprak", "mer än en gång")),
        ('namn = "Förälderns språk"', 'namn = "alla"', ("uppdelning.sprak", "Byt namn")),
        ('["Kvinnor", "Män"]', '["Kvinnor"]', ("uppdelning.kon", "kräver två delar")),
        (
            'malomrade = "Universellt stöd"',
            'malomrade = "Något annat"',
            ("matt.rad-och-stodsamtal.malomrade", "villkor.malomraden"),
        ),
        ("fran = 2019-01-01, skal", "fran = 2021-01-01, skal", ("brott", "förbrukningsperioden")),
        ("fran = 2019-01-01, skal", "fran = 2019-02-01, skal", ("brott", "första dagen")),
        (
            "brott = [",
            'brott = [{ fran = 2019-01-01, skal = "Igen." }, ',
            ("matt.oppna-forskolor.brott", "står två gånger"),
        ),
        ("minst = 2", "minst = 4", ("villkor.tjanster", "minst är större än hogst")),
        ("minst = 2\n", "", ("villkor.tjanster", "minst och hogst behövs båda")),
        ("minst = 2", "minst = -2", ("villkor.tjanster.minst", "från 0 till 1000")),
        ("minst = 2", 'minst = "2"', ("villkor.tjanster.minst", "utan citattecken")),
        (
            'kostnadsslag = ["Personalkostnader"]',
            'kostnadsslag = ["Löner"]',
            ("villkor.tjanster", "kostnadsslaget Löner", "villkor.kostnadsslag"),
        ),
        (
            'kostnadsslag = ["Personalkostnader"]\n',
            "",
            ("villkor.tjanster", "kostnadsslag saknas"),
        ),
        (
            'roller = ["Föräldrarådgivare"]',
            'roller = ["Rådgivare", "rådgivare"]',
            ("villkor.tjanster", "rollen rådgivare"),
        ),
        (
            'som förälder"\ndelas = ["kon"]\nantagande = "Påhittat."',
            'som förälder"\ndelas = ["kon"]',
            ("matt.starkt-i-foraldraskapet", "källa saknas"),
        ),
    ],
)
def test_what_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    text = with_measures(grant_file())
    assert old in text
    before, after = text.rsplit(old, 1)
    message = refusal(tmp_path, before + new + after)
    for part in says:
        assert part in message
