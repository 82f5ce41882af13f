"""Decisions in text, Word and PDF say the same; what would cost or deceive a reader is refused in
plain words."""

import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import docx
import pytest

from statsbidrag.base.bounds import BOUNDS
from statsbidrag.base.children import Children
from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder
from statsbidrag.decisions.drafting.document_texts import DocumentText, texts_of
from statsbidrag.decisions.drafting.drafts import Draft, drafts
from statsbidrag.returns.documents_in import read_document
from tests.support.decision_documents import (
    AGENCIES,
    REPORTS,
    SOURCES,
    cited,
    content_of,
    pdf,
    source,
    typst_of,
    word,
)
from tests.support.planted import DATA

BOARDS = data_folder.boards(DATA)
Make = Callable[[str], bytes]
WAYS: dict[str, Make] = {
    "docx": word,
    "pdf": pdf,
    "plain.pdf": lambda content: pdf(content, has_rules=False),
    "txt": lambda content: content.encode("utf-8"),
}
WITH_CELLS = ("docx", "pdf")


def read(folder: Path, content: bytes, name: str = "beslut.docx") -> DocumentText:
    (folder / name).write_bytes(content)
    return read_document(folder / name, name)


def drafted(document: DocumentText) -> list[Draft]:
    made, doubts = drafts([document], BOARDS, AGENCIES, REPORTS)
    assert doubts == []
    return made


def amounts(draft: Draft) -> dict[str, list[Decimal]]:
    found = {}
    for name, stated in tomllib.loads(draft.toml)["beslut"][0]["fordelning"].items():
        parts = stated.values() if isinstance(stated, dict) else [stated]
        found[name] = list(map(Decimal, parts))
    return found


def refused(folder: Path, content: bytes, name: str = "beslut.docx") -> str:
    with pytest.raises(InputError) as error:
        read(folder, content, name)
    return str(error.value)


# -- the same document in any form -----------------------------------------------------------------


@pytest.mark.parametrize("number", ["000", "001", "003"])
@pytest.mark.parametrize("kind", WAYS)
def test_any_form_gives_the_same_drafts(kind: str, number: str, tmp_path: Path) -> None:
    read_back = read(tmp_path, WAYS[kind](content_of(number)), f"beslut.{kind}")
    made, wanted = drafted(read_back), drafted(source(number))
    assert [draft.grant_id for draft in made] == [draft.grant_id for draft in wanted]
    (text,) = texts_of([read_back])
    sentences = {one.text for one in text.sentences}
    for draft, other in zip(made, wanted, strict=True):
        assert amounts(draft) == amounts(other)
        own = {one.key: one for one in draft.values}
        for one in other.values:
            if one.key.startswith("villkor."):
                assert own[one.key].value == one.value, one.key
                assert own[one.key].sentence == one.sentence, one.key
        assert set(cited(tomllib.loads(draft.toml))) <= sentences
        codes = [doubt.code for doubt in draft.doubts if doubt.code != "rubriker-oklara"]
        assert codes == [doubt.code for doubt in other.doubts]


@pytest.mark.parametrize("kind", WITH_CELLS)
def test_tables_are_cells_and_no_lines(kind: str, tmp_path: Path) -> None:
    read_back = read(tmp_path, WAYS[kind](content_of("003")), f"beslut.{kind}")
    first, second = read_back.cell_tables
    above = "Socialnämnden godkänner fördelning av statsbidrag sociala insatser i utsatta områden"
    assert len(first[0]) == 1
    assert f"{above} enligt nedanstående".endswith(first[0][0])
    assert first[2] == ("Rinkeby-Kista", "5 900 000", "1 054 200", "6 954 200")
    assert second[-1] == ("Totalt", "25 400 000", "7 526 000", "32 926 000")
    assert not any("Rinkeby-Kista 5 900 000" in line for line in read_back.lines)


