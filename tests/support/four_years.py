"""A made-up grant of four years, after the city's own social investment of 2017–2020 whose amounts
nobody has published: a boards' merger, a later decision for one year, and what boards send in."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from tests.support.drawn import D
from tests.support.reckoning import Filling, Line, Measured, Post
from tests.support.way import load_one

FOUR_YEARS = "fyra-ar-2017"
AREAS = ("Råd- och stödsamtal", "Utökade hembesök", "Strukturerade program", "Öppna förskolor")
BOARDS = {
    "Rinkeby-Kista": "rinkeby-kista",
    "Hässelby-Vällingby": "hasselby-vallingby",
    "Farsta": "farsta",
    "Skärholmen": "skarholmen",
    "Enskede-Årsta-Vantör": "enskede-arsta-vantor",
    "Älvsjö": "alvsjo",
    "Hägersten-Liljeholmen": "hagersten-liljeholmen",
}
"""Seven boards of the outer city; the last two became Hägersten-Älvsjö on 1 July 2020."""
YEARS = (2017, 2018, 2019, 2020)
_BEFORE = """\
format = 1
id = "fyra-ar-2017"
namn = "Påhittad satsning på tidigt stöd 2017–2020"
kortnamn = "Tidigt stöd 2017–2020"
rapport = "stadens-fond"

[villkor.bidragsgivare]
namn = "Påhittade fonden"
kortnamn = "Fonden"
slag = "egen"
antagande = "Påhittat."
[villkor.andamal]
varde = "Ett tidigt stöd till föräldrar"
antagande = "Påhittat."
[villkor.stadens_dnr]
okand = "Finns inte"
[villkor.belopp]
kronor = 28000010
antagande = "Påhittat."
[villkor.forbrukningsperiod]
fran = 2017-01-01
till = 2020-12-31
antagande = "Påhittat."
[villkor.retroaktiv_anvandning]
varde = "Nej"
antagande = "Påhittat."
[villkor.omraden]
tillatna = [{areas}]
antagande = "Påhittat."
[villkor.malomraden]
varden = ["Universellt stöd"]
antagande = "Påhittat."
[villkor.kostnadsslag]
tillatna = ["Personalkostnader", "Lokaler"]
ej_tillatna = ["Representation"]
antagande = "Påhittat."
[villkor.far_inte_anvandas_till]
okand = "Inget är sagt"
[villkor.redovisning_till_staden]
datum = 2021-01-20
antagande = "Påhittat."
[villkor.aterrapport_till_myndigheten]
datum = 2021-03-01
antagande = "Påhittat."
[villkor.aterbetalning_senast]
okand = "Ingen dag"
[villkor.aterbetalningsbas]
bas = "namnd"
antagande = "Påhittat."
[villkor.aterbetalningsgrunder]
varden = ["Medel som inte har använts"]
antagande = "Påhittat."
[villkor.overforing_till_nasta_ar]
{rule}
antagande = "Påhittat."
[villkor.ranta]
okand = "Ingen ränta"
"""
_DECISION = """
[[beslut]]
id = "{ident}"
datum = {on}
beslutat_av = "Socialnämnden"
avser = {{ fran = {year}-01-01, till = {year}-12-31 }}
antagande = "Påhittat."

[beslut.fordelning]
{amounts}
"""
INTERIM = """
[[delrapport]]
id = "halvtid"
namn = "Delrapport september 2019"
dag = 2019-08-31
senast = 2019-10-22
mottagare = ["Socialnämnden"]
for_kannedom = ["samtliga stadsdelsnämnder"]
antagande = "Påhittat."
"""
MEASURES = (
    "Råd- och stödsamtal",
    "Utökade hembesök",
    "Strukturerade program",
    "Öppna förskolor",
    "Stärkt i föräldraskapet",
)
"""What `with_measures` asks for; the last one is a rating."""
_MEASURES = """
[villkor.tjanster]
minst = 2
hogst = 3
roller = ["Föräldrarådgivare"]
kostnadsslag = ["Personalkostnader"]
antagande = "Påhittat."

[[uppdelning]]
id = "kon"
namn = "Förälderns kön"
delar = ["Kvinnor", "Män"]
kon = true

[[uppdelning]]
id = "sprak"
namn = "Förälderns språk"
delar = ["Svenska", "Engelska", "Arabiska", "Annat språk"]

[[matt]]
id = "rad-och-stodsamtal"
namn = "Råd- och stödsamtal"
enhet = "föräldrar"
delas = ["kon", "sprak"]
malomrade = "Universellt stöd"
antagande = "Påhittat."

[[matt]]
id = "utokade-hembesok"
namn = "Utökade hembesök"
enhet = "föräldrar"
delas = ["kon"]
antagande = "Påhittat."

[[matt]]
id = "strukturerade-program"
namn = "Strukturerade program"
enhet = "föräldrar"
delas = ["kon"]
antagande = "Påhittat."

