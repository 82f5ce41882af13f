"""What is unclear in a table of a decision document, and what a person does about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...base import swedish


@dataclass(frozen=True)
class Doubt:
    """Something in a document that a person has to look at."""

    code: str
    """What kind it is, such as "tabell-flertydig"."""
    line_nos: tuple[int, ...]
    """The lines that it is about, from 1; in a table of cells its rows."""
    text: str
    """What is unclear and what to do, in Swedish."""
    is_unread: bool = True
    """Whether nothing was read for it; else it tells of something that was read as it stands."""


class UnclearError(Exception):
    """A table that can't be read without a guess."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.text)
        self.doubt = doubt


def _lines(line_nos: Sequence[int]) -> str:
    first, last = min(line_nos), max(line_nos)
    return f"Rad {first}" if first == last else f"Rad {first}–{last}"


# -- nothing is read -------------------------------------------------------------------------------


def ambiguous(line_nos: Sequence[int]) -> Doubt:
    """Several ways to read the columns fit."""
    return Doubt(
        "tabell-flertydig",
        tuple(line_nos),
        f"{_lines(line_nos)}: siffrorna i tabellen kan delas i kolumner på mer än ett sätt som går "
        "ihop med summaraden. Skriv in beloppen för hand.",
    )


def unsummed(line_nos: Sequence[int]) -> Doubt:
    """Several ways to read the columns, and no total to choose by."""
    return Doubt(
        "tabell-flertydig",
        tuple(line_nos),
        f"{_lines(line_nos)}: siffrorna i tabellen kan delas i kolumner på mer än ett sätt, och "
        "det finns ingen summarad som avgör. Skriv in beloppen för hand.",
    )


def contradictory(line_nos: Sequence[int]) -> Doubt:
    """No way to read the columns adds up."""
    return Doubt(
        "tabell-gar-inte-ihop",
        tuple(line_nos),
        f"{_lines(line_nos)}: det finns inget sätt att dela siffrorna i kolumner som går ihop med "
        "summaraden. Jämför med dokumentet och skriv in beloppen för hand.",
    )


def not_the_total(line_nos: Sequence[int], column: str, summed: Decimal, total: Decimal) -> Doubt:
    """A column's rows are far from its total."""
    return Doubt(
        "tabell-gar-inte-ihop",
        tuple(line_nos),
        f"{_lines(line_nos)}: raderna i kolumnen {column} är tillsammans {swedish.kr(summed)}, men "
        f"summaraden säger {swedish.kr(total)}. Jämför med dokumentet och skriv in beloppen för "
        "hand.",
    )


def too_many_ways(line_nos: Sequence[int]) -> Doubt:
    """More ways than can be tried."""
    return Doubt(
        "tabell-for-manga-satt",
        tuple(line_nos),
        f"{_lines(line_nos)}: siffrorna i tabellen kan delas i kolumner på så många sätt att de "
        "inte kan prövas. Skriv in beloppen för hand.",
    )


def unreadable(line_no: int, name: str) -> Doubt:
    """A row has something that is no number."""
    return Doubt(
        "belopp-olasligt",
        (line_no,),
        f"Rad {line_no}: beloppet för {name} går inte att läsa utan att gissa. Skriv in tabellen "
        "för hand.",
    )


def unclear_column(line_nos: Sequence[int], column: str) -> Doubt:
    """A column may be kronor or something else."""
    return Doubt(
        "kolumn-oklar",
        tuple(line_nos),
        f"{_lines(line_nos)}: det går inte att säga vilka tal som är kronor ({column}). Skriv in "
        "beloppen för hand.",
    )


def unclear_unit(line_nos: Sequence[int], unit: str) -> Doubt:
    """The amounts may be thousands or millions of kronor."""
    return Doubt(
        "enhet-oklar",
        tuple(line_nos),
        f"{_lines(line_nos)}: tabellen verkar vara i {unit}, inte i kronor. Skriv in beloppen för "
        "hand, i kronor.",
    )


def twice(line_nos: Sequence[int], name: str) -> Doubt:
    """Two rows are the same board's."""
    return Doubt(
        "namnd-tva-ganger",
        tuple(line_nos),
        f"{_lines(line_nos)}: två rader i tabellen lästes som {name}. Kontrollera namnen och skriv "
        "in beloppen för hand.",
    )


