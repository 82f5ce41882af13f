"""What a grant file may say of the questions that it asks, and of how shares are rounded."""

from datetime import date
from pathlib import Path

import pytest

from statsbidrag.base import swedish
from statsbidrag.decisions import settling
from statsbidrag.model.asked_questions import AnswerKind, PercentRounding
from statsbidrag.model.decisions import Grant
from statsbidrag.model.measures import SeriesBreak
from tests.support.asking_questions import CUT, MAPPED, TRAINED, with_questions
from tests.support.four_years import FOUR_YEARS, grant_file, refusal
from tests.support.way import load_one

LAST_DAY = date(2020, 12, 31)


def asked(folder: Path) -> Grant:
    return load_one(folder, FOUR_YEARS, with_questions(grant_file()))


def test_questions_are_as_the_file_says(tmp_path: Path) -> None:
    mapped, trained = asked(tmp_path).questions
    assert (mapped.question_id, mapped.text) == ("kartlaggning", MAPPED)
    assert (mapped.kind, mapped.unit, mapped.is_number) == (AnswerKind.YES_OR_NO, None, False)
    assert mapped.target_area == "Universellt stöd"
    assert mapped.source.kind == "antagande"
    assert mapped.breaks == (
        SeriesBreak(date(2019, 1, 1), "Från 2019 räknas bara skriftliga kartläggningar."),
    )
    assert (trained.text, trained.kind, trained.is_number) == (TRAINED, AnswerKind.NUMBER, True)
    assert (trained.unit, trained.target_area, trained.breaks) == (
        "utbildade gruppledare",
        None,
        (),
    )


def test_a_grant_without_them_asks_nothing(tmp_path: Path) -> None:
    grant = load_one(tmp_path, FOUR_YEARS, grant_file())
    assert grant.questions == ()
    assert grant.question_rows(LAST_DAY) == ()
    assert grant.percent_rounding is PercentRounding.NEAREST
    assert grant.term("procent") is None


def test_a_question_is_asked_for_each_year_that_has_begun(tmp_path: Path) -> None:
    rows = asked(tmp_path).question_rows(date(2018, 6, 30))
    assert [(row.question.text, row.year.words) for row in rows] == [
        *((MAPPED, "2017"), (MAPPED, "2018")),
        *((TRAINED, "2017"), (TRAINED, "2018")),
    ]
    assert rows[1].words == f"{MAPPED} 2018"
    assert rows[1].key == (swedish.key(MAPPED), "2018")


# -- how shares are rounded ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "rounding", "words"),
    [
        ("kapa", PercentRounding.CUT, "Avrundas nedåt"),
        ("narmaste", PercentRounding.NEAREST, "Avrundas till närmaste, halva uppåt"),
    ],
)
def test_how_shares_are_rounded_is_a_term_like_others(
    tmp_path: Path, written: str, rounding: PercentRounding, words: str
) -> None:
    text = with_questions(grant_file()) + CUT.replace("kapa", written)
    grant = load_one(tmp_path, FOUR_YEARS, text)
    assert grant.percent_rounding is rounding
    assert grant.term_words("procent") == words


def test_a_person_can_settle_how_shares_are_rounded(tmp_path: Path) -> None:
    content = (with_questions(grant_file()) + CUT).encode()
    point = settling.settling(content, "grant.toml", LAST_DAY).point("villkor.procent")
    assert point is not None
    assert [(field.key, field.value) for field in point.fields] == [("avrundning", "kapa")]
    assert settling.values(point, {"avrundning": "narmaste"}) == {"avrundning": "narmaste"}


# -- what doesn't hold together --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "utbildade"', 'id = "kartlaggning"', ("fraga.kartlaggning", "står två gånger")),
        (
            f'text = "{TRAINED}"',
            'text = "har behoven  hos FÖRÄLDRAR kartlagts?"',
            ("fraga.utbildade.text", "egen text"),
        ),
        ('svar = "tal"', 'svar = "nej"', ("fraga.utbildade.svar",)),
        ('enhet = "utbildade gruppledare"\n', "", ("fraga.utbildade", "enhet saknas")),
        ('svar = "ja-nej"', 'svar = "ja-nej"\nenhet = "planer"', ("fraga.kart", "enhet hör bara")),
        (
            'malomrade = "Universellt stöd"',
            'malomrade = "Något annat"',
            ("fraga.kartlaggning.malomrade", "villkor.malomraden"),
        ),
        ("fran = 2019-01-01, skal", "fran = 2021-01-01, skal", ("brott", "förbrukningsperioden")),
        ("fran = 2019-01-01, skal", "fran = 2019-02-01, skal", ("brott", "första dagen")),
        (
            "brott = [",
            'brott = [{ fran = 2019-01-01, skal = "Igen." }, ',
            ("fraga.kartlaggning.brott", "står två gånger"),
        ),
        (
            'enhet = "utbildade gruppledare"\nantagande = "Påhittat."',
            'enhet = "utbildade gruppledare"',
            ("fraga.utbildade", "källa saknas"),
        ),
        ('avrundning = "kapa"', 'avrundning = "uppat"', ("villkor.procent", "avrundning")),
        ('avrundning = "kapa"\n', "", ("villkor.procent", "värdet saknas")),
        (
            'avrundning = "kapa"\nantagande = "Påhittat."',
            'avrundning = "kapa"',
            ("villkor.procent", "källa saknas"),
        ),
        (
            'avrundning = "kapa"\nantagande = "Påhittat."',
            'okand = "Inget är sagt"',
            ("villkor.procent", "kan inte vara okänt"),
        ),
    ],
)
def test_what_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    text = with_questions(grant_file()) + CUT
    assert old in text
    before, after = text.rsplit(old, 1)
    message = refusal(tmp_path, before + new + after)
    for part in says:
        assert part in message
