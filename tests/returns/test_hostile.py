"""What becomes of every hostile and odd file, beside the good returns of the other boards."""

import json
import os
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from pypdf import PdfReader

from statsbidrag.base import swedish
from statsbidrag.base.children import Children
from statsbidrag.model.findings import Finding, Severity
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from statsbidrag.returns import (
    answer,
    intake,
    placing,
    second_reader,
    validation,
    waivers,
)
from tests.support import filling, hostile, planted, report_fixture
from tests.support.hostile import Cost, Odd
from tests.support.planted import BOARD, COSTS, EQUAL, TOTAL
from tests.support.rows import others_than, rows_in
from tests.support.way import PLANS, Way

UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What steers a terminal, or hides in a text."""
READER_BYTES, READER_SECONDS = 500_000_000, 5
PLAN = PLANS[False]


class Answer(Future[Return]):
    """The return that comes with a cost."""

    def __init__(self, asked: "Future[Cost]") -> None:
        super().__init__()
        self.asked = asked

    def result(self, timeout: float | None = None) -> Return:
        """As the children gave it, or what they raised."""
        return self.asked.result(timeout).returned


class Measured(Children):
    """Children that also tell what a file cost to read, by both readers."""

    def __init__(self) -> None:
        super().__init__(2, memory_bytes=1_000_000_000, seconds=60)
        self.costs: dict[str, Future[Cost]] = {}

    def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        """The return of a file is read as in a run, and its cost kept aside."""
        if function is not intake.read:
            return super().submit(function, *args)
        asked = super().submit(hostile.measured, *args)
        self.costs[str(args[1])] = asked
        return Answer(asked)


@dataclass(frozen=True)
class Inbox:
    """The corpus as it was read: each file's return by the name it was given, its cost, and what is
    found in it."""

    files: Mapping[str, Odd]
    returns: Mapping[str, Return]
    costs: Mapping[str, Cost]
    findings: Sequence[Finding]

    def told(self, name: str) -> list[Finding]:
        """What is said of a file."""
        return [finding for finding in self.findings if finding.file == self.returns[name].file]


@pytest.fixture(scope="module")
def inbox(decisions: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """The whole corpus in one folder, read by children as a run does, and validated together."""
    folder = tmp_path_factory.mktemp("corpus")
    files = {odd.name: odd for odd in hostile.write(folder)}
    with Measured() as readers:
        read = intake.Intake.of_folder(folder, readers).returns()
        costs = {name: asked.result() for name, asked in readers.costs.items()}
    names = [path.relative_to(folder).as_posix() for path, _ in read]
    returns = [placing.identify(returned, decisions) for _, returned in read]
    recounts = {
        r.file: costs[name].total
        for name, r in zip(names, returns, strict=True)
        if costs[name].total
    }
    told = waivers.waive(validation.validate(returns, decisions, PLAN), returns, decisions, PLAN)
    told += second_reader.doubts(returns, told, recounts, decisions, PLAN)
    return Inbox(files, dict(zip(names, returns, strict=True)), costs, told)


NAMES = [odd.name for odd in hostile.corpus()]
IDS = [ascii(name[:60])[1:-1] for name in NAMES]


def test_the_corpus_is_large_and_of_every_kind() -> None:
    outcomes = Counter(odd.outcome for odd in hostile.corpus())
    assert len(set(NAMES)) == len(NAMES) >= 150
    assert (
        min(outcomes[outcome] for outcome in ("accepted", "warned", "held", "refused", "skipped"))
        >= 10
    )


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_file_becomes_what_is_expected(name: str, inbox: Inbox) -> None:
    odd, returned, told = inbox.files[name], inbox.returns[name], inbox.told(name)
    blocking = [finding for finding in told if finding.severity is Severity.BLOCKING]
    assert {finding.rule for finding in told} == set(odd.rules)
    assert bool(blocking) == (odd.outcome in {"held", "refused"})
    assert (returned.kind in {"xlsx", "csv"}) == (odd.outcome in {"accepted", "warned", "held"})
    assert (returned.kind == "skipped") == (odd.outcome == "skipped")
    if returned.kind not in {"xlsx", "csv"}:
        assert (returned.header, returned.costs, returned.activities) == ({}, (), ())
    if odd.outcome in {"accepted", "warned"}:
        assert [row.cells["amount_sek"].value for row in returned.costs] == [
            row["Belopp"] for row in COSTS
        ]
        assert (returned.grant_id, returned.sender_id) == (EQUAL, BOARD)
    for finding in told:
        assert not UNSEEN.search(
            f"{finding.file}{finding.sheet}{finding.value}{finding.message}{finding.remedy}"
        )
        assert "{" not in finding.remedy


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_file_costs_little(name: str, inbox: Inbox) -> None:
    """By both readers together, in the child: its processor time, and all the memory that the child
    has ever had."""
    cost = inbox.costs[name]
    assert cost.cpu_seconds < READER_SECONDS
    assert cost.peak_bytes < READER_BYTES


@pytest.fixture(scope="module")
def untouched(way: Way, clean: Mapping[str, Return], decisions: Rulebook) -> GrantResult:
    """The result when every board has sent a good return."""
    (result,) = way.settle(list(clean.values()), [], decisions, PLAN)
    return result


def test_nothing_of_the_corpus_moves_another_board(
    inbox: Inbox, way: Way, decisions: Rulebook, clean: Mapping[str, Return], untouched: GrantResult
) -> None:
    """All of it in one inbox beside the other boards' good returns, in one reconciliation."""
    theirs = [returned for board, returned in clean.items() if board != BOARD]
    (result,) = way.settle([*inbox.returns.values(), *theirs], inbox.findings, decisions, PLAN)
    assert others_than(BOARD, result) == others_than(BOARD, untouched)
    (row,) = (row for row in rows_in(result, "board") if row["board_id"] == BOARD)
    assert row["return_status"] == "held", "many returns that tie"
    manifest = {row["name"]: row["outcome"] for row in rows_in(result, "manifest")}
    assert {name for name, outcome in manifest.items() if outcome == "counted"} == {
        r.file for r in theirs
    }
    assert set(manifest) == {returned.file for returned in (*inbox.returns.values(), *theirs)}
    assert len(manifest) == len(inbox.returns) + len(theirs)


