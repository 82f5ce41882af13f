"""What stands in data/ is what stands in the source documents, and a file that is wrong is refused
in plain words."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder, declaration
from statsbidrag.model.boards import Assignment
from statsbidrag.model.decisions import Allocation
from statsbidrag.model.rulebook import Rulebook
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL, FUND
from tests.support.examples import GRANTS, examples
from tests.support.planted import DATA
from tests.support.way import change, load_one

SOURCES = DATA / "sources"
AS_OF = date(2024, 1, 20)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return data_folder.load(DATA, [], AS_OF)


# -- the figures are those of the documents --------------------------------------------------------


def test_all_grants_load_and_none_is_broken(book: Rulebook) -> None:
    assert [g.grant_id for g in book.grants] == sorted([EQUAL, CRIME, AREAS, FUND])
    assert book.broken == ()


@pytest.mark.parametrize(
    ("grant_id", "total", "allocated", "boards"),
    [
        (EQUAL, 8_453_075, 8_453_074, 11),
        (CRIME, 15_221_733, 15_221_733, 7),
        (AREAS, 32_926_000, 32_926_000, 6),
    ],
)
def test_totals_and_sums(
    book: Rulebook, grant_id: str, total: int, allocated: int, boards: int
) -> None:
    """The krona that is missing in the first table stays missing."""
    amounts = book.grant(grant_id).allocations_on(AS_OF)
    assert book.grant(grant_id).total_sek == Decimal(total)
    assert sum(amounts.values()) == Decimal(allocated)
    assert len({board for board, _ in amounts}) == boards


def test_the_components_of_the_2021_grant(book: Rulebook) -> None:
    grant = book.grant(AREAS)
    sums = {
        c.component_id: sum(
            sek for (_, part), sek in grant.allocations_on(AS_OF).items() if part == c.component_id
        )
        for c in grant.components
    }
    assert list(sums.items()) == [
        ("fordelningsmodell", Decimal(25_400_000)),
        ("skolsociala-team", Decimal(7_526_000)),
    ]
    assert grant.is_earmarked
    assert grant.components[1].areas == ("Skolsociala team",)
    assert {area for c in grant.components for area in c.areas} == set(grant.areas)


ROW = re.compile(r"([^\d\t]+?)\s+(\d[\d \t]*)")


def tables(document: str) -> Iterator[dict[str, list[int]]]:
    """Every allocation table in the text of a document: the first cell of a row -> the row's
    kronor."""
    text = next(SOURCES.glob(f"{document}_*.txt")).read_text("utf-8")
    for table in re.findall(r"^Nämnd\s+Fördel.*?^Totalt.*?$", text, re.MULTILINE | re.DOTALL):
        rows = filter(None, (ROW.fullmatch(line.strip()) for line in table.splitlines()))
        yield {
            row[1]: [int(amount.replace(" ", "")) for amount in row[2].split("\t")] for row in rows
        }


@pytest.mark.parametrize(
    ("grant_id", "document", "which"),
    [
        *((EQUAL, document, which) for document in ("000", "001") for which in (0, 2)),
        *((CRIME, document, which) for document in ("000", "001") for which in (1, 3)),
        *((AREAS, "003", which) for which in (0, 1)),
    ],
)
def test_allocations_are_those_of_the_tables(
    book: Rulebook, grant_id: str, document: str, which: int
) -> None:
    """Each document says the figures twice, in its proposal and at its end."""
    grant, table = book.grant(grant_id), list(tables(document))[which]
    total = table.pop("Totalt")
    stated: dict[tuple[str, str], Decimal] = {}
    for name, amounts in table.items():
        board = book.board_named(name)
        assert board is not None, name
        parts = amounts[: len(grant.components)]
        stated |= {
            (board, c.component_id): Decimal(sek)
            for c, sek in zip(grant.components, parts, strict=True)
        }
        assert grant.allocated_on(board, AS_OF) == Decimal(amounts[-1])
    assert grant.allocations_on(AS_OF) == stated
    assert grant.total_sek == Decimal(total[-1])


# -- every term leads to a sentence ----------------------------------------------------------------


def plain(text: str) -> str:
    """A text without what its layout decided: line breaks, fixed spaces, raised note marks, kinds
    of quotes."""
    composed = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return re.sub(r"\s+", " ", re.sub("[”“]", '"', composed))


def cited(value: object, where: tuple[str, ...] = ()) -> Iterator[tuple[str, str, str]]:
    """Every cited sentence in a file: where it stands, the key of its document, and the
    sentence."""
    if isinstance(value, dict):
        if "mening" in value:
            yield ".".join(where), value["dokument"], value["mening"]
        for key, inner in value.items():
            yield from cited(inner, (*where, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            yield from cited(inner, (*where, str(place)))


FILES = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(GRANTS.glob("*.toml"))
}
CITED = {
    f"{grant_id}:{where}": (grant_id, *said)
    for grant_id, raw in FILES.items()
    for where, *said in cited(raw)
}


@pytest.mark.parametrize(("grant_id", "document", "sentence"), CITED.values(), ids=[*CITED])
def test_every_cited_sentence_stands_in_its_document(
    grant_id: str, document: str, sentence: str
) -> None:
    stated = FILES[grant_id]["dokument"][document]
    assert "fil" in stated, "the document has no text to compare with"
    text = plain((DATA / stated["fil"]).read_text("utf-8"))
    if stated["fil"] in SCANNED:
        assert stands_damaged(plain(sentence), text)
    else:
        assert plain(sentence) in text


SCANNED = {"sources/002_dea7937f9041da7d.txt"}
"""The documents whose letters were damaged when they were read in from paper; sentences of theirs
are cited as they were written."""
_PLAIN = str.maketrans("åäöé|", "aaoei")


def stands_damaged(sentence: str, text: str) -> bool:
    """Whether a text has the words of a sentence one after the other, each nearly as it is
    spelt."""
    wanted = [letters(word) for word in sentence.split() if letters(word)]
    there = [letters(word) for word in text.split() if letters(word)]
    for start in range(len(there) - len(wanted) + 1):
        pairs = zip(wanted, there[start:], strict=False)
        if all(is_nearly(*pair) for pair in pairs):
            return True
    return False


def is_nearly(word: str, damaged: str) -> bool:
    """Whether a word may have become another: a letter of a short one, every fifth of a long one,
    and no figure of a number."""
    least = 0.85 if word.isdigit() else 0.66 if len(word) < 7 else 0.8
    return SequenceMatcher(None, word, damaged).ratio() >= least


def letters(word: str) -> str:
    """The letters and figures of a word, without the dots and rings that a scan loses first."""
    return re.sub(r"[\W_]", "", word.casefold().translate(_PLAIN))


@pytest.mark.parametrize(
    ("sentence", "is_there"),
    [
        ("Med sociala investeringsmedel startade en fyraårig satsning 2017.", True),
        ("Ärendet överlämnas för kännedom till samtliga stadsdelsnämnder.", True),
        ("Med sociala investeringsmedel startade en femårig satsning 2017.", False),
        ("Med sociala investeringsmedel startade en fyraårig satsning 2018.", False),
        ("Socialnämnden avslår förvaltningens delrapport", False),
    ],
)
def test_a_damaged_text_is_read_closely(sentence: str, is_there: bool) -> None:
    (scanned,) = SCANNED
    text = plain((DATA / scanned).read_text("utf-8"))
    assert stands_damaged(sentence, text) is is_there


@pytest.mark.parametrize(
    ("grant_id", "words", "document"),
    [
        (EQUAL, "I början av 2024", "001"),
        (CRIME, "I början av 2024", "001"),
        (AREAS, "i slutet av 2021 eller i början av 2022", "003"),
    ],
)
def test_a_deadline_known_only_in_words_keeps_the_words(
    book: Rulebook, grant_id: str, words: str, document: str
) -> None:
    grant = book.grant(grant_id)
    assert words in grant.board_deadline_words + grant.agency_deadline_words
    assert words in plain(next(SOURCES.glob(f"{document}_*.txt")).read_text("utf-8"))


@pytest.mark.parametrize("grant_id", [EQUAL, CRIME, AREAS])
def test_that_a_proposal_was_adopted_is_an_assumption(book: Rulebook, grant_id: str) -> None:
    assert {d.source.kind for d in book.grant(grant_id).decisions} == {"antagande"}


def test_the_codes_of_the_areas_and_the_headings_of_the_document(book: Rulebook) -> None:
    lines = next(SOURCES.glob("003_*.txt")).read_text("utf-8").splitlines()
    headings = [line for line in lines if line in book.grant(AREAS).areas]
    assert headings == list(book.grant(AREAS).areas)


def test_terms_that_decide_money(book: Rulebook) -> None:
    equal, areas = book.grant(EQUAL), book.grant(AREAS)
    assert (equal.spend_from_on, equal.spend_to_on) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (areas.spend_from_on, areas.spend_to_on) == (date(2021, 1, 1), date(2021, 12, 31))
    assert (equal.liability_basis, areas.liability_basis) == ("namnd", "kommun")
    assert (equal.agency_deadline_on, areas.agency_deadline_on) == (date(2024, 2, 1), None)
    assert len({grant.cost_kinds for grant in book.grants}) == 1
    least = {grant.grant_id: grant.least_shown_count for grant in book.grants}
    assert least == {EQUAL: 0, CRIME: 0, AREAS: 0, FUND: 5}
    for grant in book.grants:
        assert not set(grant.cost_kinds) & set(grant.unpaid_cost_kinds)


# -- the boards ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "board_id"),
    [
        ("Hägersten-Ålvsjö", "hagersten-alvsjo"),
        ("Norra Innerstaden", "norra-innerstaden"),
        ("norra innerstaden", "norra-innerstaden"),
        ("Hässelby - Vällingby", "hasselby-vallingby"),
        ("HÄSSELBY–VÄLLINGBY", "hasselby-vallingby"),
        (unicodedata.normalize("NFD", "Hässelby-Vällingby"), "hasselby-vallingby"),
        ("  Enskede\u00a0Årsta Vantör ", "enskede-arsta-vantor"),
        ("Enskede-Årsta-Vantörs stadsdelsnämnd", "enskede-arsta-vantor"),
        ("stadsdelsnämnden i Farsta", "farsta"),
        ("SDN Skärholmen", "skarholmen"),
        ("Östermalms stadsdelsnämnd", "ostermalm"),
        ("jarva", "jarva"),
        ("Älvsjö", "alvsjo"),
        ("Göteborg", None),
        ("", None),
    ],
)
def test_spellings(book: Rulebook, written: str, board_id: str | None) -> None:
    assert book.board_named(written) == board_id


def test_every_board_goes_by_the_same_forms_of_its_name(book: Rulebook) -> None:
    for board in book.boards:
        for form in (
            "{}",
            "{} stadsdelsnämnd",
            "{}s stadsdelsnämnd",
            "Stadsdelsnämnden {}",
            "SDN {}",
        ):
            assert book.board_named(form.format(board.name)) == board.board_id


@pytest.mark.parametrize(
    ("predecessors", "heir", "first_day"),
    [
        ({"rinkeby-kista", "spanga-tensta"}, "jarva", date(2023, 7, 1)),
        ({"norrmalm", "ostermalm"}, "norra-innerstaden", date(2023, 7, 1)),
        ({"hagersten-liljeholmen", "alvsjo"}, "hagersten-alvsjo", date(2020, 7, 1)),
    ],
)
def test_mergers(book: Rulebook, predecessors: set[str], heir: str, first_day: date) -> None:
    assert {b.board_id for b in book.boards if b.successor_id == heir} == predecessors
    assert book.board(heir).valid_from_on == first_day
    assert {book.board(b).valid_to_on for b in predecessors} == {first_day - timedelta(days=1)}


@pytest.mark.parametrize(
    ("day", "boards"), [("2020-06-30", 14), ("2020-07-01", 13), ("2023-07-01", 11)]
)
def test_the_city_has_as_many_boards_as_it_had(book: Rulebook, day: str, boards: int) -> None:
    on = date.fromisoformat(day)
    there = [b for b in book.boards if (b.valid_from_on or on) <= on <= (b.valid_to_on or on)]
    assert len(there) == boards


@pytest.mark.parametrize(
    ("sender", "grant_id", "unit_on", "board_id"),
    [
        ("spanga-tensta", EQUAL, date(2023, 12, 31), "jarva"),
        (
            "spanga-tensta",
            EQUAL,
            date(2023, 3, 31),
            "jarva",
        ),  # named by a decision before it was a board
        ("norrmalm", EQUAL, date(2023, 12, 31), "norra-innerstaden"),
        ("norrmalm", CRIME, date(2023, 12, 31), None),
        ("bromma", CRIME, date(2023, 12, 31), None),
        ("alvsjo", EQUAL, date(2023, 12, 31), "hagersten-alvsjo"),
        ("alvsjo", AREAS, date(2021, 12, 31), "hagersten-alvsjo"),
        ("hagersten-liljeholmen", AREAS, date(2021, 3, 31), "hagersten-alvsjo"),
        ("spanga-tensta", AREAS, date(2021, 12, 31), "spanga-tensta"),
        ("rinkeby-kista", AREAS, date(2021, 12, 31), "rinkeby-kista"),
        ("jarva", AREAS, date(2021, 12, 31), None),  # two units that it might belong to
        ("spanga-tensta", AREAS, date(2023, 6, 30), "spanga-tensta"),
        ("spanga-tensta", AREAS, date(2023, 7, 1), "jarva"),
        ("rinkeby-kista", AREAS, date(2023, 7, 1), "jarva"),
        ("jarva", AREAS, date(2023, 6, 30), None),
        ("jarva", AREAS, date(2023, 7, 1), "jarva"),
    ],
)
def test_whose_money_a_sender_spends(
    book: Rulebook, sender: str, grant_id: str, unit_on: date, board_id: str | None
) -> None:
    """A predecessor counts under its successor in 2023; a grant of 2021 stays with the boards of
    2021."""
    assert book.counts_under(sender, book.grant(grant_id), AS_OF, unit_on) == board_id


def test_before_a_merger_the_boards_are_units_of_their_own_and_after_it_one(book: Rulebook) -> None:
    grant = book.grant(AREAS)
    before, after = (book.units(grant, AS_OF, day) for day in (date(2023, 6, 30), date(2023, 7, 1)))
    assert set(before) - set(after) == {"rinkeby-kista", "spanga-tensta"}
    assert set(after) - set(before) == {"jarva"}
    assert before["spanga-tensta"].inherited_sek == {}
    assert before["spanga-tensta"].amounts_sek == {
        "fordelningsmodell": Decimal(4_300_000),
        "skolsociala-team": Decimal(986_200),
    }
    assert after["jarva"].amounts_sek == {
        "fordelningsmodell": Decimal(10_200_000),
        "skolsociala-team": Decimal(2_040_400),
    }
    assert after["jarva"].inherited_sek == {
        "rinkeby-kista": Decimal(6_954_200),
        "spanga-tensta": Decimal(5_286_200),
    }
    for units in (before, after):
        assert sum(unit.allocated_sek for unit in units.values()) == Decimal(32_926_000)


def test_a_decision_that_names_a_successor_says_its_whole_amount_for_that_component(
    book: Rulebook,
) -> None:
    """What was inherited for the other component stays, and so does what was decided for the
    others."""
    grant, day = book.grant(AREAS), date(2023, 8, 1)
    ended = ("rinkeby-kista", "spanga-tensta")
    row = Allocation("jarva", "skolsociala-team", Decimal(2_000_000), ends=ended)
    changed = replace(
        grant,
        decisions=(
            *grant.decisions,
            replace(grant.decisions[0], decided_on=day, allocations=(row,)),
        ),
    )
    units = book.units(changed, AS_OF, date(2023, 12, 31))
    assert units["jarva"].amounts_sek == {
        "fordelningsmodell": Decimal(10_200_000),
        "skolsociala-team": Decimal(2_000_000),
    }
    assert units["jarva"].inherited_sek == {
        "rinkeby-kista": Decimal(5_900_000),
        "spanga-tensta": Decimal(4_300_000),
    }
    before = day - timedelta(days=1)
    assert book.units(changed, day, date(2023, 12, 31)) == units, "it is in force from its own day"
    assert book.units(changed, before, date(2023, 12, 31)) == book.units(grant, AS_OF, day)
    assert changed.named_on(day) - changed.named_on(before) == {"jarva"}
    assert book.unit_of("spanga-tensta", changed, AS_OF, date(2023, 6, 30)) == "jarva", (
        "named before its first day"
    )


def test_a_successor_that_the_grant_knows_nothing_of_counts_under_the_one_unit_that_became_it(
    book: Rulebook,
) -> None:
    grant, unit_on = book.grant(AREAS), date(2021, 12, 31)
    (decided,) = grant.decisions
    only = tuple(row for row in decided.allocations if row.board_id != "rinkeby-kista")
    changed = replace(grant, decisions=(replace(decided, allocations=only),))
    assert book.counts_under("jarva", changed, AS_OF, unit_on) == "spanga-tensta"
    assert book.counts_under("rinkeby-kista", changed, AS_OF, unit_on) is None
    assignment = book.assignment("jarva", changed, AS_OF, unit_on)
    assert assignment == Assignment({}, counted_with="Spånga-Tensta")


def test_what_a_sender_is_told_that_it_has_been_given(book: Rulebook) -> None:
    grant = book.grant(AREAS)
    before, after = date(2021, 12, 31), date(2023, 7, 1)
    own = {"fordelningsmodell": Decimal(4_300_000), "skolsociala-team": Decimal(986_200)}
    assert book.assignment("spanga-tensta", grant, AS_OF, before) == Assignment(own)
    assert book.assignment("spanga-tensta", grant, AS_OF, after) == Assignment(
        own, counted_with="Järva"
    )
    heir = book.assignment("jarva", grant, AS_OF, after)
    assert heir is not None
    assert sum(heir.amounts_sek.values()) == sum(heir.inherited_sek.values()) == Decimal(12_240_400)
    assert set(heir.inherited_sek) == {"Rinkeby-Kista", "Spånga-Tensta"}
    assert book.assignment("jarva", grant, AS_OF, before) is None
    assert book.assignment("bromma", grant, AS_OF, after) is None


# -- what is wrong is refused ----------------------------------------------------------------------


def decision(decision_id: str, day: str, board: str) -> str:
    return (
        f'\n[[beslut]]\nid = "{decision_id}"\ndatum = {day}\nbeslutat_av = '
        '"Socialnämnden"\nantagande = "Prov."\n'
        f'[beslut.fordelning]\n"{board}" = 1\n'
    )


def waiver(rule: str, board: str, first: str, last: str) -> str:
    return (
        f'\n[[undantag]]\nregel = "{rule}"\nnamnd = "{board}"\nskal = "Prov."\nbeslutat_av = '
        '"Prov."\n'
        f"beslutat_den = {first}\ntill = {last}\n"
    )


class Fault(NamedTuple):
    """One change that breaks a grant file, and what the refusal has to say: the key, what is wrong,
    what to do."""

    grant_id: str
    old: str
    new: str
    says: tuple[str, ...]


def changed(fault: Fault) -> str:
    """The text of the grant file with the fault in it; where there is nothing to replace, it is
    added at the end."""
    content = (GRANTS / f"{fault.grant_id}.toml").read_text("utf-8")
    assert fault.old in content
    return content.replace(fault.old, fault.new, 1) if fault.old else content + fault.new


BROKEN = {
    "unknown key": Fault(
        EQUAL,
        'kortnamn = "Jämlik',
        'farg = "blå"\nkortnamn = "Jämlik',
        says=("farg", "är okänd", "Ta bort den eller rätta stavningen"),
    ),
    "unknown key in a term": Fault(
        EQUAL,
        'bas = "namnd"',
        'bas = "namnd"\nfarg = 1',
        says=("villkor.aterbetalningsbas", "är okänd", "Ta bort den eller rätta stavningen"),
    ),
    "missing term": Fault(
        EQUAL,
        '[villkor.ranta]\nokand = "Tjänsteutlåtandet anger ingen ränta"',
        "",
        says=("villkor.ranta", "saknas", "Lägg till den"),
    ),
    "term without source": Fault(
        EQUAL,
        'antagande = "Tjänsteutlåtandet anger inga grunder.',
        "#",
        says=("villkor.aterbetalningsgrunder", "källa saknas", "Lägg till kalla"),
    ),
    "decision without source": Fault(
        EQUAL,
        "",
        decision("b", "2023-09-01", "Farsta").replace("antagande", "#"),
        says=("beslut", "källa saknas", "Lägg till kalla"),
    ),
    "source in a document that is not named": Fault(
        EQUAL,
        "[dokument.tjansteutlatande]",
        "[dokument.annat]",
        says=("dokumentet tjansteutlatande", "finns inte", "Lägg till [dokument.tjansteutlatande]"),
    ),
    "unknown, yet with a value": Fault(
        EQUAL,
        'okand = "Tjänsteutlåtandet anger ingen ränta"',
        'okand = "Okänt"\nvarde = "Ingen"',
        says=("villkor.ranta", "okän"),
    ),
    "allocations above the total": Fault(
        EQUAL,
        "kronor = 8453075",
        "kronor = 8453073",
        says=("beslut", "8\u00a0453\u00a0074\u00a0kr, mer än", "Rätta fördelningen eller beloppet"),
    ),
    "a later decision above the total": Fault(
        EQUAL,
        "",
        decision("b", "2023-10-01", "Farsta").replace("= 1\n", "= 700000\n"),
        says=("beslut", "fördelningen 2023-10-01", "Rätta fördelningen eller beloppet"),
    ),
    "overlapping wordings": Fault(
        EQUAL,
        "[villkor.ranta]\n",
        "[[villkor.ranta]]\ngaller_till = 2023-06-30\nokand = "
        '"Okänd"\n[[villkor.ranta]]\ngaller_fran = 2023-06-30\n',
        says=("villkor.ranta", "två lydelser gäller samtidigt", "Sätt galler_till"),
    ),
    "overlapping undantag": Fault(
        EQUAL,
        "",
        waiver("personnummer", "Farsta", "2023-10-01", "2023-12-31")
        + waiver("personnummer", "SDN Farsta", "2023-12-31", "2024-03-31"),
        says=("undantag", "överlappar", "Behåll ett för varje dag"),
    ),
    "undantag that ends before it begins": Fault(
        EQUAL,
        "",
        waiver("personnummer", "Farsta", "2023-10-01", "2023-09-30"),
        says=("undantag.till", "före", "Rätta dagarna"),
    ),
    "undantag from a rule that has none": Fault(
        EQUAL,
        "",
        waiver("bidragsfil-trasig", "Farsta", "2023-10-01", "2023-12-31"),
        says=("undantag.regel", "bidragsfil-trasig kan inte undantas", "personnummer"),
    ),
    "undantag for nobody": Fault(
        EQUAL,
        "",
        waiver("personnummer", "Farstad", "2023-10-01", "2023-12-31"),
        says=("undantag.namnd", "Farstad är okänd"),
    ),
    "unknown board": Fault(
        EQUAL,
        '"Järva" =',
        '"Järfa" =',
        says=(
            "beslut.socialnamnden-2023-08-29.fordelning",
            "nämnden Järfa är okänd",
            "Menas Järva?",
        ),
    ),
    "board unlike any": Fault(
        EQUAL,
        '"Järva" =',
        '"Göteborg" =',
        says=(
            "beslut.socialnamnden-2023-08-29.fordelning",
            "nämnden Göteborg är okänd",
            "boards.toml",
        ),
    ),
    "an amount that the stated sum does not hold": Fault(
        EQUAL,
        '"Bromma" = 438957',
        '"Bromma" = 438951',
        says=(
            "beslut.socialnamnden-2023-08-29.summa: är 8\u00a0453\u00a0074\u00a0kr",
            "tillsammans 8\u00a0453\u00a0068\u00a0kr",
            "Jämför med beslutet och rätta det som är fel.",
        ),
    ),
    "two amounts in two spellings": Fault(
        EQUAL,
        '"Farsta" =',
        '"SDN Järva" = 5\n"Farsta" =',
        says=(
            "beslut.socialnamnden-2023-08-29.fordelning",
            "två belopp från 2023-08-29",
            "Behåll det som gäller",
        ),
    ),
    "two amounts on one day": Fault(
        EQUAL,
        "",
        decision("b", "2023-08-29", "Järva"),
        says=(
            "beslut.b.fordelning",
            "Järva har två belopp från 2023-08-29",
            "Behåll det som gäller",
        ),
    ),
    "id unlike the file's name": Fault(
        EQUAL,
        f'id = "{EQUAL}"',
        'id = "mfof-2024"',
        says=("id", "ska vara samma som filens namn", EQUAL),
    ),
    "report without a template": Fault(
        EQUAL,
        'rapport = "mfof"',
        'rapport = "skr"',
        says=(
            "nyckeln rapport",
            "återrapporten skr finns inte",
            "Välj bland mfof, socialstyrelsen och stadens-fond, eller lägg till rapporter/skr.toml",
        ),
    ),
    "thousands with blanks": Fault(
        EQUAL,
        "kronor = 8453075",
        "kronor = 8 453 075",
        says=("rad ", "(kronor = 8 453 075)", "belopp utan mellanslag"),
    ),
    "amount as text": Fault(
        CRIME,
        '"Järva" = 4890470',
        '"Järva" = "4 890 470"',
        says=("fordelning.Järva", "ska vara ett tal utan citattecken", "till exempel 1978155"),
    ),
    "amount with three decimals": Fault(
        EQUAL,
        "kronor = 8453075",
        "kronor = 8453075.005",
        says=("villkor.belopp", "för många decimaler", "Ange hela ören"),
    ),
    "negative amount": Fault(
        EQUAL,
        "kronor = 8453075",
        "kronor = -8453075",
        says=("villkor.belopp", "får inte vara negativt"),
    ),
    "period that ends before it begins": Fault(
        EQUAL,
        "till = 2023-12-31",
        "till = 2022-12-31",
        says=("villkor.forbrukningsperiod", "fran får inte ligga efter till"),
    ),
    "basis that isn't one": Fault(
        EQUAL,
        'bas = "namnd"',
        'bas = "nämnd"',
        says=("villkor.aterbetalningsbas", "ska vara 'namnd' eller 'kommun'"),
    ),
    "unknown component": Fault(
        AREAS,
        "skolsociala-team = 1054200",
        "skolteam = 1054200",
        says=(
            "Rinkeby-Kista",
            "komponenten skolteam finns inte",
            "fordelningsmodell och skolsociala-team",
        ),
    ),
    "area of a component that is not paid": Fault(
        AREAS,
        'omraden = ["Skolsociala team"]',
        'omraden = ["Skolsocialt team"]',
        says=(
            "komponent.omraden",
            "Skolsocialt team står inte i villkor.omraden.tillatna",
            "Rätta det",
        ),
    ),
    "area in two components": Fault(
        AREAS,
        'omraden = ["Skolsociala team"]',
        'omraden = ["Skolsociala team", "Samlokalisering polisen"]',
        says=(
            "komponent.omraden",
            "Samlokalisering polisen står på två komponenter",
            "Behåll det på en",
        ),
    ),
    "not TOML": Fault(
        EQUAL,
        "format = 1",
        "format = = 1",
        says=("rad ", "raden går inte att läsa"),
    ),
    "format of another time": Fault(
        EQUAL,
        "format = 1",
        "format = 2",
        says=("format", "ska vara 1"),
    ),
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=[*BROKEN])
def test_a_broken_grant_file_is_refused_with_file_key_and_what_to_do(
    tmp_path: Path, fault: Fault
) -> None:
    with pytest.raises(InputError) as refused:
        load_one(tmp_path, fault.grant_id, changed(fault))
    message = str(refused.value)
    assert message.startswith(f"grants/{fault.grant_id}.toml")
    for part in fault.says:
        assert part in message
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("grant_id", [EQUAL, CRIME, AREAS])
def test_a_grant_file_that_was_cut_off_is_refused(grant_id: str, tmp_path: Path) -> None:
    """Wherever a line ends: what its decisions state is what they must hold."""
    lines = (GRANTS / f"{grant_id}.toml").read_text("utf-8").splitlines(keepends=True)
    for count in range(len(lines)):
        with pytest.raises(InputError):
            load_one(tmp_path, grant_id, "".join(lines[:count]))


def test_a_broken_file_that_nobody_named_is_a_finding_and_the_others_load(data: Path) -> None:
    broken = changed(Fault(CRIME, "kronor = 15221733", "kronor = 1", says=()))
    (data / "grants" / f"{CRIME}.toml").write_text(broken, encoding="utf-8")
    book = data_folder.load(data, [], AS_OF)
    assert [g.grant_id for g in book.grants] == [EQUAL, AREAS, FUND]
    [finding] = book.broken
    assert (finding.rule, finding.grant, finding.file) == (
        "bidragsfil-trasig",
        CRIME,
        f"grants/{CRIME}.toml",
    )
    assert "Rätta fördelningen eller beloppet." in finding.message


@pytest.mark.parametrize(
    "make", [Path.mkdir, lambda path: path.symlink_to("borta.toml")], ids=["folder", "dead link"]
)
def test_a_grant_file_that_cannot_be_read_costs_no_other_grant(
    data: Path, make: Callable[[Path], None]
) -> None:
    path = data / "grants" / f"{CRIME}.toml"
    path.unlink()
    make(path)
    book = data_folder.load(data, [], AS_OF)
    assert [g.grant_id for g in book.grants] == [EQUAL, AREAS, FUND]
    assert [(f.rule, f.grant) for f in book.broken] == [("bidragsfil-trasig", CRIME)]
    assert f"grants/{CRIME}.toml" not in {name for name, _, _ in book.files}
    with pytest.raises(InputError, match=CRIME):
        data_folder.load(data, [CRIME], AS_OF)


def test_a_grant_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=f"Menade du {EQUAL}"):
        data_folder.load(DATA, ["mfof-2023-jamlik-tilgang"], AS_OF)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('"Hägersten-Ålvsjö"', '"Farsta"', ("farsta står på 2 nämnder", "Behåll det på en")),
        (
            'eftertradare = "jarva"',
            'eftertradare = "jarfa"',
            ("rinkeby-kista", "jarfa finns inte", "Lägg till"),
        ),
        ("till = 2023-06-30", "till = 2023-07-01", ("rinkeby-kista", "överlappar", "dagen före")),
        ('id = "farsta"', 'id = "Farsta"', ("namnd", "små bokstäver")),
        ('id = "farsta"', 'id = "farsta"\nchef = "x"', ("namnd", "chef", "är okänd")),
    ],
)
def test_a_broken_register_of_boards_stops_everything(
    data: Path, old: str, new: str, parts: tuple[str, ...]
) -> None:
    change(data / "boards.toml", old, new)
    with pytest.raises(InputError) as refused:
        data_folder.load(data, [], AS_OF)
    for part in ("boards.toml", *parts):
        assert part in str(refused.value)


# -- help for whoever adds a grant -----------------------------------------------------------------


def test_the_example_in_the_readme_works_as_pasted(tmp_path: Path) -> None:
    grant = load_one(tmp_path, "exempel-2025-sommar", examples()[0], date(2025, 9, 30))
    assert grant.allocations_on(date(2025, 9, 30)) == {
        ("farsta", "alla"): 600_000,
        ("jarva", "alla"): 400_000,
    }


def test_what_the_readme_adds_to_its_example_works_too(tmp_path: Path) -> None:
    whole, interest, wordings, later, words, exception, own = examples()
    written_once = re.search(r"\[villkor\.redovisning_till_staden\]\n.*?\n\n", whole, re.DOTALL)
    assert written_once
    counted = whole.replace('[villkor.ranta]\nokand = "Beslutet anger ingen ränta"\n', interest)
    content = "\n".join(
        [counted.replace(written_once[0], wordings + "\n"), later, words, exception, own]
    )
    grant = load_one(tmp_path, "exempel-2025-sommar", content, date(2025, 12, 31))
    assert grant.board_deadline_on == date(2026, 1, 30)
    assert "\nAlla nämnder erbjuder" in next(iter(grant.accounts.values()))
    assert grant.interest is not None
    assert (grant.interest.margin_percent, grant.interest.days_per_year) == (Decimal(8), 365)
    assert grant.allocated_on("farsta", date(2025, 9, 17)) == 600_000
    assert grant.allocated_on("farsta", date(2025, 9, 18)) == 550_000
    assert [(w.rule_id, w.board_id, w.cell) for w in grant.waivers] == [
        ("personnummer", "farsta", "I14")
    ]
    assert (grant.due["quarterly_return"].working_days, grant.remind_before) == (8, (15, 5, 1))


def test_the_readme_shows_the_message_that_the_program_gives(tmp_path: Path) -> None:
    too_much = examples()[0].replace('"Farsta" = 600000', '"Farsta" = 700000')
    with pytest.raises(InputError) as refused:
        load_one(tmp_path, "exempel-2025-sommar", too_much, date(2025, 9, 30))
    shown = (GRANTS / "README.md").read_text("utf-8").replace("\n> ", " ")
    assert plain(str(refused.value)) in plain(shown)


def test_the_readme_names_every_key() -> None:
    readme = (GRANTS / "README.md").read_text("utf-8")
    shapes = declaration.schema()["$defs"].values()
    keys = {key for shape in [declaration.schema(), *shapes] for key in shape["properties"]}
    assert not {key for key in keys if not re.search(rf"\b{key}\b", readme)}


def test_the_committed_schema_is_made_from_the_declaration() -> None:
    assert json.loads((GRANTS / "grant.schema.json").read_text("utf-8")) == declaration.schema()


def as_editors_see_it(content: str) -> object:
    return json.loads(json.dumps(tomllib.loads(content), default=str))


@pytest.mark.parametrize("path", sorted(GRANTS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_schema_accepts_every_grant_and_each_points_to_it(path: Path) -> None:
    content = path.read_text("utf-8")
    assert content.startswith("#:schema ./grant.schema.json\n")
    jsonschema.validate(as_editors_see_it(content), declaration.schema())


@pytest.mark.parametrize(
    "case",
    [
        "unknown key",
        "unknown key in a term",
        "missing term",
        "amount as text",
        "basis that isn't one",
    ],
)
def test_the_schema_refuses_what_the_program_refuses(case: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_editors_see_it(changed(BROKEN[case])), declaration.schema())


def test_the_schema_accepts_a_term_with_several_wordings() -> None:
    whole, wordings, *_ = examples()
    content = as_editors_see_it(whole)
    assert isinstance(content, dict)
    content["villkor"] |= json.loads(json.dumps(tomllib.loads(wordings), default=str))["villkor"]
    jsonschema.validate(content, declaration.schema())
