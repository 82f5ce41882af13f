"""A decision document as sentences, and the values that it says, each beside its own words."""

import re
import textwrap
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from statsbidrag.decisions.drafting import decision_values as values
from statsbidrag.decisions.drafting.decision_sentences import Sentence, sentences_in
from statsbidrag.decisions.drafting.decision_values import Found, the_only
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL
from tests.support.planted import DATA

D = Decimal
NBSP, SOFT_HYPHEN = "\u00a0", "\u00ad"
SOURCES = {path.name[:3]: path for path in sorted((DATA / "sources").glob("0*.txt"))}
GRANTS = {"001": [EQUAL, CRIME], "003": [AREAS]}
AGENCIES = ("Socialstyrelsen", "Myndigheten för familjerätt och föräldraskapsstöd")


def text_of(source: str) -> str:
    return SOURCES[source].read_text("utf-8")


def of(source: str) -> list[Sentence]:
    return sentences_in(text_of(source).splitlines())


def said(text: str) -> list[str]:
    return [sentence.text for sentence in sentences_in(text.splitlines())]


def found_in(text: str) -> list[Sentence]:
    return sentences_in(text.splitlines())


def plain(text: str) -> str:
    """A text with what differs between a citation and its source made alike."""
    composed = unicodedata.normalize("NFKC", text).replace(SOFT_HYPHEN, "").replace("**", " ")
    return re.sub(r"\s+", " ", re.sub("[”“]", '"', composed))


def cited(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "mening" in value:
            yield value["mening"]
        for inner in value.values():
            yield from cited(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from cited(inner)


def grant_file(grant_id: str) -> dict[str, dict[str, dict[str, object]]]:
    parsed: dict[str, dict[str, dict[str, object]]] = tomllib.loads(
        (DATA / "grants" / f"{grant_id}.toml").read_text("utf-8")
    )
    return parsed


# -- the source documents --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "grant_id"), [(s, grant) for s, grants in GRANTS.items() for grant in grants]
)
def test_every_cited_sentence_is_one_or_begins_one_of_several(source: str, grant_id: str) -> None:
    """A person cites one sentence, or some that follow on each other."""
    texts = [sentence.text for sentence in of(source)]
    citations = set(cited(grant_file(grant_id)))
    several = [citation for citation in citations if citation not in texts]
    assert len(several) <= 1
    for citation in several:
        assert any(citation.startswith(text) for text in texts if len(text) > 40)
        assert any(citation.endswith(text) for text in texts if len(text) > 40)


@pytest.mark.parametrize("source", ["000", "001", "003"])
def test_sentences_stand_in_the_document(source: str) -> None:
    """But for the one that a page broke."""
    whole = plain(text_of(source))
    broken = [one.line_no for one in of(source) if plain(one.text) not in whole]
    assert broken == ([213] if source == "001" else [])


@pytest.mark.parametrize("source", ["000", "001", "003"])
def test_sentences_begin_on_their_lines(source: str) -> None:
    lines = text_of(source).splitlines()
    for sentence in of(source):
        first = plain(sentence.text).split()[0]
        assert first in plain(lines[sentence.line_no - 1]), sentence


@pytest.mark.parametrize("source", ["000", "001", "003"])
def test_nothing_of_the_text_is_lost(source: str) -> None:
    """Only the heads, feet and notes of pages, and the markers of lists."""
    kept = set(re.findall(r"\w{4,}", plain(" ".join(one.text for one in of(source)))))
    lost = set(re.findall(r"\w{4,}", plain(text_of(source)))) - kept
    assert {word for word in lost if not re.search("[0-9A-Z_%]", word)} <= {
        *("https", "mfof", "download", "nationell", "strategi", "rkt", "ldraskapsst", "startsida"),
    }


@pytest.mark.parametrize("width", [55, 62, 70, 80, 95])
def test_a_document_says_the_same_however_it_is_wrapped(width: int) -> None:
    """Paragraphs that stand on one line each, broken into lines."""
    paragraphs = [line for line in text_of("003").splitlines() if len(line) > 200]
    whole = [one.text for one in sentences_in("\n\n".join(paragraphs).splitlines())]
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(paragraph, width, break_on_hyphens=True), ""]
    assert [one.text for one in sentences_in(lines)] == whole


