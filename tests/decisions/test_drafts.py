"""A decision's documents become drafts of grant files: what is found stands beside its sentence, and
nothing is invented."""

import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder, declaration, plans
from statsbidrag.decisions.amendments import NewSource, with_term
from statsbidrag.decisions.data_files import parsed_as
from statsbidrag.decisions.declaration import GrantFile
from statsbidrag.decisions.drafting.document_texts import DocumentText, texts_of
from statsbidrag.decisions.drafting.draft_values import DraftValue
from statsbidrag.decisions.drafting.drafts import Draft, drafts
from statsbidrag.decisions.drafting.table_doubts import Doubt
from statsbidrag.decisions.settling import settling
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL
from tests.support import filling
from tests.support.decision_documents import (
    AGENCIES,
    REPORTS,
    cited,
    content_of,
    document,
    source,
)
from tests.support.planted import DATA

BOARDS = data_folder.boards(DATA)
SEEDS = [(("000", "001"), [EQUAL, CRIME]), (("003",), [AREAS])]
ALONE = [(("000",), [EQUAL, CRIME]), (("001",), [EQUAL, CRIME])]


def drafted(*documents: DocumentText) -> tuple[list[Draft], list[Doubt]]:
    return drafts(documents, BOARDS, AGENCIES, REPORTS)


def of(*numbers: str) -> list[Draft]:
    made, doubts = drafted(*map(source, numbers))
    assert doubts == []
    return made


def of_text(text: str) -> Draft:
    (made,), _ = drafted(document(text))
    return made


def parsed(draft: Draft) -> dict[str, Any]:
    return tomllib.loads(draft.toml, parse_float=Decimal)


def term(draft: Draft, key: str) -> Any:
    return parsed(draft)["villkor"][key]


def value(draft: Draft, key: str) -> DraftValue:
    return next(one for one in draft.values if one.key == key)


def amounts(grant_file: dict[str, Any]) -> dict[str, list[Decimal]]:
    """Kronor per board, a component after the other."""
    found = {}
    for name, stated in grant_file["beslut"][0]["fordelning"].items():
        parts = stated.values() if isinstance(stated, dict) else [stated]
        found[name.casefold()] = [Decimal(part) for part in parts]
    return found


def shipped(grant_id: str) -> dict[str, Any]:
    return tomllib.loads((DATA / "grants" / f"{grant_id}.toml").read_text("utf-8"))


