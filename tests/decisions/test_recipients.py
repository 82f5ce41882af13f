"""Recipients on their levels: out of lists, with ids of their own, each a part of somebody."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder, data_names
from statsbidrag.model.levels import (
    AGENCY_LEVEL,
    BOARD_LEVEL,
    CITY_LEVEL,
    PLAIN,
    LevelWords,
    Wording,
)
from statsbidrag.model.rulebook import Rulebook

ROOT = Path(__file__).parents[2]
NATION = ROOT / "data" / "nation"
AS_OF = date(2024, 2, 15)
EQUAL, CRIME = "mfof-2023-jamlik-tillgang", "mfof-2023-forebygga-kriminalitet"


@pytest.fixture(scope="module")
def nation() -> Rulebook:
    return data_folder.load(NATION, [EQUAL, CRIME], AS_OF)


def on(book: Rulebook, level_id: str) -> list[str]:
    return [board.board_id for board in book.boards if board.level_id == level_id]


def test_every_municipality_and_region_is_there_and_a_part_of_its_county(nation: Rulebook) -> None:
    assert [len(on(nation, level)) for level in ("kommun", "region", "lan", "riket")] == [
        290,
        21,
        21,
        1,
    ]
    for board_id in (*on(nation, "kommun"), *on(nation, "region")):
        county_id, whole_id = nation.above(board_id)
        assert county_id in on(nation, "lan")
        assert whole_id == "riket"
    assert list(nation.above("region-skane-12")) == ["skane-lan-12", "riket"]


def test_an_id_has_the_code_since_two_names_are_one_in_ascii(nation: Rulebook) -> None:
    assert (nation.board_named("Habo"), nation.board_named("Håbo")) == ("habo-0643", "habo-0305")
    assert nation.board("habo-0643").name == "Habo kommun"
    assert next(nation.above("habo-0643")) == "jonkopings-lan-06"


def test_a_recipient_in_two_roles_is_two_with_one_body(nation: Rulebook) -> None:
    region = nation.board("region-gotland-09")
    assert (region.same_as_id, region.level_id) == ("gotland-0980", "region")
    given = nation.grant(EQUAL).allocations_on(AS_OF)
    assert {("gotland-0980", "alla"), ("region-gotland-09", "alla")} <= set(given)


def test_a_grant_goes_to_those_on_its_level(nation: Rulebook) -> None:
    equal, crime = nation.grant(EQUAL), nation.grant(CRIME)
    assert (len(equal.allocations_on(AS_OF)), len(crime.allocations_on(AS_OF))) == (311, 74)
    assert sum(equal.allocations_on(AS_OF).values()) == 190_000_000
    assert sum(crime.allocations_on(AS_OF).values()) == 185_000_000
    assert equal.allocations_on(AS_OF)["stockholm-0180", "alla"] == 8_453_075
    assert crime.allocations_on(AS_OF)["stockholm-0180", "alla"] == 15_221_733
    assert (equal.level.words.many, crime.level.words.many) == ("mottagare", "kommuner")
    assert {nation.board(b).level_id for b, _ in crime.allocations_on(AS_OF)} == {"kommun"}


def test_every_sentence_that_is_cited_stands_in_its_document(nation: Rulebook) -> None:
    written = (ROOT / "data/sources/001_d1b83a7c19c29397.txt").read_text("utf-8")
    document = " ".join(re.sub(r"(?<=[a-zåäö])[0-9¹²³]", "", written).split())
    for grant in nation.grants:
        for term in grant.terms:
            if term.source.kind == "kalla":
                cited = re.sub(r"[¹²³]", "", term.source.text)
                assert cited in document, term.label


def test_a_city_says_nothing_of_levels() -> None:
    book = data_folder.load(ROOT / "data", [], AS_OF)
    assert {board.level_id for board in book.boards} == {BOARD_LEVEL.level_id}
    assert {board.above_id for board in book.boards} == {None}
    assert {grant.level for grant in book.grants} == {BOARD_LEVEL}
    assert book.organisation.wording.is_plain


# -- what can be written wrong ---------------------------------------------------------------------


CHANGES = {
    "a level that nobody has declared": (
        "boards.toml",
        'fil = "register/regioner.csv"\nniva = "region"',
        'fil = "register/regioner.csv"\nniva = "landsting"',
        "nivån landsting finns inte. Lägg till den under [[niva]].",
    ),
    "a level twice": (
        "boards.toml",
        'id = "regering"',
        'id = "kommun"',
        "boards.toml, niva: kommun står två gånger.",
    ),
    "a level of levels that there aren't": (
        "boards.toml",
        'omfattar = ["kommun", "region"]',
        'omfattar = ["kommun", "landsting"]',
        "niva mottagare: nivån landsting finns inte.",
    ),
    "somebody above who isn't there": (
        "boards.toml",
        'over = "riket"',
        'over = "riket-1"',
        "riket-1 finns inte. Rätta id, eller lägg till den.",
    ),
    "a part of itself": (
        "boards.toml",
        'niva = "riket"\nkalla',
        'niva = "riket"\nover = "skane-lan-12"\nkalla',
        "den är en del av sig själv",
    ),
    "a code that nobody above has": (
        "register/kommuner.csv",
        "0114,Upplands Väsby kommun,Upplands Väsby,01",
        "0114,Upplands Väsby kommun,Upplands Väsby,99",
        "register/kommuner.csv, rad 2: ingen på nivån lan har koden 99.",
    ),
    "an empty name": (
        "register/kommuner.csv",
        "0114,Upplands Väsby kommun,",
        "0114,,",
        "register/kommuner.csv, rad 2: municipality_name är tom. Fyll i den.",
    ),
    "a column that isn't there": (
        "boards.toml",
        'kod = "municipality_code"',
        'kod = "kommunkod"',
        "register/kommuner.csv: kolumnen kommunkod finns inte.",
    ),
    "more of somebody who is in no list": (
        "boards.toml",
        'id = "stockholm-0180"',
        'id = "stockholm-180"',
        "stockholm-180 står inte i någon förteckning. Rätta id.",
    ),
    "over and over_kod": (
        "boards.toml",
        'over_kod = "lanskod"',
        'over = "riket"\nover_kod = "lanskod"',
        "over och over_kod kan inte stå båda två.",
    ),
    "over_kod without its level": (
        "boards.toml",
        'over_kod = "lanskod"\nover_niva = "lan"',
        'over_kod = "lanskod"',
        "over_kod och over_niva hör ihop.",
    ),
    "a name that two have": (
        "register/kommuner.csv",
        "0115,Vallentuna kommun,Vallentuna,01",
        "0115,Upplands Väsby kommun,Vallentuna,01",
        "namnet upplands-väsby-kommun står på 2",
    ),
    "an organisation on no level": (
        "organisation.toml",
        'niva = "myndighet"',
        'niva = "verk"',
        "organisation.toml, nyckeln niva: nivån verk finns inte.",
    ),
    "a grant to no level": (
        f"grants/{CRIME}.toml",
        'niva = "kommun"',
        'niva = "by"',
        "nyckeln villkor.mottagarniva: nivån by finns inte.",
    ),
    "money to somebody on another level": (
        f"grants/{CRIME}.toml",
        '"Malmö kommun"',
        '"Region Skåne"',
        "Region Skåne hör inte till dem som bidraget fördelas till, kommuner.",
    ),
    "a list outside the folder": (
        "boards.toml",
        'fil = "register/lan.csv"',
        'fil = "../lan.csv"',
        "ska vara en fil i mappen med uppgifter",
    ),
    "a list that isn't there": (
        "boards.toml",
        'fil = "register/lan.csv"',
        'fil = "register/landskap.csv"',
        "register/landskap.csv finns inte.",
    ),
    "somebody who is a part of nothing": (
        "boards.toml",
        'fil = "register/lan.csv"\nniva = "lan"\nkod = "county_code"\nnamn = "county_name"\nover = "riket"',
        'fil = "register/lan.csv"\nniva = "lan"\nkod = "county_code"\nnamn = "county_name"',
        "är inte delar av samma helhet. Ange i boards.toml vad båda är en del av",
    ),
    "no list and no board": (
        "boards.toml",
        None,
        "format = 1\n",
        "namnd saknas. Lägg till minst en nämnd, eller en förteckning",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_way_to_write_it_wrong_is_told(name: str, tmp_path: Path) -> None:
    file, old, new, says = CHANGES[name]
    shutil.copytree(NATION, tmp_path / "data")
    path = tmp_path / "data" / file
    content = path.read_text("utf-8")
    if old is not None:
        assert old in content
        new = content.replace(old, new, 1)
    path.write_text(new, "utf-8")
    with pytest.raises(InputError, match=re.escape(says)):
        data_folder.load(tmp_path / "data", [EQUAL, CRIME], AS_OF)


def test_a_list_that_is_no_text_is_told(tmp_path: Path) -> None:
    shutil.copytree(NATION, tmp_path / "data")
    (tmp_path / "data/register/lan.csv").write_bytes("01,Örebro".encode("latin-1"))
    with pytest.raises(InputError, match=r"register/lan\.csv: filen går inte att läsa"):
        data_folder.load(tmp_path / "data", [], AS_OF)


# -- in which words --------------------------------------------------------------------------------

WORDS = Wording(
    giver=LevelWords("myndighet", "myndigheten", "myndigheter", "myndigheterna"),
    recipient=LevelWords("kommun", "kommunen", "kommuner", "kommunerna"),
    grantor=LevelWords("regering", "regeringen", "regeringar", "regeringarna"),
)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Nämnden har inte redovisat.", "Kommunen har inte redovisat."),
        ("nämndernas belopp, nämnds", "kommunernas belopp, kommuns"),
        (
            "Staden återrapporterar till myndigheten.",
            "Myndigheten återrapporterar till regeringen.",
        ),
        ("Räknat för kommunen som helhet", "Räknat för kommunerna tillsammans"),
        ("Socialnämnden och stadsdelsnämnden", "Socialnämnden och stadsdelsnämnden"),
        ('<section id="staden"><a href="#staden">', '<section id="staden"><a href="#staden">'),
        ("Stadgan om nämndemän", "Stadgan om nämndemän"),
        ("{name} är ingen nämnd.{near}", "{name} är ingen kommun.{near}"),
    ],
)
def test_the_words_of_a_level_take_the_places_of_the_houses(written: str, told: str) -> None:
    assert WORDS.said(written) == told
    assert PLAIN.said(written) == written


def test_the_houses_own_words_are_those_of_a_city() -> None:
    assert Wording(CITY_LEVEL.words, BOARD_LEVEL.words, AGENCY_LEVEL.words) == PLAIN


def test_a_report_rests_on_the_lists_that_its_recipients_stand_in(nation: Rulebook) -> None:
    grant = nation.grant(CRIME)
    rests_on = data_names.rested_on(
        grant.file, grant.report.report_id, [name for name, _, _ in nation.files]
    )
    assert rests_on == (
        f"grants/{CRIME}.toml",
        "boards.toml",
        "organisation.toml",
        "rapporter/nationell-uppfoljning.toml",
        "register/lan.csv",
        "register/kommuner.csv",
        "register/regioner.csv",
    )
