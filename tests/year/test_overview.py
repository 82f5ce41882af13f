"""The page of all grants: what comes first, what is said of it, and whether it can be read on a
phone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from statsbidrag.base.swedish import NBSP
from statsbidrag.decisions import data_folder
from statsbidrag.documents import charts, record
from statsbidrag.model.case import Entry, EntryKind, ReportState, Review
from statsbidrag.model.findings import Finding
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import repayment
from statsbidrag.money.ledger_tables import Account, NamedAccount
from statsbidrag.money.shapes import rows_of
from statsbidrag.year import overview_page
from statsbidrag.year.overview import Owing, Room, Standing
from tests.support import browser, report_fixture, reviews
from tests.support.planted import DATA
from tests.support.rows import rows_in, with_rows
from tests.support.standings import BROKEN, DAY, FINAL, QUARTER, standing


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return data_folder.load(DATA, (), DAY)


def rendered(
    folder: Path, standings: Sequence[Standing], broken: Sequence[Finding] = ()
) -> ElementTree.Element:
    overview_page.render(
        standings,
        replace(report_fixture.rulebook(), broken=tuple(broken)),
        DAY,
        folder / "index.html",
    )
    text = (folder / "index.html").read_text("utf-8")
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))


def said(element: ElementTree.Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).replace(NBSP, " ").split())


def part(root: ElementTree.Element, part_id: str) -> ElementTree.Element:
    return next(e for e in root.iter("section") if e.get("id") == part_id)


def rows(table: ElementTree.Element) -> list[dict[str, str]]:
    """A table as its reader has it: each row by the headings of its columns."""
    names = [said(cell) for cell in table.iterfind("thead/tr/th")]
    return [dict(zip(names, map(said, row), strict=True)) for row in table.iterfind("tbody/tr")]


def test_the_most_money_at_risk_comes_first(tmp_path: Path, book: Rulebook) -> None:
    repaid = reviews.REVIEWS["repaid"]
    assert repaid
    assert repaid.state is ReportState.REPAID
    third = replace(
        FINAL,
        grant=replace(FINAL.grant, grant_id="mfof-2023-forebygga-kriminalitet", name="Det tredje"),
    )
    standings = [
        standing(book, FINAL, review=repaid),
        standing(book, third, is_run=False),
        standing(book, QUARTER),
    ]
    root = rendered(tmp_path, standings)
    order = [e.get("id") for e in root.iter("section") if e.get("class") == "grant"]
    assert order == [QUARTER.grant.grant_id, third.grant.grant_id, FINAL.grant.grant_id]
    first, second, last = rows(next(part(root, "lage").iter("table")))
    assert [row["Pengar i fara, kr"] for row in (first, second, last)] == [
        "18 805 999",
        "8 453 075",
        "0",
    ]
    assert [row["Redovisat"] for row in (first, second, last)] == [
        *("4 av 6 nämnder", "inte avstämt ännu", "9 av 11 nämnder")
    ]
    assert "Inte avstämt ännu. Hela beloppet, 8 453 075 kr, är oredovisat." in said(
        part(root, third.grant.grant_id)
    )


def test_a_broken_grant_is_flagged_before_all_else(tmp_path: Path, book: Rulebook) -> None:
    root = rendered(tmp_path, [standing(book, FINAL)], (BROKEN,))
    first = next(root.iter("section"))
    assert first.get("id") == "trasiga"
    assert said(first) == (
        "1 bidrag kunde inte köras grants/trasig.toml: Nyckeln ”belopp” saknas i avsnittet bidrag. "
        "Gör så här: Skriv beloppet i kronor."
    )
    assert all(e.get("id") != "trasiga" for e in rendered(tmp_path, [standing(book, FINAL)]).iter())
    alone = said(rendered(tmp_path, [], (BROKEN,)))
    assert "1 bidrag kunde inte köras" in alone


def test_what_is_overdue_is_named_as_money_at_risk(tmp_path: Path, book: Rulebook) -> None:
    root = rendered(tmp_path, [standing(book, FINAL)])
    (row,) = rows(next(part(root, "lage").iter("table")))
    late = "Återrapport till MFoF: försenat 4 dagar, det gäller 8 453 075 kr"
    assert late in row["Nästa frist"]
    told = rows(next(part(root, FINAL.grant.grant_id).iter("table")))
    (agency,) = [r for r in told if r["Vad och vem"].startswith("Återrapport till")]
    assert agency["Läge"].startswith("försenat 4 dagar, det gäller 8 453 075 kr")
    assert agency["Läge"].endswith("kan MFoF kräva tillbaka bidraget.")
    assert [said(e) for e in root.iter("strong") if e.get("class") == "late"][-1].startswith(
        "försenat"
    )


def test_each_deadline_stands_with_its_working_days(tmp_path: Path, book: Rulebook) -> None:
    ahead = standing(book, FINAL, date(2023, 12, 15), is_run=False)
    grant = part(rendered(tmp_path, [ahead]), FINAL.grant.grant_id)
    told = {row["Vad och vem"]: row for row in rows(next(grant.iter("table")))}
    last_use = told["Sista dag att använda medlen Nämnderna"]
    assert last_use == {
        "Vad och vem": "Sista dag att använda medlen Nämnderna",
        "Dag": "söndag 31 december 2023 ingen arbetsdag; den sista före är 29 december 2023",
        "Läge": "16 dagar kvar, varav 8 arbetsdagar",
    }
    assert told["Återrapport till MFoF Socialförvaltningen"]["Dag"] == "torsdag 1 februari 2024"
    assert {d.kind for d in ahead.deadlines} == {
        *(
            "quarterly_return",
            "last_use",
            "final_return",
            "internal_review",
            "committee",
            "agency",
            "repayment",
        )
    }
    assert len(told) == len(ahead.open_deadlines)
    assert [d.kind for d in ahead.pressing] == ["quarterly_return", "last_use"], (
        "what is late, and what comes next"
    )


def test_what_is_done_is_not_asked_for(tmp_path: Path, book: Rulebook) -> None:
    filed = standing(book, FINAL, review=reviews.REVIEWS["filed"])
    assert not any(d.is_overdue and d.kind == "agency" for d in filed.deadlines)
    text = said(part(rendered(tmp_path, [filed]), FINAL.grant.grant_id))
    passed = "Nämnderna redovisar till och med 30 september 2023; Sista dag att använda medlen"
    assert f"Har passerat: {passed}. Klart: " in text


def test_who_is_missing_what_is_held_and_what_to_do(tmp_path: Path, book: Rulebook) -> None:
    text = said(part(rendered(tmp_path, [standing(book, QUARTER)]), QUARTER.grant.grant_id))
    for words in (
        (
            "4 av 6 nämnder har redovisat så att det kan räknas. Saknas: Skärholmen. Väntar på "
            "rättelse: Hägersten-Älvsjö"
        ),
        "Hägersten-Älvsjö, med 4 398 000 kr som varken räknas som använda eller som återbetalning.",
        "Gäller en tidigare period: Enskede-Årsta-Vantör.",
        "Använt 42,9 % 14 120 000,75 kr av 32 926 000 kr",
        "Tid som har gått 100,0 % får användas till och med 31 december 2021",
        "Väntas bli oanvänt 765 400 kr enligt nämnderna själva",
        "Ännu inte avgjort 4 398 000 kr väntar på rättelse",
        "Gör slutredovisningen: statsbidrag run socialstyrelsen-2021-utsatta-omraden --final.",
        (
            "Pröva förslaget till omfördelning mellan nämnder, som väntas minska återbetalningen med "
            "100 000,50 kr."
        ),
    ):
        assert words in text, words


def test_what_is_unspent_after_the_last_day_is_nobodys_forecast(
    tmp_path: Path, book: Rulebook
) -> None:
    ended = replace(QUARTER, period_end=QUARTER.grant.spend_to_on)
    text = said(part(rendered(tmp_path, [standing(book, ended)]), QUARTER.grant.grant_id))
    assert "Oanvänt 765 400 kr av det nämnderna har fått" in text


def test_unspent_money_is_pressing_while_it_can_be_used(book: Rulebook) -> None:
    """After the last day nobody can use more: then the final report is what is to be done, until
    there is one."""
    contact = (
        "Kontakta nu om medel som riskerar att bli oanvända: Hässelby-Vällingby och Spånga-Tensta."
    )
    close = "Gör slutredovisningen: statsbidrag run socialstyrelsen-2021-utsatta-omraden --final."
    last, next_day = date(2021, 12, 31), date(2022, 1, 1)
    reviewed = Review("figures", "inputs")

    def told(day: date, review: Review | None = None) -> set[str]:
        return {contact, close} & set(standing(book, QUARTER, day, review).steps)

    assert told(last) == {contact}
    assert told(next_day) == {close}
    assert told(next_day, reviewed) == set()


def test_every_board_with_its_status_forecast_and_flag(tmp_path: Path, book: Rulebook) -> None:
    root = rendered(tmp_path, [standing(book, QUARTER), standing(book, FINAL)])
    folded = {
        place: next(part(root, place).iter("details"))
        for place in (QUARTER.grant.grant_id, FINAL.grant.grant_id)
    }
    boards = {row["Nämnd"]: row for row in rows(next(folded[QUARTER.grant.grant_id].iter("table")))}
    assert boards["Spånga-Tensta"] == {
        "Nämnd": "Spånga-Tensta",
        "Läge": "räknas agera",
        "Fördelat": "5 286 200",
        "Använt": "58,6 %",
        "Prognos": "4 900 000",
        "Väntas bli över": "386 200",
        "Kostnader": "raderna",
    }
    assert boards["Hägersten-Älvsjö"]["Använt"] == "–"
    assert boards["Enskede-Årsta-Vantör"]["Läge"] == "gäller en tidigare period bevaka"
    links = [a.get("href") for a in folded[QUARTER.grant.grant_id].iter("a")]
    place = f"{QUARTER.grant.grant_id}/2021-09-30"
    assert f"{place}/boards/spanga-tensta.html" in links
    assert f"{place}/sparning.html#spanga-tensta.rader" in links
    final = {row["Nämnd"]: row for row in rows(next(folded[FINAL.grant.grant_id].iter("table")))}
    assert final["Södermalm"]["Att återbetala"] == "559 876"
    assert "Prognos" not in final["Södermalm"]


def test_the_picture_shows_used_allocated_and_elapsed(tmp_path: Path, book: Rulebook) -> None:
    told = [standing(book, QUARTER), standing(book, FINAL, date(2023, 7, 2), is_run=False)]
    chart = charts.elapsed(told)
    quarter, untold = chart["rows"]
    assert quarter["text"].replace(NBSP, " ") == "använt 42,9 %, tid 100,0 %"
    assert [bar["fill"] for bar in quarter["bars"]] == ["solid", "light", "unsure"]
    assert sum((bar["width"] for bar in quarter["bars"]), Decimal(0)) == quarter["mark"]
    assert [bar["fill"] for bar in untold["bars"]] == ["grid"], (
        "before the decision nothing is allocated"
    )
    assert (quarter["mark"], untold["mark"]) == (478, Decimal("239.7")), (
        "all of the year, and half of it"
    )
    assert "Det svarta strecket är hur mycket av tiden som har gått." in said(
        part(rendered(tmp_path, told), "lage")
    )


def test_json_carries_the_deadlines(book: Rulebook) -> None:
    told = standing(book, FINAL).as_json()
    (agency,) = [d for d in told["deadlines"] if d["kind"] == "agency"]
    assert agency == {
        "kind": "agency",
        "label": "Återrapport till MFoF",
        "owner": "Socialförvaltningen",
        "on": date(2024, 2, 1),
        "words": f"torsdag 1{NBSP}februari{NBSP}2024",
        "period_end": None,
        "standing": "open",
        "is_overdue": True,
        "days_left": -4,
        "working_days_left": -2,
        "left": f"försenat 4{NBSP}dagar, det gäller 8{NBSP}453{NBSP}075{NBSP}kr",
        "at_risk_sek": "8453075.00",
    }
    assert list(told)[-1] == "deadlines"


def test_nothing_to_do_is_said(tmp_path: Path, book: Rulebook) -> None:
    boards = tuple(
        {**b, "return_status": "accepted", "flag": "ok"} for b in rows_in(QUARTER, "board")
    )
    told = standing(
        book, with_rows(QUARTER, board=boards, outlook=(), manifest=()), date(2021, 12, 31)
    )
    assert told.steps == []
    assert "Inget just nu." in said(part(rendered(tmp_path, [told]), QUARTER.grant.grant_id))


def entry(kind: str, board_id: str | None, amount: str, ground: str | None = None) -> Entry:
    return Entry(EntryKind(kind), board_id, Decimal(amount), DAY, "R 1", "Eva Ek", ground=ground)  # type: ignore[arg-type]


def owed_by(book: Rulebook, *entries: Entry) -> Standing:
    """A report that has been filed and paid to the agency, with what has been entered about its
    boards."""
    grant = book.grant(FINAL.grant.grant_id)
    filed = record.reconciliation(FINAL)
    accounts = repayment.accounts(
        filed, repayment.reckon(grant, filed, entries, book.reference_rates, DAY)
    )
    return replace(standing(book, FINAL, review=reviews.REVIEWS["repaid"]), accounts=accounts)


def test_a_filed_report_is_not_done_while_boards_owe(book: Rulebook) -> None:
    """What a board owes waits for a claim, then for payments; only when nothing is left is nothing
    to do."""
    computed = {
        b["name"]: b["liability_sek"] for b in rows_in(FINAL, "board") if b["liability_sek"]
    }
    unclaimed = owed_by(book)
    assert {one.name: one.amount_sek for one in unclaimed.unclaimed} == computed
    assert unclaimed.unpaid == []
    assert "Inget mer behöver göras." not in unclaimed.steps
    assert any(step.startswith("Ställ krav på ") for step in unclaimed.steps)

    claims = [
        entry("claim", b["board_id"], str(b["liability_sek"]))
        for b in rows_in(FINAL, "board")
        if b["liability_sek"]
    ]
    claimed = owed_by(
        book, *claims, entry("relief", "farsta", "0.50"), entry("payment", "farsta", "1000")
    )
    assert claimed.unclaimed == []
    assert Owing("Farsta", computed["Farsta"] - Decimal("1000.50")) in claimed.unpaid
    assert any(step.startswith("Bevaka betalningen från ") for step in claimed.steps)

    # A claim on a ground that only a person decides is added to what was computed, which still
    # waits for its own.
    added = owed_by(book, entry("claim", "farsta", "5", "breach_of_terms"))
    assert Owing("Farsta", computed["Farsta"]) in added.unclaimed
    assert added.unpaid == [Owing("Farsta", Decimal(5))]


def account(board_id: str | None, remaining: int) -> NamedAccount:
    """An account with some kronor left to pay, and nothing more to claim."""
    left, nothing = Decimal(remaining), Decimal(0)
    told = {
        "board_id": board_id,
        "remaining_sek": left,
        "awaiting_sek": nothing,
        "interest_remaining_sek": nothing,
    }
    (row,) = rows_of(Account, [told])
    return NamedAccount(**vars(row), name="Farsta" if board_id else "")


def test_a_filed_report_with_nothing_to_repay_is_done(book: Rulebook) -> None:
    filed = standing(book, FINAL, review=reviews.REVIEWS["filed"])
    told = replace(filed, accounts=[account(None, 0)]).steps
    assert "Slutrapporten är inlämnad. Inget ska betalas tillbaka till myndigheten." in told
    assert told[-1] == "Inget mer behöver göras."
    owes = replace(filed, accounts=[account(None, 1)])
    assert any("Betala tillbaka till myndigheten" in step for step in owes.steps)


def test_what_boards_owe_is_told_while_a_correction_is_made(book: Rulebook) -> None:
    corrected = replace(owed_by(book), review=reviews.REVIEWS["correction"])
    assert any(step.startswith("Ställ krav på ") for step in corrected.steps)


def test_nothing_more_is_said_to_be_done_only_when_it_is_known(book: Rulebook) -> None:
    repaid = standing(book, FINAL, review=reviews.REVIEWS["repaid"])
    assert replace(repaid, accounts=[account("farsta", 0)]).steps[-1] == "Inget mer behöver göras."
    assert "Inget mer behöver göras." not in replace(repaid, accounts=None).steps


def test_what_somebody_can_do_names_the_grant(book: Rulebook) -> None:
    for review in (None, *reviews.REVIEWS.values()):
        for step in standing(book, FINAL, review=review).steps:
            command = step.partition("statsbidrag ")[2]
            assert not command or FINAL.grant.grant_id in command, step


def test_boards_stand_in_swedish_order(book: Rulebook) -> None:
    names = [board.name for board in standing(book, FINAL).boards]
    assert names.index("Skarpnäck") < names.index("Skärholmen") < names.index("Södermalm")


def test_what_has_been_written_is_led_to(tmp_path: Path, book: Rulebook) -> None:
    place = f"{FINAL.grant.grant_id}/reskontra/reskontra.html"
    root = rendered(tmp_path, [replace(standing(book, FINAL), rooms=(Room(place, "Reskontran"),))])
    assert {a.get("href"): said(a) for a in root.iter("a")}[place] == "Reskontran"


@pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed")
def test_on_a_phone_each_row_is_a_card_with_its_headings(tmp_path: Path, book: Rulebook) -> None:
    rendered(tmp_path, [standing(book, QUARTER), standing(book, FINAL)], (BROKEN,))
    with browser.opened() as tab:
        tab.open(tmp_path / "index.html", 360)
        tab.run("for (const folded of document.querySelectorAll('details')) folded.open = true")
        assert tab.run("document.documentElement.scrollWidth") == 360
        cells = tab.run(
            """[...document.querySelectorAll("td[data-label]")].map(cell => ({
                says: getComputedStyle(cell, "::before").content, heading: JSON.stringify(cell.dataset.label),
                left: cell.getBoundingClientRect().left, right: cell.getBoundingClientRect().right,
                size: parseFloat(getComputedStyle(cell).fontSize)}))"""
        )
        assert len(cells) > 80
        for cell in cells:
            assert cell["says"] == cell["heading"]
            assert 0 <= cell["left"] < cell["right"] <= 360
            assert cell["size"] >= 13
        tab.open(tmp_path / "index.html", 1200)
        assert (
            tab.run("getComputedStyle(document.querySelector('td[data-label]')).display")
            == "table-cell"
        )