[[matt]]
id = "oppna-forskolor"
namn = "Öppna förskolor"
enhet = "besök"
delas = ["kon"]
brott = [{ fran = 2019-01-01, skal = "Från 2019 räknas besök och inte personer." }]
antagande = "Påhittat."

[[matt]]
id = "starkt-i-foraldraskapet"
namn = "Stärkt i föräldraskapet"
enhet = "föräldrar"
fraga = "Jag känner mig stärkt i min roll som förälder"
delas = ["kon"]
antagande = "Påhittat."
"""
SHARE = 'regel = "andel"\nandel = 0.10'


def grant_file(rule: str = SHARE) -> str:
    """The grant's file: a million a year for each board, less for Farsta from 2019 by a later
    decision."""
    quoted = ", ".join(f'"{area}"' for area in AREAS)
    text = _BEFORE.format(areas=quoted, rule=rule)
    million = "\n".join(f'"{name}" = 1000000' for name in BOARDS)
    for year in YEARS:
        on = date(2016, 12, 1)
        text += _DECISION.format(ident=f"for-{year}", on=on, year=year, amounts=million)
    text += _DECISION.format(
        ident="omfordelning", on="2019-05-02", year=2019, amounts='"Farsta" = 700000.50'
    )
    return text + INTERIM


def refusal(folder: Path, content: str) -> str:
    """Why a grant file with some content isn't read; it says which file it is."""
    with pytest.raises(InputError) as refused:
        load_one(folder, FOUR_YEARS, content)
    message = str(refused.value)
    assert message.startswith(f"grants/{FOUR_YEARS}.toml")
    return message


def with_measures(text: str) -> str:
    """A grant file that also asks for posts, for four measures and for a rating."""
    return text + _MEASURES


POSTS = (
    Post("Föräldrarådgivare", D(100), date(2017, 3, 1), stays=True),
    Post("Föräldrarådgivare", D("75.5"), date(2017, 9, 1), date(2019, 8, 31)),
)
"""Two posts, one of them ended."""


def counted(period_end: date, more: int = 0) -> dict[Measured, tuple[int, ...]]:
    """A count in every row that `with_measures` asks for up to a day: 100 and `more` in all, of
    which 20 of each part and the rest of the first. Of those who rate, half agree, and twice as
    many were asked."""
    languages = ("Svenska", "Engelska", "Arabiska", "Annat språk", "Okänt")
    counts: dict[Measured, tuple[int, ...]] = {}
    for measure in MEASURES:
        splits = {"Förälderns kön": ("Kvinnor", "Män", "Okänt")}
        if measure == MEASURES[0]:
            splits["Förälderns språk"] = languages
        is_rating = measure == MEASURES[-1]
        for year in YEARS:
            if date(year, 1, 1) > period_end:
                continue
            total = 20 * len(languages) + more
            rows = {("Alla", "Alla"): total}
            for split, own in splits.items():
                rows |= {(split, part): 20 for part in own}
                rows[split, own[0]] = total - 20 * (len(own) - 1)
            for (split, part), count in rows.items():
                about = (measure, str(year), split, part)
                counts[about] = (count // 2, count, 2 * count) if is_rating else (count,)
    return counts


def used_in(board: str, year: int) -> Decimal:
    """What a board uses of a year, in kronor: some less, some more, one nearly nothing."""
    place = list(BOARDS.values()).index(board)
    shares = (D("0.85"), D("0.97"), D("1.10"), D("1"), D("0.05"), D("0.925"), D("0.80"))
    return 1_000_000 * shares[(place + year) % len(shares)] + D("0.25") * place


def lines(board: str, until: date) -> tuple[Line, ...]:
    """Four lines a year, on the last day of each quarter, and one that isn't paid for."""
    written = []
    for year in YEARS:
        for number, day in enumerate(
            (date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31))
        ):
            if day <= until:
                amount = (used_in(board, year) / 4).quantize(D("0.01"))
                written.append(Line(day, "Personalkostnader", AREAS[number], amount))
    if board == "farsta":
        written.append(Line(date(2018, 5, 2), "Representation", AREAS[0], D("1200.50")))
    return tuple(written)


def fillings(period_end: date) -> list[Filling]:
    """What the boards have sent in to a day: Skärholmen nothing; after the merger each of the two
    to its last day, and the new board what came after."""
    sent = []
    merged_on = date(2020, 6, 30)
    for board in BOARDS.values():
        if board == "skarholmen":
            continue
        own_end = period_end
        if board in {"alvsjo", "hagersten-liljeholmen"}:
            own_end = min(period_end, merged_on)
        sent.append(Filling(board, own_end, 1, lines(board, own_end), forecast=D(4000000)))
    if period_end > merged_on:
        after = [Line(date(2020, 12, 1), "Lokaler", AREAS[3], D("900000"))]
        sent.append(Filling("hagersten-alvsjo", period_end, 1, tuple(after), forecast=D(900000)))
    return sent