def lonely(line_no: int, name: str) -> Doubt:
    """A row that no other row or total belongs to."""
    return Doubt(
        "rad-ensam",
        (line_no,),
        f"Rad {line_no}: {name} följs av siffror, men det finns varken fler rader eller någon "
        "summa. Om det är en fördelning, skriv in den för hand.",
    )


def no_kronor(line_nos: Sequence[int]) -> Doubt:
    """A table of boards with no amounts in it."""
    return Doubt(
        "kronor-saknas",
        tuple(line_nos),
        f"{_lines(line_nos)}: tabellen har nämnder men inget som är kronor, så den lästes inte som "
        "en fördelning. Kontrollera i dokumentet att det stämmer.",
    )


def different(line_nos: Sequence[int], rows: Sequence[str]) -> Doubt:
    """The same table stands twice, and not alike."""
    return Doubt(
        "tabeller-olika",
        tuple(line_nos),
        f"{_lines(line_nos)}: samma tabell står mer än en gång, men olika för "
        f"{swedish.listing(rows)}. Ta reda på vilken som gäller och skriv in den för hand.",
    )


# -- read, and told --------------------------------------------------------------------------------


def cross_foot(line_no: int, column: str, summed: Decimal, total: Decimal) -> Doubt:
    """A total that rounding may explain: kept as it was decided."""
    return Doubt(
        "summa-skiljer",
        (line_no,),
        f"Rad {line_no}: raderna i kolumnen {column} är tillsammans {swedish.kr(summed)}, men "
        f"summaraden säger {swedish.kr(total)}. Båda lästes som de står. Rätta inte: skillnaden "
        "redovisas som ej fördelad.",
        is_unread=False,
    )


def no_total(line_nos: Sequence[int]) -> Doubt:
    """There is nothing to check the amounts against."""
    return Doubt(
        "summa-saknas",
        tuple(line_nos),
        f"{_lines(line_nos)}: tabellen har ingen summarad att kontrollera mot. Jämför varje belopp "
        "med dokumentet.",
        is_unread=False,
    )


def nearest_name(line_no: int, text: str, name: str) -> Doubt:
    """A name that isn't the board's own."""
    return Doubt(
        "namn-narmast",
        (line_no,),
        f"Rad {line_no}: ”{text}” lästes som {name}. Kontrollera att det är den nämnden.",
        is_unread=False,
    )


def unknown_name(line_no: int, text: str) -> Doubt:
    """A name that is no board's."""
    return Doubt(
        "namn-okant",
        (line_no,),
        f"Rad {line_no}: ”{text}” finns inte i förteckningen över nämnder. Ange vilken nämnd "
        "det är, eller lägg till den i data/boards.toml.",
        is_unread=False,
    )


def kept_out(line_nos: Sequence[int], column: str, why: str) -> Doubt:
    """A column that isn't kronor."""
    return Doubt(
        "kolumn-utelamnad",
        tuple(line_nos),
        f"{_lines(line_nos)}: kolumnen {column} togs inte med: {why}. Kontrollera att den inte är "
        "belopp som ska fördelas.",
        is_unread=False,
    )


def unclear_headings(line_nos: Sequence[int], text: str) -> Doubt:
    """The columns are clear, but not what each is called."""
    told = f"”{text}”" if text else "som saknas"
    return Doubt(
        "rubriker-oklara",
        tuple(line_nos),
        f"{_lines(line_nos)}: det går inte att säga vilken kolumn som har vilken rubrik ({told}). "
        "Skriv vad var och en av dem avser.",
        is_unread=False,
    )


def ambiguous_heading(line_nos: Sequence[int], column: str) -> Doubt:
    """A heading that speaks of kronor and of something else."""
    return Doubt(
        "rubrik-oklar",
        tuple(line_nos),
        f"{_lines(line_nos)}: kolumnen {column} lästes som kronor, men rubriken nämner annat "
        "också. Kontrollera att det är belopp.",
        is_unread=False,
    )


def row_sum(line_no: int, name: str, column: str) -> Doubt:
    """A row in which the column of sums is another than the sum of the others."""
    return Doubt(
        "radsumma-skiljer",
        (line_no,),
        f"Rad {line_no}: för {name} är kolumnen {column} inte summan av de andra kolumnerna, som "
        "den är i övriga rader. Jämför med dokumentet.",
        is_unread=False,
    )