@pytest.mark.parametrize("kind", WITH_CELLS)
def test_a_krona_in_a_cell_is_told(kind: str, tmp_path: Path) -> None:
    for cell, other in [
        ("599 972", "599 973"),
        ("816 165", "816 164"),
        ("Totalt\t15 221 733", "Totalt\t15 221 732"),
    ]:
        content = content_of("000").replace(cell, other, 1)
        read_back = read(tmp_path, WAYS[kind](content), f"beslut.{kind}")
        made, doubts = drafts([read_back], BOARDS, AGENCIES, REPORTS)
        assert len(made) == 1
        assert "tabeller-olika" in {doubt.code for doubt in doubts}
        assert read_back.name in doubts[-1].text


def test_a_child_can_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(content_of("003")))
    with Children(1, memory_bytes=BOUNDS.reader_bytes, seconds=BOUNDS.reader_seconds) as readers:
        in_child = readers.submit(read_document, tmp_path / "a.pdf", "a.pdf").result()
        assert in_child == read_document(tmp_path / "a.pdf", "a.pdf")
        (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 nothing")
        broken = readers.submit(read_document, tmp_path / "b.pdf", "b.pdf")
        with pytest.raises(InputError, match="trasig"):
            broken.result()


# -- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    read_back = read(tmp_path, "Järva – Älvsjö\r\n\r\nfår 5 kr".encode(encoding), "a.txt")
    assert read_back.lines == ("Järva – Älvsjö", "", "får 5 kr")
    assert read_back.cell_tables == ()
    assert len(read_back.sha256) == 64


def test_a_source_is_read_as_it_stands() -> None:
    path = SOURCES["001"]
    assert read_document(path, path.name).lines == source("001").lines


def test_personal_numbers_are_masked(tmp_path: Path) -> None:
    read_back = read(tmp_path, b"Ring 191212121212 om beslutet.", "a.txt")
    assert read_back.lines == ("Ring 1912XXXXXXXX om beslutet.",)
    made = docx.Document()
    made.add_paragraph("Ring 191212121212.")
    table = made.add_table(rows=2, cols=2)
    for row in table.rows:
        row.cells[0].text, row.cells[1].text = "191212121212", "100"
    written = io.BytesIO()
    made.save(written)
    assert "191212121212" not in str(read(tmp_path, written.getvalue()))


# -- Word ------------------------------------------------------------------------------------------


def with_parts(content: bytes, changes: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A Word document with some of its parts changed; new parts are added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name](b""))
    return written.getvalue()


def in_body(xml: str) -> bytes:
    """A Word document with this before its first paragraph."""
    small = word("Slut")
    return with_parts(
        small,
        {"word/document.xml": lambda part: part.replace(b"<w:body>", f"<w:body>{xml}".encode(), 1)},
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_content_controls_and_text_boxes_are_read(tmp_path: Path) -> None:
    control = f"<w:sdt><w:sdtContent>{paragraph('Dnr SOF 2023/1')}</w:sdtContent></w:sdt>"
    inline = (
        "<w:p><w:r><w:t>Den </w:t></w:r><w:sdt><w:sdtContent><w:r><w:t>1 maj</w:t></w:r>"
        "</w:sdtContent></w:sdt></w:p>"
    )
    box = f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('I rutan')}</w:txbxContent></w:pict></w:r></w:p>"
    read_back = read(tmp_path, in_body(control + inline + box))
    assert [line for line in read_back.lines if line] == [
        "Dnr SOF 2023/1",
        "Den 1 maj",
        "I rutan",
        "Slut",
    ]


def test_the_head_of_a_page_is_read(tmp_path: Path) -> None:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "Dnr SOF 2023/1"
    made.add_paragraph("Beslut")
    written = io.BytesIO()
    made.save(written)
    assert [line for line in read(tmp_path, written.getvalue()).lines if line] == [
        "Dnr SOF 2023/1",
        "Beslut",
    ]


def test_a_table_that_only_places_text_is_lines(tmp_path: Path) -> None:
    made = docx.Document()
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Handläggare", "Socialnämnden"
    written = io.BytesIO()
    made.save(written)
    read_back = read(tmp_path, written.getvalue())
    assert [line for line in read_back.lines if line] == ["Handläggare", "Socialnämnden"]
    assert read_back.cell_tables == ()


@pytest.mark.parametrize("tag", ["ins", "del"])
def test_tracked_changes_are_refused(tag: str, tmp_path: Path) -> None:
    changed = f"<w:p><w:{tag} w:id='1' w:author='a'><w:r><w:t>5 kr</w:t></w:r></w:{tag}></w:p>"
    assert "spårade ändringar" in refused(tmp_path, in_body(changed))