# -- sentences -------------------------------------------------------------------------------------


def test_wrapped_lines_are_joined() -> None:
    assert said("Syftet med satsningen\när att bidra till stöd. Regeringen\nhar sagt det.") == [
        "Syftet med satsningen är att bidra till stöd.",
        "Regeringen har sagt det.",
    ]


def test_a_sentence_has_the_line_where_it_begins() -> None:
    sentences = found_in("Bakgrund\n\nEtt är\nsagt. Två är\nmer.")
    assert [(one.text, one.line_no) for one in sentences] == [
        ("Bakgrund", 1),
        ("Ett är sagt.", 3),
        ("Två är mer.", 4),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Medlen, t.ex. Stödet, ska användas i år.",
        "Det gäller bl.a. Stockholm och m.fl. Kommuner.",
        "Enligt kap. 5 och prop. 2023 gäller det.",
        "Det sker fr.o.m. 1 januari t.o.m. 31 december.",
        "Beslutet fattades av A. Andersson.",
        "Rapporten lämnas senast 1 februari 2024 kl. 12.00 till myndigheten.",
        "Det kostar ca. 1 000,50 kr.",
    ],
)
def test_abbreviations_and_dates_end_no_sentence(sentence: str) -> None:
    assert said(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"Stödet är för föräldra{SOFT_HYPHEN}skap.", "Stödet är för föräldraskap."),
        (
            f"Stödet är för föräldra{SOFT_HYPHEN}\nskap i staden.",
            "Stödet är för föräldraskap i staden.",
        ),
        ("Stödet är för föräldra-\nskap i staden.", "Stödet är för föräldraskap i staden."),
        ("Det gäller social-\noch skoltjänsten.", "Det gäller social- och skoltjänsten."),
        ("Medlen går till Hägersten-\nÄlvsjö i år.", "Medlen går till Hägersten-Älvsjö i år."),
        ("Årligen 375 000\n000 kronor i år.", "Årligen 375 000 000 kronor i år."),
        (f"Det är 5{NBSP}000{NBSP}kr.", "Det är 5 000 kr."),
    ],
)
def test_broken_words_and_numbers_are_put_together(text: str, sentence: str) -> None:
    assert said(text) == [sentence]


def test_a_hyphen_is_kept_where_the_document_has_it() -> None:
    assert said("En e-tjänst finns.\n\nAnsök i denna e-\ntjänst i dag.") == [
        "En e-tjänst finns.",
        "Ansök i denna e-tjänst i dag.",
    ]


def test_points_of_a_list_are_their_own() -> None:
    assert said("Bidraget har två delar:\n1) till\nkommuner\n2) till regioner\n- och mer") == [
        "Bidraget har två delar:",
        "till kommuner",
        "till regioner",
        "och mer",
    ]


def test_heads_and_feet_of_pages_are_left_out() -> None:
    text = (
        "Tjänsteutlåtande\nDnr SOF 2023/329\n\nMedlen ska användas av\n\nTjänsteutlåtande\n"
        "Dnr SOF 2023/329\nSida 2 (7)\n\nstadens nämnder. Det är allt."
    )
    assert said(text) == [
        "Tjänsteutlåtande",
        "Dnr SOF 2023/329",
        "Medlen ska användas av stadens nämnder.",
        "Det är allt.",
    ]


def test_notes_are_left_out_and_their_marks_raised() -> None:
    text = "Se strategin för stöd1, och SIG4 som\n\n1\nhttps://www.mfof.se/en_nationell.pdf\n\nfinns i staden."
    assert said(text) == ["Se strategin för stöd¹, och SIG4 som finns i staden."]


