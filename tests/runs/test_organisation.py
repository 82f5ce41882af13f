"""The city's and the agency's words are data: a grant of an invented agency in an invented city,
from return to filed report, says nothing of any other."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder
from statsbidrag.model.organisation import Answer, Section
from statsbidrag.returns import return_template
from tests.support import examples, filling
from tests.support.commands import ROOT, call_here, run_here, server
from tests.support.contents import contents, decoded
from tests.support.way import change

__all__ = ["server"]
GRANT = "bidrag-2025-sommar"
FINAL = date(2026, 1, 20)
ORGANISATION = """
format = 1
namn = "Sjöviks kommun"
forvaltning = "Omsorgsförvaltningen"
namnd = "Omsorgsnämnden"
direktor = "Omsorgschef"
webbplats = "sjovik.example"
"""
BOARDS = """
format = 1

[[namnd]]
id = "norr"
namn = "Norra nämnden"
kalla = "Påhittad"

[[namnd]]
id = "soder"
namn = "Södra nämnden"
kalla = "Påhittad"
"""
REPORT = """
format = 1
avsnitt = ["insatser", "svar", "aterbetalning", "ekonomi", "orsaker"]
insatser = "Vad pengarna har gett i varje fält"

[[fraga]]
fraga = "Hur mycket blev över i Sjövik?"
svar = "belopp"

[[fraga]]
fraga = "Vem frågar vi?"
svar = "kontaktperson"
"""
WORDS_OF_OTHERS = re.compile(
    "stockholm|socialförvaltning|socialnämnd|socialdirektör|mfof|socialstyrelsen"
    "|familjerätt|fokusområde",
    re.IGNORECASE,
)


def other_words(text: str) -> str | None:
    """What stands around the first word of another city or a real agency; the time zone is none."""
    text = text.replace("Europe/Stockholm", "")
    found = WORDS_OF_OTHERS.search(text)
    return text[max(found.start() - 60, 0) : found.end() + 60] if found else None


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder where city, boards, agency, grant and report are invented."""
    folder = tmp_path_factory.mktemp("sjovik") / "data"
    (folder / "grants").mkdir(parents=True)
    (folder / "rapporter").mkdir()
    grant = examples.examples()[0]
    for known, invented in {
        "exempel-2025-sommar": GRANT,
        'rapport = "mfof"': 'rapport = "faltverket"',
        "Exempelmyndigheten": "Fältverket",
        "Exempelnämnden": "Omsorgsnämnden",
        '"Farsta" = ': '"Norra nämnden" = ',
        '"Järva" = ': '"Södra nämnden" = ',
    }.items():
        assert known in grant
        grant = grant.replace(known, invented)
    (folder / "organisation.toml").write_text(ORGANISATION, "utf-8")
    (folder / "boards.toml").write_text(BOARDS, "utf-8")
    (folder / "rapporter" / "faltverket.toml").write_text(REPORT, "utf-8")
    (folder / "grants" / f"{GRANT}.toml").write_text(grant, "utf-8")
    return folder


def returned(data: Path, board_id: str) -> bytes:
    """A board's final return: two costs, and an activity."""
    book = data_folder.load(data, [], FINAL)
    grant, end = book.grant(GRANT), date(2025, 12, 31)
    assigned = filling.assigned(grant, board_id, FINAL)
    template = return_template.template(
        book.organisation, grant, book.board(board_id), assigned, end, FINAL
    )
    cost = {
        "Insats": "Läger",
        "Område": "Idrott",
        "Kostnadsslag": "Lokaler",
        "Datum": date(2025, 7, 1),
    }
    header = {
        "version": 1,
        "prognos": 30_000,
        "summa_kostnader": 30_000,
        "orsak_ej_forbrukat": "Färre deltagare",
        "ersatter_befintlig": "Nej",
        "annan_finansiering": "Nej",
        "kontaktperson": "Registrator",
        "epost": f"{board_id}@exempel.se",
        "intygas_av": "Enhetschef",
        "intygas_befattning": "Chef",
        "intygas_den": date(2026, 1, 8),
    }
    return filling.fill(
        template,
        header=header,
        costs=[cost | {"Belopp": 10_000}, cost | {"Belopp": 20_000, "Verifikation": "B2"}],
        activities=[
            {
                "Insats": "Läger",
                "Område": "Idrott",
                "Beskrivning": "Ett läger",
                "Antal kvinnor": 10,
                "Antal män": 12,
                "Antal okänt kön": 0,
                "Resultat": "Fler barn fick en sommar",
            }
        ],
    )