def _without_document() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a.txt", "a")
    return written.getvalue()


ENTITY = b'<!DOCTYPE x [<!ENTITY a "b">]>'
HOSTILE: dict[str, Callable[[], bytes]] = {
    "an entity": lambda: with_parts(
        word("Slut"),
        {
            "word/document.xml": lambda part: part.replace(
                b"<w:document", ENTITY + b"<w:document", 1
            )
        },
    ),
    "a bomb": lambda: with_parts(word("Slut"), {"word/x.xml": lambda _: b" " * 50_000_000}),
    "a bomb in pieces": lambda: with_parts(
        word("Slut"), {f"word/{n}.bin": lambda _: b"a" * 999_000 for n in range(70)}
    ),
    "a name that leads out": lambda: with_parts(word("Slut"), {"../x.xml": lambda _: b"<a/>"}),
    "broken XML": lambda: with_parts(word("Slut"), {"word/document.xml": lambda part: part[:-20]}),
    "half a zip": lambda: word("Slut")[:-200],
    "another zip": lambda: with_parts(word("Slut"), {})[:4] + b"nothing",
    "no document in it": _without_document,
    "a program": lambda: b"MZ" + b"\0" * 100,
    "nothing": lambda: b"",
    "a picture": lambda: b"\x89PNG\r\n" + b"\0" * 100,
    "an old Word document": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")
    ),
    "what is no text": lambda: b"Beslut\0\1\2" * 100,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_would_cost_or_deceive_is_refused(make: Callable[[], bytes], tmp_path: Path) -> None:
    said = refused(tmp_path, make())
    assert said.startswith("beslut.docx: ")
    assert re.search(r"[a-zåäö]\.$", said)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A template that lies elsewhere is what a document is most often made to fetch."""
    link = (
        b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/attachedTemplate" Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/>'
        b"</Relationships>"
    )
    content = with_parts(
        word("Beslut"),
        {
            "word/_rels/document.xml.rels": lambda part: part.replace(b"</Relationships>", link),
            "word/vbaProject.bin": lambda _: b"macro",
        },
    )
    assert [line for line in read(tmp_path, content).lines if line] == ["Beslut"]


def test_a_link_or_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Beslut")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    for path in (tmp_path / "b.txt", tmp_path):
        with pytest.raises(InputError, match="ingen vanlig fil"):
            read_document(path, "b.txt")
    with pytest.raises(InputError, match="komma åt"):
        read_document(tmp_path / "c.txt", "c.txt")


def test_too_much_is_refused(tmp_path: Path) -> None:
    assert "större än något beslut" in refused(tmp_path, b"a\n" * (BOUNDS.rows + 1), "a.txt")
    assert "större än något beslut" in refused(tmp_path, b"a" * 40_000, "a.txt")
    assert "för stor" in refused(tmp_path, b"a" * (BOUNDS.file_bytes + 1), "a.txt")


# -- PDF -------------------------------------------------------------------------------------------


def test_without_pdfplumber_a_pdf_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    assert refused(tmp_path, pdf("Beslut"), "a.pdf") == (
        "Installera tillägget pdf för att läsa PDF-filer."
    )


def test_a_pdf_without_text_is_refused(tmp_path: Path) -> None:
    assert "ingen text" in refused(tmp_path, typst_of("#rect(width: 2cm)"), "a.pdf")


@pytest.mark.parametrize("lines_above", [9, 13, 14, 16, 19, 22])
def test_a_table_that_a_page_tears_is_put_together(lines_above: int, tmp_path: Path) -> None:
    """Anywhere in it: after its heading, before its total and between."""
    above = "\n\n".join(["En rad i inledningen."] * lines_above)
    read_back = read(tmp_path, pdf(f"{above}\n\n{content_of('000')}"), "a.pdf")
    made, wanted = drafted(read_back), drafted(source("000"))
    assert list(map(amounts, made)) == list(map(amounts, wanted))
    assert [draft.grant_id for draft in made] == [draft.grant_id for draft in wanted]
