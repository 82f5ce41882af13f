"""What a person puts in the city's own files: the rows stand where they belong, and nothing else is
another than it was."""

import difflib
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example as with_example
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import amendments, data_folder, toml_files
from statsbidrag.decisions.amendments import NewDecision, NewDocument, NewSource
from statsbidrag.decisions.settling import FieldKind, settling, values
from statsbidrag.model.decisions import WHOLE_GRANT, Waiver
from tests import example
from tests.support.commands import ROOT

D = Decimal
DATA = ROOT / "data"
FILES = sorted((DATA / "grants").glob("*.toml"))
FILE = f"grants/{example.EQUAL}.toml"
CONTENT = (DATA / FILE).read_bytes()
TODAY = date(2024, 1, 20)
WAIVER = Waiver(
    rule_id="personnummer",
    board_id="farsta",
    reason='Ett "ärendenummer" i \\ systemet.',
    decided_by="Enhetschefen",
    decided_on=date(2024, 1, 10),
    until_on=date(2024, 3, 1),
    file="farsta.xlsx",
    cell="Kostnader!I6",
)
DECISION = NewDecision(
    "socialnamnden-2023-11-14",
    date(2023, 11, 14),
    "Socialnämnden",
    NewSource(assumption="Protokollet är inte justerat."),
    {"Farsta": {WHOLE_GRANT: D("600000.50")}, "Järva": {WHOLE_GRANT: D(2000000)}},
)


def came(before: bytes, after: bytes) -> list[str]:
    """The lines that are new. Fails when a line went."""
    lines = [*difflib.ndiff(before.decode().split("\n"), after.decode().split("\n"))]
    assert [line for line in lines if line.startswith("- ")] == []
    return [line[2:] for line in lines if line.startswith("+ ") and line[2:]]


def said(content: bytes) -> dict[str, Any]:
    """What a file says."""
    return tomllib.loads(content.decode(), parse_float=Decimal)


def loaded(content: bytes, file: str = FILE) -> Any:
    """The grant of a file as the program reads it, with all else of the data folder as it lies."""
    grant_id = Path(file).stem
    return data_folder.load(DATA, [grant_id], TODAY, {file: content}).grant(grant_id)


def test_a_waiver_becomes_a_row_with_decision_day_and_who() -> None:
    after = amendments.with_waiver(CONTENT, WAIVER, "Farsta", "Infört av Maria Ek.")
    assert after.startswith(CONTENT)
    assert came(CONTENT, after) == [
        "# Infört av Maria Ek.",
        "[[undantag]]",
        'regel = "personnummer"',
        'namnd = "Farsta"',
        'skal = "Ett \\"ärendenummer\\" i \\\\ systemet."',
        'beslutat_av = "Enhetschefen"',
        "beslutat_den = 2024-01-10",
        "till = 2024-03-01",
        'fil = "farsta.xlsx"',
        'cell = "Kostnader!I6"',
    ]
    assert loaded(after).waivers == (WAIVER,)


def test_a_later_decision_stands_after_the_earlier_ones_and_before_what_follows_them() -> None:
    with_waiver = amendments.with_waiver(CONTENT, WAIVER, "Farsta", "n")
    after = amendments.with_decision(with_waiver, DECISION, "Ett beslut.")
    assert came(with_waiver, after) == [
        "# Ett beslut.",
        "[[beslut]]",
        'id = "socialnamnden-2023-11-14"',
        "datum = 2023-11-14",
        'beslutat_av = "Socialnämnden"',
        'antagande = "Protokollet är inte justerat."',
        "summa = 2600000.50",
        "[beslut.fordelning]",
        '"Farsta" = 600000.50',
        '"Järva" = 2000000',
    ]
    text = after.decode()
    assert text.index("socialnamnden-2023-08-29") < text.index("socialnamnden-2023-11-14")
    # The comment above the waiver still stands above the waiver.
    assert "# n\n[[undantag]]" in text
    grant = loaded(after)
    assert grant.allocations_on(TODAY)["farsta", WHOLE_GRANT] == D("600000.50")
    assert grant.allocations_on(date(2023, 11, 13))["farsta", WHOLE_GRANT] == D(636208)


