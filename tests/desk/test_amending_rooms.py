"""The forms that put something in the city's own files: waivers, later decisions, terms, the city's
own words and the boards' addresses."""

import re
import threading
from datetime import date
from pathlib import Path

import pytest

from statsbidrag.case import store
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.decisions import data_folder
from statsbidrag.model.decisions import WHOLE_GRANT, Grant
from tests.support.desks import OpenDesk, Visitor, words
from tests.support.four_years import FOUR_YEARS, grant_file
from tests.support.planted import EQUAL, NUMBER

GRANT = f"/bidrag/{EQUAL}"
FILE = f"grants/{EQUAL}.toml"
ASSUMED = {"kalla": "antas", "ord": "Så är det."}
WAIVER = {
    "regel": "personnummer",
    "namnd": "farsta",
    "skal": "Numret är ett ärendenummer.",
    "beslutat_av": "Enhetschefen",
    "beslutat_den": "2024-01-10",
    "till": "2024-03-01",
}


def seen(visitor: Visitor, path: str) -> str:
    """The hash of the file that a page shows."""
    found = re.search('name="sett" value="([^"]+)"', visitor.get(path).text)
    assert found
    return found[1]


def grant(desk: OpenDesk) -> Grant:
    """The grant as its file now has it."""
    return data_folder.load(desk.office.folders.data, [EQUAL], date(2024, 1, 20)).grant(EQUAL)


def put(visitor: Visitor, path: str, **fields: str) -> str:
    """What is said when something is put in by a form."""
    return words(visitor.post(path, **{"sett": seen(visitor, path), **fields}))


def test_a_waiver_is_put_in_the_file_and_in_the_log(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    assert "Undantaget är infört" in put(maria, f"{GRANT}/undantag", **WAIVER)
    (waiver,) = grant(shared).waivers
    assert (waiver.rule_id, waiver.board_id, waiver.reason) == (
        "personnummer",
        "farsta",
        "Numret är ett ärendenummer.",
    )
    (event,) = Log.read(shared.office.folders.out / LOG).about(EQUAL, "amended")
    assert event.details["login"] == "maria.ek"
    assert "+# Infört på Skrivbordet 2024-01-20 av Maria Ek." in event.details["lines"]
    said = words(shared.visitor("karl.rev").get("/logg?slag=Ändringar i bidragens filer"))
    assert "Maria Ek förde in i " + FILE + ": undantag från personnummer för Farsta" in said


def test_a_finding_leads_to_the_form_of_a_waiver_from_it(shared: OpenDesk) -> None:
    page = shared.visitor("maria.ek").get(
        f"{GRANT}/undantag?regel=personnummer&namnd=farsta&fil=a%20b.xlsx&cell=Kostnader!I6"
    )
    assert '<option selected="selected">personnummer</option>' in page.text
    assert '<option value="farsta" selected="selected">' in page.text
    assert 'value="a b.xlsx"' in page.text
    assert 'value="Kostnader!I6"' in page.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"till": "2023-03-01"}, "inte sluta gälla innan det är beslutat"),
        ({"skal": ""}, "Skriv skälet"),
        ({"skal": f"Barnet {NUMBER}"}, "skriv inget personnummer"),
        ({"regel": "belopp-fel"}, "Välj regel och nämnd"),
        ({"namnd": "ingen"}, "Välj regel och nämnd"),
        ({"till": "i mars"}, "skriv dagen som 2024-12-31"),
        ({"fil": f"{NUMBER}.xlsx"}, "Filen: skriv inget personnummer"),
        ({"skal": "Barnet １９１２１２１２-１２１２"}, "skriv inget personnummer"),
        ({"skal": "Barnet 1912\u200b1212-1212"}, "skriv inget personnummer"),
        ({"cell": "i6 (Kostnader)"}, "Cellen: skriv den som Kostnader!I6"),
    ],
)
def test_what_can_not_be_put_in_stays_in_the_form(
    shared: OpenDesk, fields: dict[str, str], told: str
) -> None:
    maria = shared.visitor("maria.ek")
    before = (shared.office.folders.data / FILE).read_bytes()
    answer = maria.post(
        f"{GRANT}/undantag",
        **{**WAIVER, "sett": seen(maria, f"{GRANT}/undantag"), **fields},
    )
    assert answer.status_code == 400
    assert told in words(answer)
    assert 'value="Enhetschefen"' in answer.text
    assert (shared.office.folders.data / FILE).read_bytes() == before
    assert not Log.read(shared.office.folders.out / LOG).about(EQUAL, "amended")