def test_nothing_at_all() -> None:
    assert sentences_in([]) == []
    assert sentences_in(["", " ", SOFT_HYPHEN]) == []


# -- values ----------------------------------------------------------------------------------------


def test_what_the_first_document_says() -> None:
    sentences = of("001")
    file = grant_file(EQUAL)
    terms = file["villkor"]
    dnr = the_only(values.diary_numbers(sentences))
    assert dnr == Found("SOF 2023/329", "Dnr SOF 2023/329", 63)
    assert dnr.value == file["dokument"]["tjansteutlatande"]["dnr"]
    document_day = the_only(values.document_days(sentences))
    assert document_day is not None
    assert document_day.value == file["dokument"]["tjansteutlatande"]["datum"]
    meeting = the_only(values.meeting_days(sentences))
    assert meeting is not None
    assert meeting.value == date(2023, 8, 29)
    period = the_only(values.spending_periods(sentences))
    assert period is not None
    assert period.value == (date(2023, 1, 1), date(2023, 12, 31))
    deadline = the_only(values.report_deadlines(sentences))
    assert deadline is not None
    assert deadline.value == terms["aterrapport_till_myndigheten"]["datum"]
    agency = the_only(values.agencies(sentences, AGENCIES))
    assert agency is not None
    assert agency.value == AGENCIES[1]
    for found, term in (
        (agency, "bidragsgivare"),
        (period, "forbrukningsperiod"),
        (deadline, "aterrapport_till_myndigheten"),
        (dnr, "stadens_dnr"),
    ):
        assert [found.sentence] == list(cited(terms[term]))


@pytest.mark.parametrize(("grant_id", "source"), [(EQUAL, "001"), (CRIME, "001"), (AREAS, "003")])
def test_the_amount_stands_beside_the_cited_sentence(grant_id: str, source: str) -> None:
    term = grant_file(grant_id)["villkor"]["belopp"]
    (citation,) = cited(term)
    wanted = D(str(term["kronor"]))
    found = [(one.value, one.sentence) for one in values.amounts(of(source))]
    assert (wanted, citation) in found


def test_what_the_document_of_2021_says_and_does_not_say() -> None:
    sentences = of("003")
    terms = grant_file(AREAS)["villkor"]
    period = the_only(values.spending_periods(sentences))
    assert period is not None
    assert period.value == (date(2021, 1, 1), date(2021, 12, 31))
    assert [period.sentence] == list(cited(terms["forbrukningsperiod"]))
    agency = the_only(values.agencies(sentences, AGENCIES))
    assert agency is not None
    assert [agency.sentence] == list(cited(terms["bidragsgivare"]))
    meeting = the_only(values.meeting_days(sentences))
    assert meeting is not None
    assert meeting.value == date(2021, 5, 25)
    assert values.diary_numbers(sentences) == ()
    assert values.document_days(sentences) == ()
    assert values.report_deadlines(sentences) == ()


def test_a_document_without_a_head_of_its_own() -> None:
    """The other reading of the first document lacks its number and its day."""
    sentences = of("000")
    assert values.diary_numbers(sentences) == ()
    assert values.document_days(sentences) == ()
    assert [one.value for one in values.meeting_days(sentences)] == [date(2023, 8, 29)]


@pytest.mark.parametrize(
    ("text", "dnr"),
    [
        ("Dnr SOF 2023/329", "SOF 2023/329"),
        ("Dnr: 3.1.1-329/2023", "3.1.1-329/2023"),
        ("Diarienummer 2023/329", "2023/329"),
        ("dnr KS 2023/1015.", "KS 2023/1015"),
    ],
)
def test_diary_numbers(text: str, dnr: str) -> None:
    assert [one.value for one in values.diary_numbers(found_in(text))] == [dnr]