def test_amounts_of_parts_stand_beside_one_another() -> None:
    decision = NewDecision(
        "n-2021-11-01",
        date(2021, 11, 1),
        "N",
        NewSource(assumption="x"),
        {"Skärholmen": {"skolsociala-team": D("1.10"), "fordelningsmodell": D(2)}},
    )
    content = (DATA / f"grants/{example.AREAS_2021}.toml").read_bytes()
    after = amendments.with_decision(content, decision, "n")
    assert said(after)["beslut"][-1]["fordelning"] == {
        "Skärholmen": {"skolsociala-team": D("1.10"), "fordelningsmodell": 2}
    }


def test_an_id_is_after_who_decided_and_when_and_nobody_elses() -> None:
    day = date(2023, 11, 14)
    assert amendments.decision_id("Socialnämnden", day, []) == "socialnamnden-2023-11-14"
    taken = ["socialnamnden-2023-11-14", "socialnamnden-2023-11-14-2"]
    assert amendments.decision_id("Socialnämnden", day, taken) == "socialnamnden-2023-11-14-3"
    assert amendments.decision_id("!", day, []) == "beslut-2023-11-14"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_thing_of_a_file_can_be_settled_and_then_stands_in_a_document(path: Path) -> None:
    """Whatever the shipped files assume or don't know: once it is settled it is no longer asked
    for, all else is as it was, and the program reads the file."""
    file = f"grants/{path.name}"
    content = path.read_bytes()
    known = {
        FieldKind.TEXT: "Något",
        FieldKind.LINES: "Ett\nTvå\nTre",
        FieldKind.DAY: "2031-05-01",
        FieldKind.NUMBER: "7",
        FieldKind.CHOICE: "",
    }
    document = NewDocument("bilagan", "Bilagan", date(2023, 1, 1), "X 1")
    source = NewSource("bilagan", "Så står det.")
    for point in settling(content, file, TODAY).points:
        if point.is_settled:
            continue
        written = {field.key: field.value or known[field.kind] for field in point.fields}
        if point.key == "ranta":
            written = {"enligt": "rantelagen", "sats_procent": "", "dagar_per_ar": "365"}
            written["varde"] = ""
        if point.place == "frister.namndsammantrade":
            written["datum"] = "2021-12-01"
        if point.place == "villkor.redovisning_till_staden":
            written["datum"] = "2021-11-01"
        named = amendments.with_document(content, document)
        if point.section == "beslut":
            after = amendments.with_decision_source(named, point.key, source)
        else:
            settled = values(point, written)
            after = amendments.with_term(named, point.place, point.wording, settled, source)
        (now,) = [one for one in settling(after, file, TODAY).points if one.place == point.place]
        assert now.is_settled
        assert now.source.sentence == "Bilagan, dnr X 1: ”Så står det.”"
        others = {one.place: one for one in settling(content, file, TODAY).points}
        for one in settling(after, file, TODAY).points:
            if one.place != point.place:
                assert one == others[one.place]
        loaded(after, file)


def test_a_deadline_that_the_file_does_not_name_can_be_put_there() -> None:
    without = CONTENT.replace(b"[frister.namndsammantrade]", b"[frister.namn]")
    without = "\n".join(
        line for line in without.decode().split("\n") if "frister.namn" not in line
    ).encode()
    without = without.replace(
        'okand = "Tjänsteutlåtandet säger inte om återrapporten ska tas upp i nämnden"\n'.encode(),
        b"",
    )
    (point,) = [
        one
        for one in settling(without, FILE, TODAY).points
        if one.place == "frister.namndsammantrade"
    ]
    settled = values(point, {"datum": "2024-01-30"})
    after = amendments.with_term(
        without, point.place, 0, settled, NewSource(assumption="Enligt plan")
    )
    assert loaded(after).due["committee"].on == date(2024, 1, 30)