def test_a_later_decision_gives_the_boards_their_new_amounts(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    said = put(
        maria,
        f"{GRANT}/beslut",
        beslutat_av="Socialnämnden",
        dag="2023-11-14",
        **{"a-farsta-alla": "600 000,50", "a-jarva-alla": "2 014 362,50", **ASSUMED},
    )
    assert "Beslutet är infört" in said
    now = grant(shared).allocations_on(date(2023, 11, 14))
    assert now["farsta", WHOLE_GRANT] + now["jarva", WHOLE_GRANT] == 636208 + 1978155
    assert now["bromma", WHOLE_GRANT] == 438957
    assert "600 000,50" in words(maria.get(f"{GRANT}/beslut"))


def test_more_than_the_grant_is_divided_by_nobody(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    fields = {"beslutat_av": "N", "dag": "2023-11-14", "a-farsta-alla": "9000000", **ASSUMED}
    said = put(maria, f"{GRANT}/beslut", **fields)
    assert "mer än bidragets 8 453 075 kr" in said
    assert len(grant(shared).decisions) == 1


def test_a_decision_without_amounts_or_day_is_none(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    assert "Skriv det nya hela beloppet" in put(
        maria, f"{GRANT}/beslut", beslutat_av="N", dag="2023-11-14", **ASSUMED
    )
    assert "skriv dagen som" in put(
        maria, f"{GRANT}/beslut", beslutat_av="N", **{"a-farsta-alla": "1", **ASSUMED}
    )
    assert "Farsta: skriv ett belopp" in put(
        maria,
        f"{GRANT}/beslut",
        beslutat_av="N",
        dag="2023-11-14",
        **{"a-farsta-alla": "en miljon", **ASSUMED},
    )


def test_what_was_unknown_is_settled_with_a_document_that_the_file_did_not_name(
    shared: OpenDesk,
) -> None:
    maria = shared.visitor("maria.ek")
    path = f"{GRANT}/klara-ut?punkt=villkor.myndighetens_dnr"
    assert "Står inte i tjänsteutlåtandet" in words(maria.get(path))
    said = put(
        maria,
        path,
        **{"v-varde": "MFoF 2023/77", "kalla": "nytt", "ord": "Dnr MFoF 2023/77"},
        ny_titel="Beslut från MFoF",
        ny_dnr="MFoF 2023/77",
    )
    assert "Det är infört" in said
    now = grant(shared)
    assert now.agency_ref == "MFoF 2023/77"
    (term,) = [term for term in now.terms if term.label == "Myndighetens diarienummer"]
    assert term.source.sentence == "Beslut från MFoF, dnr MFoF 2023/77: ”Dnr MFoF 2023/77”"
    assert term not in now.unsettled


def test_the_citys_own_words_and_contact_go_into_the_report(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    path = f"{GRANT}/klara-ut?omrade=Universellt stöd"
    assert "Det är infört" in put(maria, path, text="Staden har\r\nsamlat stödet.")
    assert grant(shared).accounts == {"Universellt stöd": "Staden har\nsamlat stödet."}
    assert "skriv inget personnummer" in put(maria, path, text=f"Barnet {NUMBER}")
    path = f"{GRANT}/klara-ut?punkt=kontaktperson"
    assert "Det är infört" in put(maria, path, text="Maria Ek, 08-508 00 000")
    assert grant(shared).contact == "Maria Ek, 08-508 00 000"


def test_letters_go_where_the_register_says(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    said = put(maria, "/namnder", **{"epost-farsta": "statsbidrag.farsta@stad.se"})
    assert "Adresserna är införda" in said
    decided = shared.office.decided()
    assert decided.board("farsta").email == "statsbidrag.farsta@stad.se"
    assert "ingen e-postadress" in put(maria, "/namnder", **{"epost-farsta": "farsta på stan"})
    (event,) = [e for e in shared.office.log().events if e.kind == "amended"]
    assert event.details["file"] == "boards.toml"


def test_workbooks_say_whom_to_ask_and_where_to_hand_in(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    page = maria.get("/namnder").text
    sha256 = re.findall('name="sett" value="([^"]+)"', page)[1]
    maria.post(
        "/namnder", vad="arbetsbok", sett=sha256, kontakt="Maria Ek", lamnas_in="på Skrivbordet"
    )
    organisation = shared.office.decided().organisation
    assert (organisation.contact, organisation.handed_in_at) == ("Maria Ek", "på Skrivbordet")


def test_of_two_who_put_in_at_once_one_is_told(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    old = seen(maria, f"{GRANT}/undantag")
    answers: list[str] = []

    def one(board: str) -> None:
        visitor = shared.visitor("maria.ek")
        answers.append(
            words(visitor.post(f"{GRANT}/undantag", **{**WAIVER, "namnd": board, "sett": old}))
        )

    both = [threading.Thread(target=one, args=(board,)) for board in ("farsta", "bromma")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted("Undantaget är infört" in answer for answer in answers) == [False, True]
    assert sum("Någon har ändrat filen" in answer for answer in answers) == 1
    assert len(grant(shared).waivers) == 1


def test_who_only_reads_sees_what_stands_and_no_form(shared: OpenDesk) -> None:
    karl = shared.visitor("karl.rev")
    for path in ("klara-ut", "undantag", "klara-ut?punkt=villkor.ranta"):
        page = karl.get(f"{GRANT}/{path}")
        assert page.status_code == 200
        assert 'name="sett"' not in page.text
    assert karl.get(f"{GRANT}/beslut").status_code == 403


def test_nothing_else_can_be_reached_by_the_address_of_a_point(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    for path in ("klara-ut?punkt=id", "klara-ut?punkt=villkor.x", "klara-ut?punkt=../boards"):
        assert maria.get(f"{GRANT}/{path}").status_code == 404
    assert maria.get(f"{GRANT}/klara-ut?omrade=Resor").status_code == 400


def test_a_folder_that_can_not_be_written_in_says_so(
    shared: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = shared.visitor("maria.ek")
    sha256 = seen(maria, f"{GRANT}/undantag")

    def full(path: Path, content: bytes) -> None:
        raise PermissionError

    monkeypatch.setattr("statsbidrag.base.disk.write", full)
    answer = maria.post(f"{GRANT}/undantag", **WAIVER, sett=sha256)
    assert "ge programmet rätt till mappen" in words(answer)
    monkeypatch.undo()
    assert not Log.read(shared.office.folders.out / LOG).about(EQUAL, "amended")


# -- later decisions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2023-08-01", "Ett senare beslut gäller redan för Farsta, så där ändras inget."),
        ("2033-08-01", "Det gäller från 1 augusti 2033."),
        ("2023-11-14", "Räkna bidraget, så gäller de nya beloppen."),
    ],
)
def test_it_is_said_from_when_a_decision_holds(shared: OpenDesk, day: str, told: str) -> None:
    maria = shared.visitor("maria.ek")
    fields = {"beslutat_av": "Larss", "dag": day, "a-farsta-alla": "1", **ASSUMED}
    assert told in put(maria, f"{GRANT}/beslut", **fields)
    (event,) = shared.office.log().about(EQUAL, "amended")
    assert "beslut av Larss den" in event.sentence


def test_a_negative_amount_is_no_decision(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    fields = {"beslutat_av": "N", "dag": "2023-11-14", "a-farsta-alla": "-5", **ASSUMED}
    assert "skriv hela det nya beloppet, inte ändringen" in put(maria, f"{GRANT}/beslut", **fields)


# -- what must not be lost -------------------------------------------------------------------------


def test_a_field_that_was_not_sent_is_left_as_it_is(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    put(maria, "/namnder", **{"epost-farsta": "f@stad.se", "epost-bromma": "b@stad.se"})
    put(maria, "/namnder", **{"epost-bromma": "c@stad.se"})
    emails = {board.board_id: board.email for board in shared.office.decided().boards}
    assert (emails["farsta"], emails["bromma"]) == ("f@stad.se", "c@stad.se")
    unpaid = grant(shared).unpaid_cost_kinds
    put(
        maria,
        f"{GRANT}/klara-ut?punkt=villkor.kostnadsslag",
        **{"v-tillatna": "Lokaler", **ASSUMED},
    )
    assert grant(shared).cost_kinds == ("Lokaler",)
    assert grant(shared).unpaid_cost_kinds == unpaid


def test_each_line_that_came_is_in_the_log_whatever_it_begins_with(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    path = f"{GRANT}/klara-ut?omrade=Universellt stöd"
    put(maria, path, text="++ mer\n-- mindre")
    (event,) = shared.office.log().about(EQUAL, "amended")
    assert any("++ mer" in line for line in event.details["lines"])
    assert any("-- mindre" in line for line in event.details["lines"])


def test_a_change_that_the_log_has_stands_in_the_file_too(
    shared: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the change has been decided on, and has room a moment later."""
    maria = shared.visitor("maria.ek")
    sha256 = seen(maria, f"{GRANT}/undantag")
    carried_out = store._carry_out
    times: list[int] = []

    def full_at_first(out: Path) -> None:
        times.append(1)
        if len(times) == 1:
            raise OSError(28, "No space left on device", str(out / ".x"))
        carried_out(out)

    monkeypatch.setattr(store, "_carry_out", full_at_first)
    maria.post(f"{GRANT}/undantag", **WAIVER, sett=sha256)
    monkeypatch.undo()
    told = Log.read(shared.office.folders.out / LOG).about(EQUAL, "amended")
    assert len(told) == len(grant(shared).waivers) == 1


def test_half_a_character_is_no_form(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    body = "\r\n".join(
        [
            "--x",
            'Content-Disposition: form-data; name="biljett"',
            "",
            maria.token,
            "--x",
            'Content-Disposition: form-data; name="skal"',
            "Content-Type: text/plain",
            "",
            "+2AA-",
            "--x--",
            "",
        ]
    )
    kind = "multipart/form-data; boundary=x; charset=utf-7"
    answer = maria.client.post(
        f"{GRANT}/undantag", content=body.encode(), headers={"Content-Type": kind}
    )
    assert answer.status_code == 400


def test_a_decision_about_a_grant_of_years_is_for_the_year_that_is_chosen(
    shared: OpenDesk,
) -> None:
    """The form shows what the year has, and the amounts are put in for it alone."""
    data = shared.office.folders.data
    (data / "grants" / f"{FOUR_YEARS}.toml").write_text(grant_file(), "utf-8")
    page = f"/bidrag/{FOUR_YEARS}/beslut"
    maria = shared.visitor("maria.ek")
    assert "Beloppen är för 2020" in words(maria.get(page))  # no year is today's: the last
    form = words(maria.get(f"{page}?ar=2019-01-01"))
    assert "Beloppen är för 2019" in form
    assert "Andra år: 2017 , 2018 , 2020" in form
    assert "700 000,50" in form
    said = put(
        maria,
        page,
        ar="2019-01-01",
        beslutat_av="Socialnämnden",
        dag="2019-11-01",
        **{"a-farsta-alla": "650000", **ASSUMED},
    )
    assert "Beslutet är infört" in said
    grant = data_folder.load(data, [FOUR_YEARS], date(2024, 1, 20)).grant(FOUR_YEARS)
    assert grant.decisions[-1].year == grant.years[2]
    assert grant.allocated_on("farsta", date(2024, 1, 20)) == 3650000
    (event,) = Log.read(shared.office.folders.out / LOG).about(FOUR_YEARS, "amended")
    assert "Farsta 650 000 kr för 2019" in event.sentence.replace("\u00a0", " ")
