"""Who gives a grant: what a file of an agency's grant must say, and one of the city's own may not."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import plans
from statsbidrag.model.grant_words import GrantorKind
from tests.example import FUND as OWN
from tests.support.drawn import decided
from tests.support.four_years import FOUR_YEARS, grant_file
from tests.support.planted import DATA, EQUAL
from tests.support.way import load_one

OWN_FILE = (DATA / "grants" / f"{OWN}.toml").read_text("utf-8")
AGENCY_FILE = (DATA / "grants" / f"{EQUAL}.toml").read_text("utf-8")
AMOUNT = 'okand = "Tjänsteutlåtandet anger inget belopp"'
AGENCY_AMOUNT = AGENCY_FILE[AGENCY_FILE.index("[villkor.belopp]") :].partition("\n\n")[0]
UNKNOWN_AMOUNT = '[villkor.belopp]\nokand = "Vet ej"'
REFERENCE = """[villkor.myndighetens_dnr]
okand = "Står inte i tjänsteutlåtandet"
"""
DECISION = 'beslutat_av = "Stockholms stad, fonden för sociala investeringar"\n'


def test_a_grant_of_an_agency_is_reported_and_repaid(tmp_path: Path) -> None:
    grant = load_one(tmp_path, EQUAL, AGENCY_FILE)
    assert grant.grantor_kind is GrantorKind.AGENCY
    assert (grant.words.report, grant.words.repayment) == ("återrapport", "återbetalning")
    assert grant.term_words("aterbetalningsbas") == "per nämnd"
    labels = {term.key: term.label for term in grant.terms}
    assert labels["aterbetalningsbas"] == "Återbetalningen räknas"


def test_the_citys_own_money_has_words_of_its_own(tmp_path: Path) -> None:
    grant = load_one(tmp_path, FOUR_YEARS, grant_file())
    assert grant.grantor_kind is GrantorKind.OWN
    assert grant.total_sek == Decimal(28000010)
    assert (grant.words.report, grant.words.repayment) == ("slutrapport", "återföring")
    labels = {term.key: term.label for term in grant.terms}
    assert labels["aterbetalningsbas"] == "Återföringen räknas"
    assert "myndighetens_dnr" not in labels


def test_the_shipped_file_says_what_its_source_says_and_no_more(tmp_path: Path) -> None:
    grant = load_one(tmp_path, OWN, OWN_FILE)
    assert grant.total_sek is None
    assert not grant.has_amounts
    assert grant.term_words("belopp") == "Tjänsteutlåtandet anger inget belopp"
    assert grant.allocations_on(date.max) == {}
    assert not grant.is_decided_on(date(2016, 12, 31))
    assert grant.is_decided_on(date(2017, 1, 1))


@pytest.mark.parametrize(
    ("grant_id", "file", "old", "new", "says"),
    [
        (OWN, OWN_FILE, 'slag = "egen"\n', "", "villkor.myndighetens_dnr: saknas"),
        (EQUAL, AGENCY_FILE, AGENCY_AMOUNT, UNKNOWN_AMOUNT, "villkor.belopp: värdet behövs"),
        (EQUAL, AGENCY_FILE, REFERENCE, "", "villkor.myndighetens_dnr: saknas"),
        (OWN, OWN_FILE, "[villkor.belopp]", f"{REFERENCE}[villkor.belopp]", "staden ger medlen"),
        (OWN, OWN_FILE, AMOUNT, 'kronor = 7\nantagande = "x"', "fordelning: saknas"),
        (OWN, OWN_FILE, DECISION, f"{DECISION}summa = 7\n", "forsta-utlysningen.summa: bidragets"),
        (
            OWN,
            OWN_FILE,
            DECISION,
            f"{DECISION}fordelning = {{ Farsta = 7 }}\n",
            "forsta-utlysningen.fordelning: bidragets belopp är okänt",
        ),
        (
            OWN,
            OWN_FILE,
            DECISION,
            f"{DECISION}avser = {{ fran = 2017-01-01, till = 2020-12-31 }}\n",
            "forsta-utlysningen.avser: bidragets belopp är okänt",
        ),
    ],
)
def test_a_file_that_says_too_much_or_too_little_is_refused(
    tmp_path: Path, grant_id: str, file: str, old: str, new: str, says: str
) -> None:
    assert old in file
    with pytest.raises(InputError, match="nyckeln") as refused:
        load_one(tmp_path, grant_id, file.replace(old, new, 1))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("as_of", "unit_on", "there", "gone"),
    [
        (date(2020, 1, 1), date(2020, 6, 30), "alvsjo", "hagersten-alvsjo"),
        (date(2021, 1, 1), date(2020, 12, 31), "hagersten-alvsjo", "alvsjo"),
    ],
)
def test_where_nobody_knows_who_has_money_every_board_may_report(
    tmp_path: Path, as_of: date, unit_on: date, there: str, gone: str
) -> None:
    grant = load_one(tmp_path, OWN, OWN_FILE, as_of)
    participants = decided().participants(grant, as_of, unit_on)
    assert there in participants
    assert gone not in participants
    assigned = decided().assignment("alvsjo", grant, as_of, unit_on)
    assert assigned is not None
    assert assigned.amounts_sek == {}
    assert assigned.counted_with == (None if there == "alvsjo" else "Hägersten-Älvsjö")


def test_it_is_reconciled_from_the_first_quarter_after_its_decision() -> None:
    plan, waiting = plans.plan(decided(), [OWN], date(2017, 4, 1), is_final=False)
    assert (plan.periods, waiting) == ({OWN: date(2017, 3, 31)}, [])
    plan, waiting = plans.plan(decided(), [OWN], date(2016, 12, 31), is_final=False)
    assert plan.periods == {}
    assert "inget beslut gäller ännu" in waiting[0]