def test_of_several_wordings_the_one_in_force_is_settled_and_keeps_its_days() -> None:
    old = '[villkor.stadens_dnr]\nvarde = "SOF 2023/329"\n'
    start = CONTENT.decode().index("[villkor.stadens_dnr]")
    end = CONTENT.decode().index("[villkor.belopp]")
    wordings = (
        '[[villkor.stadens_dnr]]\nvarde = "A"\nantagande = "x"\ngaller_till = 2023-12-31\n\n'
        '[[villkor.stadens_dnr]]\nvarde = "B"\nantagande = "y"\ngaller_fran = 2024-01-01\n\n'
    )
    text = CONTENT.decode()
    content = (text[:start] + wordings + text[end:]).encode()
    assert old in text
    (point,) = [p for p in settling(content, FILE, TODAY).points if p.key == "stadens_dnr"]
    assert (point.words, point.wording) == ("B", 1)
    source = NewSource("tjansteutlatande", "Dnr C")
    after = amendments.with_term(content, point.place, point.wording, {"varde": "C"}, source)
    first, second = said(after)["villkor"]["stadens_dnr"]
    assert first == {"varde": "A", "antagande": "x", "galler_till": date(2023, 12, 31)}
    assert second["galler_fran"] == date(2024, 1, 1)
    assert loaded(after).city_ref == "C"