def told(made: Iterable[Draft], doubts: Iterable[Doubt]) -> set[str]:
    """All that a person is told to look at, without where it stands."""
    texts = [doubt.text for doubt in doubts]
    for draft in made:
        texts += [doubt.text for doubt in draft.doubts]
    return {re.sub(r"Rad [0-9–]+: ", "", text) for text in texts}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder without grants."""
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    for path in (data / "grants").glob("*.toml"):
        path.unlink()
    return data


def loaded(folder: Path, made: Sequence[Draft], as_of: date = date(2024, 1, 20)) -> Rulebook:
    for draft in made:
        (folder / "grants" / f"{draft.grant_id}.toml").write_text(draft.toml, "utf-8")
    return data_folder.load(folder, (), as_of)


# -- the source documents --------------------------------------------------------------------------


@pytest.mark.parametrize(("numbers", "grant_ids"), [*SEEDS, *ALONE])
def test_the_seeds_give_the_amounts_of_the_shipped_files(
    numbers: tuple[str, ...], grant_ids: list[str]
) -> None:
    made = of(*numbers)
    assert len(made) == len(grant_ids)
    for draft, grant_id in zip(made, grant_ids, strict=True):
        own, wanted = parsed(draft), shipped(grant_id)
        assert amounts(own) == amounts(wanted)
        assert own["beslut"][0]["summa"] == wanted["beslut"][0]["summa"]
        assert own["beslut"][0]["datum"] == wanted["beslut"][0]["datum"]
        assert own["beslut"][0]["id"] == wanted["beslut"][0]["id"]
        for key, name in [
            ("belopp", "kronor"),
            ("andamal", "varde"),
            ("bidragsgivare", "namn"),
            ("bidragsgivare", "kortnamn"),
            ("forbrukningsperiod", "fran"),
            ("forbrukningsperiod", "till"),
            ("aterbetalningsbas", "bas"),
        ]:
            assert own["villkor"][key][name] == wanted["villkor"][key][name], key
        for key in ("myndighetens_dnr", "aterbetalning_senast", "ranta"):
            assert "okand" in own["villkor"][key]
            assert "okand" in wanted["villkor"][key]
        for key in ("malomraden", "aterrapport_till_myndigheten"):
            stated = ("varden", "datum")
            assert [own["villkor"][key].get(one) for one in stated] == [
                wanted["villkor"][key].get(one) for one in stated
            ]


@pytest.mark.parametrize(("numbers", "grant_ids"), SEEDS)
def test_a_found_value_cites_what_the_shipped_file_cites(
    numbers: tuple[str, ...], grant_ids: list[str]
) -> None:
    for draft, grant_id in zip(of(*numbers), grant_ids, strict=True):
        own, wanted = parsed(draft)["villkor"], shipped(grant_id)["villkor"]
        for key in ("bidragsgivare", "andamal", "belopp", "forbrukningsperiod", "malomraden"):
            if value(draft, f"villkor.{key}").state == "found":
                assert own[key]["kalla"]["mening"] == wanted[key]["kalla"]["mening"], key


def test_the_areas_are_those_that_the_document_lists() -> None:
    first, second = of("001")
    (areas,) = of("003")
    assert term(areas, "omraden")["tillatna"] == shipped(AREAS)["villkor"]["omraden"]["tillatna"]
    six = shipped(EQUAL)["villkor"]["omraden"]["tillatna"][:6]
    for draft in (first, second):
        assert term(draft, "omraden")["tillatna"] == six
        assert value(draft, "villkor.omraden").state == "proposed"
    assert value(first, "villkor.malomraden").state == "found"
    assert value(second, "villkor.malomraden").state == "proposed"
    assert "ett annat av bidragen" in value(second, "villkor.malomraden").note


def test_the_components_are_the_columns() -> None:
    (draft,) = of("003")
    own, wanted = parsed(draft)["komponent"], shipped(AREAS)["komponent"]
    assert [one["omraden"] for one in own] == [one["omraden"] for one in wanted]
    assert [one["id"] for one in own] == [
        "fordelat-via-fordelningsmodell",
        "extra-medel-skol-sociala-team",
    ]
    assert value(draft, "villkor.oronmarkta_komponenter").state == "found"
    assert "avsätter särskilt" in term(draft, "oronmarkta_komponenter")["kalla"]["mening"]


def test_the_krona_and_the_misspelt_board_are_told() -> None:
    first, second = of("000", "001")
    (doubt,) = first.doubts
    assert doubt.code == "summa-skiljer"
    assert "8\u00a0453\u00a0074\u00a0kr" in doubt.text
    assert doubt.text.startswith(source("000").name)
    assert (second.doubts, "8\u00a0453\u00a0074\u00a0kr" in first.toml) == ((), True)
    (areas,) = of("003")
    assert [doubt.code for doubt in areas.doubts] == ["namn-narmast"]
    assert "Hägersten-Ålvsjö" in areas.toml
    row = value(areas, "beslut.fordelning.Hägersten-Älvsjö")
    assert (row.state, row.line_no) == ("proposed", 20)
    assert row.value == "4\u00a0398\u00a0000\u00a0kr (2\u00a0900\u00a0000 + 1\u00a0498\u00a0000)"


@pytest.mark.parametrize(("numbers", "_"), [*SEEDS, *ALONE])
def test_every_cited_sentence_stands_in_the_document_that_is_cited(
    numbers: tuple[str, ...], _: list[str]
) -> None:
    sentences = {}
    places = set()
    for text in texts_of([source(number) for number in numbers]):
        sentences[text.key] = {one.text for one in text.sentences}
        places |= {(text.name, one.line_no, one.text) for one in text.sentences}
    everything = set().union(*sentences.values())
    for draft in of(*numbers):
        assert set(cited(parsed(draft))) <= everything
        for stated in parsed(draft)["villkor"].values():
            if "kalla" in stated:
                assert stated["kalla"]["mening"] in sentences[stated["kalla"]["dokument"]]
        for one in draft.values:
            if one.key.startswith("villkor.") and one.sentence is not None:
                assert (one.document, one.line_no, one.sentence) in places


def test_three_documents_of_two_decisions_are_kept_apart() -> None:
    made = of("003", "000", "001")
    assert [draft.grant_id for draft in made] == [
        "socialstyrelsen-2021-sociala-insatser-utsatta-omraden",
        "mfof-2023-okad-jamlik-tillgang",
        "mfof-2023-forebygga-kriminalitet-barn",
    ]
    assert list(parsed(made[0])["dokument"]) == ["tjansteutlatande"]
    assert list(parsed(made[1])["dokument"]) == ["tjansteutlatande-2", "tjansteutlatande-3"]
    assert term(made[1], "stadens_dnr")["kalla"]["dokument"] == "tjansteutlatande-3"


def test_a_draft_says_what_it_was_made_of() -> None:
    for draft in of("000", "001"):
        stated = parsed(draft)
        assert draft.toml.startswith("#:schema ./grant.schema.json\n")
        assert stated["utkast"] is True
        assert list(stated)[:2] == ["format", "utkast"]
        assert "fil" not in str(stated["dokument"])
        assert stated["dokument"]["tjansteutlatande-2"]["datum"] == date(2023, 8, 3)
        assert stated["dokument"]["tjansteutlatande-2"]["dnr"] == "SOF 2023/329"
        jsonschema.validate(declaration_form(stated), declaration.schema())


def declaration_form(stated: dict[str, Any]) -> Any:
    """A parsed file as editors see it: days as texts."""

    def plain(one: Any) -> Any:
        if isinstance(one, dict):
            return {key: plain(inner) for key, inner in one.items()}
        if isinstance(one, list):
            return [plain(inner) for inner in one]
        if isinstance(one, Decimal):
            return float(one)
        return one.isoformat() if isinstance(one, date) else one

    return plain(stated)


# -- nothing is invented ---------------------------------------------------------------------------


def test_what_is_not_found_is_unknown_or_a_proposal_that_says_so() -> None:
    for draft in [*of("000"), *of("003")]:
        for one in draft.values:
            stands = one.key.startswith(("villkor.", "beslut.beslutat"))
            if one.state == "missing":
                assert one.note
            if one.state == "proposed" and stands:
                assert one.note.startswith("Förslag: ")
                assert one.note.endswith("Fastställ det innan utkastet används.")
    assert term(of("000")[0], "stadens_dnr") == {"okand": "Står inte i dokumentet"}
    assert term(of("003")[0], "malomraden") == {"okand": "Står inte i dokumentet"}


BARE = "Fördelning för 2024\n\nNämnd\tKronor\nJärva\t200\nFarsta\t100\nTotalt\t300\n\n2024-03-01 beslutade nämnden.\n"
WITH_DAY = "Till\nSocialnämnden\n2024-03-01\n\n" + BARE


def test_a_table_alone_gives_a_draft_with_proposals(folder: Path) -> None:
    draft = of_text(WITH_DAY)
    states = {one.key: one.state for one in draft.values}
    assert term(draft, "kostnadsslag")["tillatna"] == ["Att fastställa"]
    assert term(draft, "omraden")["tillatna"] == ["Att fastställa"]
    assert term(draft, "bidragsgivare")["namn"] == "Att fastställa"
    assert term(draft, "belopp")["kronor"] == 300
    assert "kalla" not in term(draft, "belopp")
    assert [doubt.code for doubt in draft.doubts] == ["belopp-utan-mening"]
    assert term(draft, "forbrukningsperiod")["till"] == date(2024, 12, 31)
    assert {states[f"villkor.{key}"] for key in ("belopp", "omraden", "forbrukningsperiod")} == {
        "proposed"
    }
    for key in ("andamal", "stadens_dnr", "malomraden", "ranta", "aterbetalningsgrunder"):
        assert term(draft, key) == {"okand": "Står inte i dokumentet"}
    assert loaded(folder, [draft]).broken == ()


def test_without_a_year_no_draft_is_made() -> None:
    made, doubts = drafted(document("Nämnd\tKronor\nJärva\t200\nFarsta\t100\nTotalt\t300"))
    assert (made, [doubt.code for doubt in doubts]) == ([], ["ar-saknas"])


def test_without_a_table_no_draft_is_made() -> None:
    made, doubts = drafted(document("Bidraget är 300 kr under 2024."))
    assert (made, doubts) == ([], [])


def test_what_files_say_differently_is_told_and_unknown() -> None:
    other = content_of("001").replace("SOF 2023/329", "SOF 2023/330")
    made, doubts = drafted(source("001"), document(other, "annan.txt"))
    assert doubts == []
    for draft in made:
        stated = term(draft, "stadens_dnr")
        assert list(stated) == ["okand"]
        assert "SOF 2023/329" in stated["okand"]
        assert "SOF 2023/330 (annan.txt, rad 63)" in stated["okand"]
        assert "uppgifter-olika" in {doubt.code for doubt in draft.doubts}


def test_periods_that_differ_are_told(folder: Path) -> None:
    draft = of_text(
        f"{WITH_DAY}\nMedlen ska användas under 2024.\n\nMedlen får användas under 2025.\n"
    )
    stated = term(draft, "forbrukningsperiod")
    assert (stated["fran"], stated["kalla"]["mening"]) == (
        date(2024, 1, 1),
        "Medlen ska användas under 2024.",
    )
    assert "31\u00a0december\u00a02025" in stated["antagande"]
    assert loaded(folder, [draft]).broken == ()


def test_a_deadline_of_the_boards_after_that_of_the_agency_is_not_taken(folder: Path) -> None:
    draft = of_text(
        f"{WITH_DAY}\nNämnderna ska redovisa senast den 1 mars 2025.\n\n"
        "Återrapporten lämnas senast den 1 februari 2025.\n"
    )
    assert "okand" in term(draft, "redovisning_till_staden")
    assert term(draft, "aterrapport_till_myndigheten")["datum"] == date(2025, 2, 1)
    assert "uppgifter-olika" in {doubt.code for doubt in draft.doubts}
    assert loaded(folder, [draft]).broken == ()


def test_deadlines_are_told_apart() -> None:
    draft = of_text(
        f"{WITH_DAY}\nNämnderna ska redovisa senast den 10 januari 2025.\n\n"
        "Återrapporten lämnas senast den 1 februari 2025.\n\n"
        "Medel som inte har använts återbetalas senast den 1 april 2025.\n"
    )
    days = [
        term(draft, key)["datum"]
        for key in (
            "redovisning_till_staden",
            "aterrapport_till_myndigheten",
            "aterbetalning_senast",
        )
    ]
    assert days == [date(2025, 1, 10), date(2025, 2, 1), date(2025, 4, 1)]
    assert term(draft, "aterbetalningsgrunder")["varden"] == [
        "Medel som inte har använts återbetalas senast den 1 april 2025."
    ]


def test_a_decision_that_has_been_taken_is_no_proposal() -> None:
    draft = of_text(
        WITH_DAY.replace(
            "2024-03-01 beslutade nämnden.", "Socialnämnden beslutade om fördelningen."
        )
    )
    decision = parsed(draft)["beslut"][0]
    assert "antagande" not in decision
    assert decision["kalla"]["mening"] == "Socialnämnden beslutade om fördelningen."
    assert decision["id"] == "socialnamnden-2024-03-01"


def test_a_row_of_no_board_is_left_out_and_told(folder: Path) -> None:
    text = WITH_DAY.replace("Totalt\t300", "Förvaltningen centralt\t50\nTotalt\t350")
    draft = of_text(text)
    assert parsed(draft)["beslut"][0]["fordelning"] == {"Järva": 200, "Farsta": 100}
    assert parsed(draft)["beslut"][0]["summa"] == 300
    assert term(draft, "belopp")["kronor"] == 350
    assert "# Inte infört: Förvaltningen centralt: 50" in draft.toml
    assert "namn-okant" in {doubt.code for doubt in draft.doubts}
    assert loaded(folder, [draft]).broken == ()


def test_a_board_that_did_not_exist_is_left_out_and_told(folder: Path) -> None:
    draft = of_text(WITH_DAY.replace("Järva", "Rinkeby-Kista"))
    assert parsed(draft)["beslut"][0]["fordelning"] == {"Farsta": 100}
    assert "namnd-fanns-inte" in {doubt.code for doubt in draft.doubts}
    assert "# Inte infört: Rinkeby-Kista: 200" in draft.toml
    assert loaded(folder, [draft]).broken == ()


def test_rows_above_their_total_still_load(folder: Path) -> None:
    draft = of_text(WITH_DAY.replace("Totalt\t300", "Totalt\t299"))
    assert term(draft, "belopp")["kronor"] == 300
    assert value(draft, "villkor.belopp").state == "proposed"
    assert "summa-skiljer" in {doubt.code for doubt in draft.doubts}
    assert loaded(folder, [draft]).broken == ()


def test_the_grantor_is_told_from_other_agencies() -> None:
    others = (
        ("Polismyndigheten", "Polisen"),
        ("Arbetsmarknadsdepartementet", "Arbetsmarknadsdepartementet"),
    )
    (draft,), _ = drafts([source("003")], BOARDS, [*others, *AGENCIES], REPORTS)
    assert term(draft, "bidragsgivare")["namn"] == "Socialstyrelsen"
    assert value(draft, "villkor.bidragsgivare").state == "found"
    text = f"{WITH_DAY}\nMedel från Polisen och Socialstyrelsen.\n"
    (unsure,), _ = drafts([document(text)], BOARDS, [*others, *AGENCIES], REPORTS)
    assert value(unsure, "villkor.bidragsgivare").state == "proposed"
    assert "uppgifter-olika" in {doubt.code for doubt in unsure.doubts}


def test_two_tables_that_are_told_apart_by_nothing_have_names_of_their_own(folder: Path) -> None:
    again = BARE.replace("Järva\t200", "Bromma\t50").replace("Farsta", "Skarpnäck")
    made, doubts = drafted(document(WITH_DAY + again.replace("300", "150")))
    assert (len(made), doubts) == (2, [])
    book = loaded(folder, made)
    assert (len(book.grants), book.broken) == (2, ())


def test_ids_are_unique() -> None:
    (first,) = of("003")
    (second,), _ = drafts([source("003")], BOARDS, AGENCIES, REPORTS, [first.grant_id])
    assert second.grant_id == f"{first.grant_id}-2"
    assert parsed(second)["id"] == second.grant_id


def test_hostile_words_are_still_a_grant_file() -> None:
    text = (
        'Fördelning av bidrag för "rapport" \\ \x7f 2024\n\nBidraget är 300 kr i syfte att '
        'säga "hej" \\u0041.\n\n'
    ) + WITH_DAY
    made, _ = drafted(document(text, 'namn\n[villkor.x] "#.txt'))
    for draft in made:
        assert parsed_as(draft.toml.encode("utf-8"), GrantFile, "x").utkast is True
        assert term(draft, "andamal")["varde"] == 'Säga "hej" \\u0041'


# -- a krona in any cell ---------------------------------------------------------------------------


def changes(content: str) -> Iterator[tuple[str, str]]:
    """A document with a krona more in one cell, and what the cell says."""
    lines = content.splitlines()
    for at, line in enumerate(lines):
        for match in re.finditer(r"(?<=\t)[0-9][0-9 ]*[0-9](?=\t|$)", line):
            amount = int(match[0].replace(" ", "")) + 1
            written = f"{amount:,}".replace(",", " ")
            changed = f"{line[: match.start()]}{written}{line[match.end() :]}"
            yield "\n".join([*lines[:at], changed, *lines[at + 1 :]]), match[0]


@pytest.mark.parametrize("number", ["000", "003"])
def test_a_krona_in_any_cell_is_told(number: str) -> None:
    before = told(*drafted(source(number)))
    cells = list(changes(content_of(number)))
    assert len(cells) == {"000": 40, "003": 42}[number]
    for content, cell in cells:
        made, doubts = drafted(replace(source(number), lines=tuple(content.splitlines())))
        assert told(made, doubts) - before, cell
        assert len(made) < {"000": 2, "003": 1}[number]


def test_a_krona_in_every_copy_of_a_total_is_told() -> None:
    content = content_of("000").replace("Totalt\t15 221 733", "Totalt\t15 221 734")
    made, doubts = drafted(document(content))
    codes = {doubt.code for doubt in made[1].doubts}
    assert (codes, doubts) == ({"summa-skiljer", "belopp-utan-mening"}, [])


# -- the house takes it, a run doesn't -------------------------------------------------------------


@pytest.mark.parametrize(("numbers", "_"), SEEDS)
def test_a_draft_is_a_grant_file_that_templates_are_made_of(
    numbers: tuple[str, ...], _: list[str], folder: Path
) -> None:
    made = of(*numbers)
    for draft in made:
        parsed_as(draft.toml.encode("utf-8"), GrantFile, draft.grant_id)
    book = loaded(folder, made)
    assert book.broken == ()
    for draft in made:
        grant = book.grant(draft.grant_id)
        assert (grant.is_draft, grant.name) == (True, draft.name)
        board = book.board(next(iter(grant.allocations_on(date(2024, 1, 20))))[0])
        assigned = filling.assigned(grant, board.board_id, date(2024, 1, 20))
        made_of_it = return_template.template(
            book.organisation, grant, board, assigned, grant.spend_to_on, date(2024, 1, 20)
        )
        assert made_of_it.startswith(b"PK")


def test_a_run_refuses_a_draft_that_is_named(folder: Path) -> None:
    (draft,) = of("003")
    shutil.copy(DATA / "grants" / f"{EQUAL}.toml", folder / "grants")
    book = loaded(folder, [draft])
    for is_final in (False, True):
        with pytest.raises(InputError) as refused:
            plans.plan(book, [draft.grant_id], date(2024, 1, 20), is_final=is_final)
        assert str(refused.value) == (
            f"Bidragsfilen grants/{draft.grant_id}.toml är ett utkast. Gå igenom den och ta bort "
            "raden utkast = true, eller gör det i Skrivbordet."
        )


def test_a_run_of_all_passes_over_drafts(folder: Path) -> None:
    (draft,) = of("003")
    shutil.copy(DATA / "grants" / f"{EQUAL}.toml", folder / "grants")
    book = loaded(folder, [draft])
    for is_final in (False, True):
        plan, waiting = plans.plan(book, [], date(2024, 1, 20), is_final=is_final)
        assert list(plan.periods) == [EQUAL]
        assert [f"grants/{draft.grant_id}.toml är ett utkast" in one for one in waiting] == [True]
        only = replace(book, grants=(book.grant(draft.grant_id),))
    assert plans.plan(only, [], date(2024, 1, 20), is_final=False)[0].periods == {}
    with pytest.raises(InputError, match="är ett utkast") as refused:
        plans.plan(only, [], date(2024, 1, 20), is_final=True)
    assert "--final" not in str(refused.value)


def test_a_draft_becomes_a_grant_when_the_line_is_taken_away(folder: Path) -> None:
    (draft,) = of("003")
    settled = replace(draft, toml=draft.toml.replace("utkast = true\n", ""))
    book = loaded(folder, [settled])
    assert not book.grant(draft.grant_id).is_draft
    plan, _ = plans.plan(book, [draft.grant_id], date(2021, 12, 31), is_final=True)
    assert plan.periods == {draft.grant_id: date(2021, 12, 31)}


def test_what_is_proposed_can_be_settled_in_the_file() -> None:
    (draft,) = of("003")
    content = draft.toml.encode("utf-8")
    points = settling(content, f"{draft.grant_id}.toml", date(2024, 1, 20))
    unsettled = {point.place for point in points.points if not point.is_settled}
    assert {"villkor.kostnadsslag", "villkor.ranta", "villkor.belopp"} <= unsettled
    source_of_it = NewSource("tjansteutlatande", "Löner betalas.")
    after = with_term(content, "villkor.kostnadsslag", 0, {"tillatna": ("Löner",)}, source_of_it)
    stated = tomllib.loads(after.decode("utf-8"))
    assert stated["villkor"]["kostnadsslag"]["tillatna"] == ["Löner"]
    assert "antagande" not in stated["villkor"]["kostnadsslag"]
    assert stated["utkast"] is True


def test_utkast_is_true_or_not_there(folder: Path) -> None:
    (draft,) = of("003")
    with pytest.raises(InputError, match="utkast"):
        parsed_as(draft.toml.replace("utkast = true", "utkast = false").encode(), GrantFile, "x")