@pytest.mark.parametrize(
    ("text", "kronor"),
    [
        ("Bidraget är 8 453 075 kr.", ["8453075"]),
        ("Bidraget är 8453075 kronor, varav 1 000,50 kr i år.", ["8453075", "1000.50"]),
        ("Bidraget är 375 miljoner kronor.", []),
        ("Bidraget är 375 tkr.", []),
        ("Under 2023 375 000 kronor.", []),
        ("Det är 74 kommuner och 1 000 personer.", []),
        ("Det är 5 000–10 000 kr.", []),
    ],
)
def test_amounts(text: str, kronor: list[str]) -> None:
    assert [one.value for one in values.amounts(found_in(text))] == list(map(D, kronor))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Medlen ska användas under 2023.", (date(2023, 1, 1), date(2023, 12, 31))),
        (
            "Medlen får bara användas till stöd under år 2024.",
            (date(2024, 1, 1), date(2024, 12, 31)),
        ),
        (
            "Medlen kan användas från och med den 1 juli 2023 till och med den 30 juni 2024.",
            (date(2023, 7, 1), date(2024, 6, 30)),
        ),
        ("Medlen ska användas 1 mars–31 maj 2023.", (date(2023, 3, 1), date(2023, 5, 31))),
        ("Medlen ska användas under åren 2021–2023.", None),
        ("Medlen ska användas under 2021–2023.", None),
        ("Medlen betalas ut under 2023.", None),
        ("Perioden är 1 mars–31 maj 2023.", None),
        ("Medlen ska användas 31 februari–31 maj 2023.", None),
        ("Medlen ska användas 31 maj–1 mars 2023.", None),
    ],
)
def test_spending_periods(text: str, period: tuple[date, date] | None) -> None:
    found = [one.value for one in values.spending_periods(found_in(text))]
    assert found == ([] if period is None else [period])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Redovisningen ska ske senast 1 februari 2024.", date(2024, 2, 1)),
        ("Återrapporten lämnas senast den 2024-02-01.", date(2024, 2, 1)),
        ("Medlen rekvireras senast 1 februari 2024.", None),
        ("Redovisningen ska ske senast 31 februari 2024.", None),
        ("Redovisningen ska ske i början av 2024.", None),
    ],
)
def test_report_deadlines(text: str, day: date | None) -> None:
    found = [one.value for one in values.report_deadlines(found_in(text))]
    assert found == ([] if day is None else [day])


def test_days_of_the_document_and_of_the_meeting() -> None:
    text = "Dnr SOF 2024/1\n\n2024-01-09\n\nTill\nSocialnämnden\n2024-01-23\n\nAttest\n2024-01-10"
    sentences = found_in(text)
    assert [one.value for one in values.document_days(sentences)] == [date(2024, 1, 9)]
    assert [one.value for one in values.meeting_days(sentences)] == [date(2024, 1, 23)]
    more = found_in(
        "Datum: 2024-01-09\n\nNämnden har sammanträde den 23 januari 2024 i stadshuset."
    )
    assert [one.value for one in values.document_days(more)] == [date(2024, 1, 9)]
    assert [one.value for one in values.meeting_days(more)] == [date(2024, 1, 23)]


def test_agencies_are_whole_names() -> None:
    sentences = found_in("Socialstyrelsens medel. Skolverkets också.\n\nMFoFx och Socialstyrelsen.")
    found = values.agencies(sentences, ["MFoF", "Skolverket", "Socialstyrelsen"])
    assert [(one.value, one.line_no) for one in found] == [
        ("Skolverket", 1),
        ("Socialstyrelsen", 1),
    ]


def test_what_is_said_in_several_ways_is_not_the_only() -> None:
    sentences = found_in("Dnr SOF 2023/329\n\nDnr SOF 2023/330\n\nDnr SOF 2023/329")
    assert len(values.diary_numbers(sentences)) == 3
    assert the_only(values.diary_numbers(sentences)) is None
    assert the_only(values.diary_numbers(sentences[::2])) is not None
    assert the_only(values.diary_numbers([])) is None