# -- texts in what is written ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(
    way: Way,
    decisions: Rulebook,
    clean: Mapping[str, Return],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The reports of a run in which one board's every field is a text that is code somewhere, and
    counts."""
    content = hostile.with_texts()
    returns = [*way.take_in({"=1+1 <img src=x>.xlsx": content}, decisions), *clean.values()]
    returns = [returned for returned in returns if returned is not clean[BOARD]]
    told = way.judge(returns, decisions, PLAN)
    (result,) = way.settle(returns, told, decisions, PLAN)
    (row,) = (row for row in rows_in(result, "board") if row["board_id"] == BOARD)
    assert row["return_status"] == "accepted_with_warnings", "more is used than the board has"
    place = tmp_path_factory.mktemp("written")
    (place / "boards").mkdir()
    report_fixture.render(result, decisions, place)
    annotated = answer.annotate(content, [f for f in result.findings if f.board == BOARD])
    (place / "boards" / f"{BOARD}.xlsx").write_bytes(annotated)
    return place


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.values: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.add(tag)
        self.values += [f"{name}={value}" for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.text += data


@pytest.mark.parametrize("page", ["aterrapport.html", f"boards/{BOARD}.html"])
def test_no_text_is_code_in_a_page(page: str, written: Path) -> None:
    found = Elements((written / page).read_text("utf-8"))
    assert not found.tags & {"script", "iframe", "img", "b", "object", "embed"}
    assert not [v for v in found.values if re.search(r"x\.invalid|^on|javascript:|passwd", v)]
    assert not UNSEEN.search(found.text)
    for name in ("html", "jinja", "formel länk", "sql", "typst"):
        assert swedish.tidy(hostile.TEXTS[name])[:40] in " ".join(found.text.split()), name


def test_no_text_is_code_in_word(written: Path) -> None:
    with zipfile.ZipFile(written / "aterrapport.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(part)
        if name.endswith(".rels"):
            assert b"x.invalid" not in part
    document = ElementTree.fromstring(parts["word/document.xml"])
    words = "".join(document.itertext())
    assert "{{ 7*7 }}" in words
    assert "<script>alert('x')</script>" in words
    assert not [
        e.text
        for e in document.iter()
        if e.tag.endswith("}instrText") and "x.invalid" in str(e.text)
    ]


@pytest.mark.parametrize("name", ["bilaga.xlsx", f"boards/{BOARD}.xlsx"])
def test_no_text_is_code_in_excel(name: str, written: Path) -> None:
    book = openpyxl.load_workbook(written / name)
    cells = [cell for ws in book.worksheets for row in ws.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert not [f for f in formulas if re.search(r"x\.invalid|cmd\||1\+1|@SUM", f)]
    assert not [
        cell.hyperlink
        for cell in cells
        if cell.hyperlink and "x.invalid" in str(cell.hyperlink.target)
    ]
    assert any(cell.value == hostile.TEXTS["formel länk"] for cell in cells)


def test_no_text_is_code_in_the_pdf(written: Path) -> None:
    pdf = PdfReader(written / "aterrapport.pdf")
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "{{ 7*7 }}" in text
    links = [
        str(note.get_object().get("/A")) for page in pdf.pages for note in page.get("/Annots") or ()
    ]
    assert not [link for link in links if re.search("x.invalid|passwd|JavaScript", link)]
    assert "root:x:" not in text
    assert text.count("rad rad rad rad") > 5000 / 4, "all of a long text is there, page after page"


def test_the_json_is_whole(written: Path) -> None:
    for name in ("reconciliation.json", "findings.json", "manifest.json"):
        json.loads((written / name).read_text("utf-8"))


# -- readers that come to harm ---------------------------------------------------------------------


class Harmed(Children):
    """Children whose second reader dies, hangs or eats memory on one file."""

    harm: Mapping[str, tuple[object, ...]] = {
        "dör.xlsx": (os.abort,),
        "hänger.xlsx": (time.sleep, 60),
        "äter.xlsx": (bytearray, 4_000_000_000),
    }

    def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        """The harm that befalls the second reader of a file of that name."""
        if function is second_reader.total:
            return super().submit(*self.harm.get(str(args[1]), (function, *args)))  # type: ignore[arg-type]
        return super().submit(function, *args)


def test_a_second_reader_that_comes_to_harm_costs_one_file(
    decisions: Rulebook, tmp_path: Path
) -> None:
    names = [*Harmed.harm, "bra.xlsx"]
    for name in names:
        (tmp_path / name).write_bytes(planted.good())
    with Harmed(1, memory_bytes=1_000_000_000, seconds=5, wait_seconds=5) as readers:
        read = intake.Intake.of_folder(tmp_path, readers).returns()
        recounts = second_reader.totals(read, readers)
    returns = [placing.identify(returned, decisions) for _, returned in read]
    assert recounts == {"bra.xlsx": (len(COSTS), TOTAL)}
    told = list(second_reader.doubts(returns, [], recounts, decisions, PLAN))
    assert [(f.rule, f.severity, f.board) for f in told] == [
        ("fil-laser-olika", Severity.BLOCKING, BOARD)
    ] * 3
    assert {f.file for f in told} == set(Harmed.harm)
    assert list(second_reader.doubts(returns, told, recounts, decisions, PLAN)) == [], (
        "what is held is not compared"
    )


def test_two_sums_that_differ_hold_the_return(
    decisions: Rulebook, clean: Mapping[str, Return]
) -> None:
    returned = clean[BOARD]
    assert (
        list(
            second_reader.doubts(
                [returned], [], {returned.file: (len(COSTS), TOTAL)}, decisions, PLAN
            )
        )
        == []
    )
    for other in ((len(COSTS), TOTAL + Decimal("0.01")), (len(COSTS) + 1, TOTAL)):
        (told,) = second_reader.doubts([returned], [], {returned.file: other}, decisions, PLAN)
        assert swedish.kr(TOTAL) in told.message
        assert swedish.kr(other[1]) in told.message
    (told,) = second_reader.doubts([returned], [], {}, decisions, PLAN)
    assert "det andra inget belopp, eftersom läsningen stannade." in told.message


def test_only_returns_of_the_run_are_compared(
    decisions: Rulebook, clean: Mapping[str, Return]
) -> None:
    returned = clean[BOARD]
    others = [
        replace(returned, file="annat", grant_id="annat-bidrag"),
        replace(returned, file="bild", kind="other"),
    ]
    told = second_reader.doubts([*others, returned], [], {}, decisions, PLAN)
    assert [finding.file for finding in told] == [returned.file]


# -- files that nobody here made -------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not installed")
def test_what_libreoffice_saves(way: Way, decisions: Rulebook, clean: Mapping[str, Return]) -> None:
    """A good return saved anew is the same return; in LibreOffice's own format or the old one of
    Excel it is told."""
    saved = filling.saved_by_libreoffice([planted.good(), hostile.with_texts()])
    farsta, texts = way.take_in(
        dict(zip(("farsta.xlsx", "texter.xlsx"), saved, strict=True)), decisions
    )
    assert way.judge([farsta], decisions, PLAN) == []
    for now, then in zip(farsta.costs, clean[BOARD].costs, strict=True):
        assert {n: c.value for n, c in now.cells.items()} == {
            n: c.value for n, c in then.cells.items()
        }
    assert len(texts.costs) == len(hostile.TEXTS)
    for kind in ("ods", "xls"):
        (content,) = filling.saved_by_libreoffice([planted.good()], kind)
        (refused,) = way.take_in({f"farsta.{kind}": content}, decisions)
        assert [problem.rule_id for problem in refused.problems] == [f"fil-{kind}"]