@settings(deadline=None, max_examples=40)
@given(words=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
@with_example(words="#")
@with_example(words='# "')
@with_example(words="\"\"\"'''")
def test_the_citys_own_words_are_read_as_they_were_written(words: str) -> None:
    written = "\n".join([words, "", f"{words} slut"]).strip()
    after = amendments.with_own_words(CONTENT, "Universellt stöd", written)
    assert said(after)["redogorelse"]["Universellt stöd"].removesuffix("\n") == written
    assert amendments.with_own_words(after, "Universellt stöd", "").rstrip() == CONTENT.rstrip()


def test_a_comment_above_the_next_table_stays_above_it() -> None:
    """The heading of the city's own deadlines stands right under the interest."""
    source = NewSource(assumption="Enligt beslutet")
    settled = {"sats_procent": D(8), "dagar_per_ar": 365, "fran": "forfallodagen"}
    after = amendments.with_term(CONTENT, "villkor.ranta", 0, settled, source).decode()
    heading = after.index("# Stadens egna frister.")
    assert after.index("sats_procent = 8\n") < heading
    assert heading < after.index("[frister.kvartalsredovisning]")
    assert "\n\n# Stadens" in after


@pytest.mark.parametrize("lost", ["# om dnr\n", '# "om" \'dnr\n', "#\n"])
def test_a_comment_is_never_lost(lost: str) -> None:
    """Beside texts that look like comments."""
    quotes = 'a = """#\n# \\""""\nb = \'\'\'\n#\'\'\'\nc = "#"\nd = \'#\'\n'
    before = f"{quotes}{lost}[t]\ne = 1\n".encode()
    after = before.replace(lost.encode() + b"[t]", b"[t]")
    assert toml_files._proven(before, before, "t") == before
    with pytest.raises(InputError, match="Be den som sköter Skrivbordet"):
        toml_files._proven(before, after, "t")


@pytest.mark.parametrize("line", ['kontaktperson = "Eva" # bara Eva', 'kontaktperson = "Eva"#x'])
def test_a_comment_beside_what_changes_is_a_persons_to_keep(line: str) -> None:
    content = CONTENT.replace(b'rapport = "mfof"\n', f'rapport = "mfof"\n{line}\n'.encode())
    with pytest.raises(InputError, match="Be den som sköter Skrivbordet"):
        toml_files.with_text(content, "kontaktperson", "Ny")


def test_what_is_assumed_still_leans_on_its_sentence() -> None:
    point = next(p for p in settling(CONTENT, FILE, TODAY).points if p.key == "omraden")
    after = amendments.with_term(CONTENT, point.place, 0, {}, NewSource(assumption="Ny grund"))
    now = said(after)["villkor"]["omraden"]
    assert now["antagande"] == "Ny grund"
    assert now["kalla"] == said(CONTENT)["villkor"]["omraden"]["kalla"]


def test_a_rate_of_nothing_is_a_rate() -> None:
    ranta = CONTENT.replace(
        'okand = "Tjänsteutlåtandet anger ingen ränta"'.encode(),
        b'sats_procent = 0\ndagar_per_ar = 365\nfran = "forfallodagen"\nantagande = "x"',
    )
    point = next(p for p in settling(ranta, FILE, TODAY).points if p.key == "ranta")
    written = {field.key: field.value for field in point.fields}
    assert values(point, written)["sats_procent"] == 0
    for wrong in ({"varde": "Ja"}, {"dagar_per_ar": ""}, {"enligt": "rantelagen"}):
        with pytest.raises(InputError, match="välj räntelagen eller skriv satsen"):
            values(point, written | wrong)


def test_an_address_comes_and_goes_with_every_comment_kept() -> None:
    register = (DATA / "boards.toml").read_bytes()
    after = amendments.with_address(register, "farsta", "farsta@stad.se")
    assert came(register, after) == ['epost = "farsta@stad.se"']
    decided = data_folder.load(DATA, [], TODAY, {"boards.toml": after})
    assert decided.board("farsta").email == "farsta@stad.se"
    assert amendments.with_address(after, "farsta", "") == register


def test_an_address_that_nothing_can_be_sent_to_is_refused() -> None:
    register = (DATA / "boards.toml").read_bytes()
    after = amendments.with_address(register, "farsta", "farsta på stan")
    with pytest.raises(InputError, match=r"namnd\.farsta\.epost: är ingen e-postadress"):
        data_folder.load(DATA, [], TODAY, {"boards.toml": after})


def test_a_text_outside_the_tables_comes_changes_and_goes() -> None:
    after = amendments.with_contact(CONTENT, 'Maria "Ek"')
    assert came(CONTENT, after) == ['kontaktperson = "Maria \\"Ek\\""']
    assert loaded(after).contact == 'Maria "Ek"'
    changed = amendments.with_contact(after, "B")
    assert loaded(changed).contact == "B"
    assert amendments.with_contact(changed, "") == CONTENT


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_lines_end_as_the_others_do(newline: str, end: str) -> None:
    lines = CONTENT.decode().rstrip("\n").split("\n")
    content = (newline.join(lines) + end.replace("\n", newline)).encode()
    for after in (
        amendments.with_waiver(content, WAIVER, "Farsta", "n"),
        amendments.with_own_words(content, "Universellt stöd", "Ett\nTvå"),
        amendments.with_contact(content, "B"),
        amendments.with_term(
            content, "villkor.ranta", 0, {"varde": "x"}, NewSource(assumption="y")
        ),
    ):
        assert after.count(b"\r\n") == (after.count(b"\n") if newline == "\r\n" else 0)
        assert after != content
        loaded(after)


@pytest.mark.parametrize(
    "content",
    [
        b"undantag = []\nid = 1\n",
        b"[[undantag]\n",
        b'undantag = "x"\n',
        b"\xff",
        b"[undantag]\na=1\n",
    ],
)
def test_what_can_not_be_put_in_without_harm_is_left_to_a_person(content: bytes) -> None:
    with pytest.raises(InputError, match="Be den som sköter Skrivbordet"):
        amendments.with_waiver(content, WAIVER, "Farsta", "n")


def test_nothing_of_a_text_becomes_a_key_of_the_file() -> None:
    """A text with quotes, line breaks and TOML of its own stays a text."""
    evil = 'x"\n[[beslut]]\nid = "y"\n'
    waiver = Waiver("personnummer", "farsta", evil, evil, date(2024, 1, 1), date(2024, 2, 1))
    after = said(amendments.with_waiver(CONTENT, waiver, "Farsta", "n"))
    assert after["undantag"][0]["skal"] == evil
    assert len(after["beslut"]) == 1
