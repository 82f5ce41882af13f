"""Personal numbers where no cell shows them, or written as only the bytes tell: found, and masked
in place.

The numbers are Skatteverket's test numbers (see `test_personal.py`). Never put another valid number
here.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.base import swedish
from statsbidrag.model.returns import (
    FOR_A_VOUCHER,
    HIDDEN_TEXT,
    IN_CELL,
    LIKE_A_VOUCHER,
    NUMBER_RULE,
    Return,
)
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import (
    answer,
    intake,
    masking,
    number_doubts,
)
from tests.support import planted
from tests.support.contents import as_text, held_in
from tests.support.filling import csv_return
from tests.support.places import (
    COST_SHEET,
    NUMBER,
    PLACES,
    A,
    Change,
    both,
    cell,
    part,
    parts_of,
    text_cell,
    with_parts,
)
from tests.support.planted import COSTS, CSV_HEADER, filled, good
from tests.support.way import PLANS, Way

YOUNG = "200002292399"
"""Born on a leap day of 2000: as a number of ten digits it has lost two noughts."""
steady = settings(derandomize=True, database=None, deadline=None)


def ten_digits(code: str, stored: str) -> Change:
    """A number in a cell whose format shows ten digits."""

    def change(parts: dict[str, bytes]) -> None:
        styles = parts["xl/styles.xml"].decode()
        styles = styles.replace(
            "</numFmts>", f'<numFmt numFmtId="199" formatCode="{code}"/></numFmts>'
        )
        listed = re.search(r"<cellXfs[^>]*>(.*?)</cellXfs>", styles, re.DOTALL)
        assert listed is not None
        count = len(re.findall(r"<xf\b", listed[1]))
        parts["xl/styles.xml"] = styles.replace(
            "</cellXfs>", '<xf numFmtId="199"/></cellXfs>'
        ).encode()
        cell("N9", f'<c r="N9" s="{count}"><v>{stored}</v></c>')(parts)

    return change


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.long] if at % 3 else [])
        for at, name in enumerate(PLACES)
    ],
)
def test_a_number_that_no_cell_shows_is_found_and_masked(name: str, tmp_path: Path) -> None:
    change, where = PLACES[name]
    content = with_parts(change)
    returned = read(content, tmp_path)
    assert [(place.where, place.rule_id) for place in returned.personal_numbers] == [
        (where, NUMBER_RULE)
    ]
    assert not held_in(repr(returned), NUMBER)
    masked = masking.masked(content)
    assert masked.has_masked
    for one in (masked.packed(), answer.annotate(content, ())):
        parts = parts_of(one)
        assert not any(holds(text) for text in [*parts, *parts.values()])
    for part_name, xml in masked.parts.items():
        if part_name.endswith((".xml", ".rels")):
            ElementTree.fromstring(xml)


@pytest.mark.parametrize(
    "code",
    ["0000000000", "000000-0000", r"000000\-0000", "######-####", "000000&quot;-&quot;0000;@"],
)
def test_a_number_that_has_lost_its_noughts_is_found_under_a_format_of_ten_digits(
    code: str, tmp_path: Path
) -> None:
    content = with_parts(ten_digits(code, str(int(YOUNG[2:]))))
    (place,) = read(content, tmp_path).personal_numbers
    assert (place.sheet, place.ref, place.where) == ("Kostnader", "N9", IN_CELL)
    assert b"2292399" not in masking.masked(content).parts[COST_SHEET]


@pytest.mark.parametrize("code", ["0", "#,##0", "0.00", "00000000"])
def test_a_number_of_fewer_digits_is_an_amount(code: str, tmp_path: Path) -> None:
    assert not read(with_parts(ten_digits(code, str(int(YOUNG[2:])))), tmp_path).personal_numbers


NOT_NUMBERS: Mapping[str, Change] = {
    "the identity of a thing": part(
        "xl/charts/chart9.xml", '<a><axId val="1212121212"/><crossAx val="1212121212"/></a>'
    ),
    "an identity with letters in it": part(
        "customXml/item1.xml", '<a uid="{19121212-1212-4000-A000-191212121212}"/>'
    ),
    "a measure": part("xl/drawings/drawing9.xml", '<a><ext cx="1212121212" cy="1212121212"/></a>'),
    "a fraction": cell("N9", '<c r="N9"><v>0.1212121212</v></c>'),
    "an amount with öre": cell("N9", '<c r="N9"><v>1212121212.5</v></c>'),
    "cells beside each other": both(
        cell("M9", '<c r="M9"><v>191212</v></c>'), cell("N9", '<c r="N9"><v>121212</v></c>')
    ),
    "paragraphs beside each other": part(
        "xl/drawings/drawing9.xml",
        f"<x {A}><a:p><a:t>191212</a:t></a:p><a:p><a:t>121212</a:t></a:p></x>",
    ),
    "an escaped escape": text_cell("<t>19121212_x005F_x002D_1212</t>"),
    "emoji": text_cell("<t>1 🙂 2, 2023–2024 🙂</t>"),
}


@pytest.mark.parametrize("name", NOT_NUMBERS)
def test_what_is_no_number_is_left_alone(name: str, tmp_path: Path) -> None:
    content = with_parts(NOT_NUMBERS[name])
    assert not read(content, tmp_path).personal_numbers
    assert not masking.look(parts_of(content)).places


def test_what_the_zip_itself_says_is_seen(tmp_path: Path) -> None:
    whole = io.BytesIO(good())
    with zipfile.ZipFile(whole, "a") as archive:
        archive.comment = b"om 19121212-1212"
    returned = read(whole.getvalue(), tmp_path)
    assert [place.where for place in returned.personal_numbers] == ["i zip-filens kommentarer"]
    assert b"19121212-1212" not in answer.annotate(whole.getvalue(), ())


def read(content: bytes, folder: Path, name: str = "farsta.xlsx") -> Return:
    (folder / name).write_bytes(content)
    return intake.read(folder / name, name)


def holds(text: str | bytes) -> bool:
    """Whether the number is in a part or its name: as text, as UTF-16, or in a zip in it."""
    if isinstance(text, str):
        return held_in(text, NUMBER)
    if text.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(text)):
        return any(holds(part) for part in parts_of(text).values())
    texts = (as_text(text), text.decode("latin-1"), text.replace(b"\0", b"").decode("latin-1"))
    return any(held_in(one, NUMBER) for one in texts)


# -- what is bare ----------------------------------------------------------------------------------

BARE = {
    "a day of the year after": ("2402292383", LIKE_A_VOUCHER, "2402292383"),
    "no day of the year": ("1212121212", FOR_A_VOUCHER, HIDDEN_TEXT),
    "a hyphen": ("240229-2383", NUMBER_RULE, HIDDEN_TEXT),
    "a century": ("202402292383", NUMBER_RULE, HIDDEN_TEXT),
}


@pytest.mark.parametrize("column", ["Verifikation", "Konto", "Projekt"])
@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("is_csv", [False, True])
def test_ten_bare_digits_of_the_bookkeeping_are_a_warning(
    name: str, column: str, is_csv: bool, tmp_path: Path
) -> None:
    written, rule, told = BARE[name]
    costs = [{**COSTS[0], column: written}, *COSTS[1:]]
    if is_csv:
        returned = read(csv_return(header=CSV_HEADER, costs=costs), tmp_path, "farsta.csv")
    else:
        returned = read(filled(costs=costs), tmp_path)
    assert [place.rule_id for place in returned.personal_numbers] == [rule]
    english = {"Verifikation": "voucher", "Konto": "account", "Projekt": "project"}[column]
    assert returned.costs[0].cells[english].value == told


def test_ten_bare_digits_elsewhere_are_a_number(tmp_path: Path) -> None:
    costs = [{**COSTS[0], "Kommentar": "2402292383", "Verifikation": "2402292383"}, *COSTS[1:]]
    found = read(filled(costs=costs), tmp_path).personal_numbers
    assert sorted((place.ref, place.rule_id) for place in found) == [
        ("F6", LIKE_A_VOUCHER),
        ("I6", NUMBER_RULE),
    ]


MOBILES = [f"07017406{number:02}" for number in range(5, 100)]
"""Telephone numbers that Post- och telestyrelsen keeps for books and films: nobody has them."""


@pytest.mark.parametrize("name", ["kontaktperson", "epost"])
def test_a_mobile_number_of_the_contact_is_no_personal_number(name: str, tmp_path: Path) -> None:
    mobile = next(number for number in MOBILES if swedish.personal_numbers(number))
    assert not read(
        filled(header={**planted.HEADER, name: f"Anna Ek {mobile}"}), tmp_path
    ).personal_numbers
    (place,) = read(
        filled(header={**planted.HEADER, "intygas_av": mobile}), tmp_path
    ).personal_numbers
    assert place.rule_id == NUMBER_RULE


# -- properties ------------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("ab <&>\"'_x02D;1209å-\u200b５"), max_size=12)


@steady
@given(TEXTS, TEXTS)
def test_masking_changes_digits_of_numbers_alone_and_leaves_xml_well_formed(
    before: str, after: str
) -> None:
    """Whatever stands beside the number, as text, as an attribute and as a note."""
    root = ElementTree.Element("a", {"b": f"{before} 19121212-1212 {after}"})
    root.text, root.tail = f"{before} 19121212-1212 {after}", None
    content = ElementTree.tostring(root, "utf-8")
    look = masking.look({"customXml/item1.xml": content, "xl/workbook.xml": b"<workbook/>"})
    masked = look.parts["customXml/item1.xml"]
    ElementTree.fromstring(masked)
    assert len(masked.decode()) <= len(content.decode())
    assert masked.count(b"1912XXXX-XXXX") == 2
    assert masking.look(look.parts).parts == look.parts
    assert not masking.look(look.parts).places


@steady
@given(st.text(max_size=60).filter(lambda text: not swedish.personal_numbers(text)))
def test_a_part_without_numbers_stays_byte_for_byte(text: str) -> None:
    root = ElementTree.Element("a", {"b": re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd]", "", text)})
    for encoding in ("utf-8", "utf-16", "us-ascii"):
        content = ElementTree.tostring(root, encoding)
        look = masking.look({"customXml/item1.xml": content})
        if not look.places:
            assert look.parts == {"customXml/item1.xml": content}


@pytest.mark.parametrize("name", [*PLACES, *NOT_NUMBERS])
def test_what_is_found_was_doubted_first(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick look says no only when the slow one, made to look at everything, finds nothing."""
    change = PLACES[name][0] if name in PLACES else NOT_NUMBERS[name]
    parts = parts_of(with_parts(change))
    doubts = number_doubts.Doubts()
    for part_name, content in parts.items():
        doubts.part(part_name, content)
    monkeypatch.setattr(masking, "is_doubtful", lambda _: True)
    assert doubts.are_there or not masking.look(parts).places