@pytest.fixture(scope="module")
def out(data: Path, server: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the program writes of it: a quarter and a final run, filed, with ledger, package and
    paper."""
    inbox = data / "inbox"
    inbox.mkdir()
    (inbox / "norr.xlsx").write_bytes(returned(data, "norr"))
    out = tmp_path_factory.mktemp("sjovik-ut")
    where = ("--returns", str(inbox), "--data", str(data), "--out", str(out))
    for options in (("--as-of", "2025-10-10"), ("--as-of", str(FINAL), "--final")):
        done = run_here(*where, *options)
        assert done.returncode in {0, 3}, done.stderr
    (inbox / "soder.xlsx").write_bytes(returned(data, "soder"))
    assert run_here(*where, "--as-of", str(FINAL), "--final").returncode == 0
    for step, by in (("review", "Anna Berg"), ("approve", "Per Lind"), ("file", "Eva Holm")):
        done = call_here(step, GRANT, "--by", by, "--on", str(FINAL), *where)
        assert done.returncode == 0, done.stderr
    paper = ("--data", str(data), "--out", str(out), "--to", str(out / "tjansteutlatande.docx"))
    for rest in (("paper", GRANT, *paper), ("status", *where[2:], "--as-of", str(FINAL))):
        done = call_here(*rest)
        assert done.returncode == 0, done.stderr
    return out


@pytest.mark.long
def test_a_report_of_an_invented_agency_and_city_names_no_other(out: Path, data: Path) -> None:
    written = [path for path in out.rglob("*") if path.is_file()]
    kinds = {path.suffix for path in written}
    assert {".html", ".pdf", ".docx", ".xlsx", ".json", ".txt", ".eml", ".jsonl"} <= kinds
    for path in written:
        texts = list(contents(path))
        if path.suffix == ".eml":
            texts += decoded(path.read_bytes())
        for text in texts:
            found = other_words(text)
            assert found is None, f"{path.name}: {found}"
    for board_id in ("norr", "soder"):
        template = returned(data, board_id)
        (out / "mall.xlsx").write_bytes(template)
        assert not any(map(other_words, contents(out / "mall.xlsx")))


@pytest.mark.long
def test_it_has_the_sections_and_the_questions_of_its_own_file_in_their_order(out: Path) -> None:
    report = (out / GRANT / "slutlig" / "aterrapport.html").read_text("utf-8")
    sections = re.findall('<section id="([a-z-]+)"', report)
    assert [s for s in sections if s in set(Section)] == [
        *("insatser", "svar", "aterbetalning", "ekonomi", "orsaker")
    ]
    assert "<h2>Vad pengarna har gett i varje fält</h2>" in report
    answers = (out / GRANT / "slutlig" / "svar.txt").read_text("utf-8")
    assert answers.index("Hur mycket blev över i Sjövik?") < answers.index("Vem frågar vi?")
    assert "Den person hos Omsorgsförvaltningen som Fältverket" in answers
    assert "Sjöviks kommun, Omsorgsförvaltningen" in report


def test_every_kind_of_section_and_answer_has_its_words() -> None:
    report = (ROOT / "reports" / "aterrapport.html.j2").read_text("utf-8")
    answers = (ROOT / "reports" / "_answers.html.j2").read_text("utf-8")
    assert set(re.findall('section == "([a-z-]+)"', report)) == set(Section)
    assert re.findall('answer == "([a-z-]+)"', answers) == list(Answer)


def test_no_city_and_no_agency_is_named_in_code_or_template() -> None:
    for folder in ("flows", "sql", "expectations", "reports"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".docx"}:
                found = other_words(path.read_text("utf-8"))
                assert found is None, f"{path}: {found}"


def test_without_the_citys_own_words_nothing_runs(data: Path, tmp_path: Path) -> None:
    (tmp_path / "boards.toml").write_text(BOARDS, "utf-8")
    with pytest.raises(InputError) as refused:
        data_folder.load(tmp_path, [], FINAL)
    assert "organisation.toml finns inte. Den säger vad staden" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"orsaker"]', '"orsak"]', ("avsnitt.5", "ska vara 'svar'")),
        ('"orsaker"]', '"ekonomi"]', ("avsnittet ekonomi står 2 gånger",)),
        ('"svar", ', "", ("avsnittet svar behövs när det finns frågor",)),
        ('svar = "belopp"', 'svar = "summa"', ("fraga.1.svar", "ska vara 'bidraget'")),
        ("insatser = ", "insats = ", ("insatser", "saknas")),
    ],
)
def test_a_broken_report_says_file_and_key(
    data: Path, tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    folder = shutil.copytree(data, tmp_path / "data")
    change(folder / "rapporter" / "faltverket.toml", old, new)
    with pytest.raises(InputError) as refused:
        data_folder.load(folder, [GRANT], FINAL)
    for part in ("rapporter/faltverket.toml", *says):
        assert part in str(refused.value)