def test_an_ordinary_return_is_not_doubted() -> None:
    doubts = number_doubts.Doubts()
    for part_name, content in parts_of(good()).items():
        doubts.part(part_name, content)
    assert not doubts.are_there


# -- CSV -------------------------------------------------------------------------------------------

CSV: Mapping[str, tuple[Callable[[str], str], str]] = {
    "a header": (lambda text: text.replace("konto", "konto 19121212-1212", 1), "H1"),
    "a header more": (
        lambda text: text.replace("\r\n", ";19121212-1212\r\n", 1).replace("\r\n", ";\r\n"),
        "N1",
    ),
    "a field in quotes": (lambda text: text.replace(";V2;", ';"V2; 19121212-1212";'), "J3"),
    "a field of two lines": (lambda text: text.replace(";V2;", ';"V2\r\n19121212\r\n1212";'), "J3"),
    "a code list": (lambda text: text.replace("Universellt stöd", "Anna 19121212-1212", 1), "F2"),
}


@pytest.mark.parametrize("name", CSV)
def test_a_number_in_a_csv_file_is_told_by_its_field(name: str, tmp_path: Path) -> None:
    change, ref = CSV[name]
    returned = read(planted.as_csv(change)(), tmp_path, "farsta.csv")
    assert [(place.ref, place.rule_id) for place in returned.personal_numbers] == [
        (ref, NUMBER_RULE)
    ]
    assert not held_in(repr(returned), NUMBER)


def test_letters_that_are_broken_beside_a_number_are_not_quoted(tmp_path: Path) -> None:
    """Two fields side by side are no number, and the field that holds one is not told."""
    broken = planted.as_csv(lambda text: text.replace(";V2;", ";Bj\u00c3\u00b6rn_191212-1212;"))()
    (problem,) = read(broken.replace(b"191212", b"121212"), tmp_path, "farsta.csv").problems
    assert (problem.rule_id, problem.value) == ("csv-teckenkod", HIDDEN_TEXT)


def test_fields_and_lines_of_a_csv_file_are_never_read_as_one(tmp_path: Path) -> None:
    content = planted.as_csv(
        lambda text: text.replace(";5011;P100;", ";191212;121212;").replace(";V1;", ";19121212;")
    )()
    assert not read(content, tmp_path, "farsta.csv").personal_numbers


# -- what is told ----------------------------------------------------------------------------------


def test_nothing_of_the_text_beside_a_number_is_told(way: Way, decisions: Rulebook) -> None:
    """Neither by the finding about the number nor by one about anything else that is wrong with the
    cell."""
    costs = [
        {**COSTS[0], "Område": "Anna Ek 19121212-1212", "Belopp": "Anna Ek 121212-1212"},
        *COSTS[1:],
    ]
    content = filled(header=planted.HEADER, costs=costs)
    (returned,) = way.take_in({"farsta.xlsx": content}, decisions)
    found = way.judge([returned], decisions, PLANS[False])
    assert {(f.rule, f.cells, f.value) for f in found if f.cells} >= {
        ("personnummer", ("B6", "H6"), None),
        ("omrade-okant", ("B6",), HIDDEN_TEXT),
        ("belopp-olasligt", ("H6",), HIDDEN_TEXT),
    }
    assert not any(word in repr(found) for word in ("Anna", "Ek ", "1912", "XXXX"))
