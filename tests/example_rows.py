"""What the example returns are made of, whoever sends them: insatser, the rows of a workbook, and
what every board answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from statsbidrag.model.boards import Board

Line = dict[str, object]
"""A row of a table in a workbook, by the headers of its columns."""


@dataclass(frozen=True)
class Activity:
    """An insats that a board may run: its words, who is paid for it, and how many it reaches."""

    name: str
    area: str
    target_area: str | None
    target_group: str
    staff: str
    description: str
    results: tuple[str, ...]
    reached: tuple[int, int] = (0, 0)
    """How many women and how many men it reaches in a board of middling size."""


KNOWLEDGE, ACCESS, ORGANISATION = (
    "Ett kunskapsbaserat arbetssätt",
    "Ett tillgängligt stöd",
    "En stödjande organisation",
)
ACCOUNTS = {
    "Personalkostnader": "5020",
    "Kompetensutveckling och handledning": "7410",
    "Köpta tjänster": "7430",
    "Material och trycksaker": "6410",
    "Lokaler och arrangemang": "6010",
    "Information och kommunikation": "6850",
    "Resor": "7010",
}
BOUGHT = {
    "Kompetensutveckling och handledning": ("Utbildningsdagar", "Handledning", "Kursavgifter"),
    "Köpta tjänster": ("Tolk vid gruppträffar", "Föreläsare", "Barnpassning under gruppträffar"),
    "Material och trycksaker": ("Kursmaterial", "Tryck av foldrar", "Arbetsböcker"),
    "Lokaler och arrangemang": ("Hyra av lokal", "Temakväll", "Lokal och kaffe till gruppträffar"),
    "Information och kommunikation": ("Annonser i lokalpress", "Översättning av information"),
    "Resor": ("Resor till utbildning", "Resor inom staden"),
}


def filled_in_on(period_end: date) -> date:
    """The day that a return is made and attested: the tenth of the month after its period."""
    return date(period_end.year + period_end.month // 12, period_end.month % 12 + 1, 10)


def answers(board: Board, on: date) -> Line:
    """What a board answers in every return, and who attests it on a day."""
    office = f"{board.name} stadsdelsförvaltning"
    return {
        "ersatter_befintlig": "Nej",
        "annan_finansiering": "Nej",
        "kontaktperson": f"Ekonom, {office}",
        "epost": f"ekonomi.{board.board_id}@example.org",
        "intygas_av": f"Ekonomichef, {office}",
        "intygas_befattning": "Ekonomichef",
        "intygas_den": on,
    }


def cost(activity: Activity, kind: str, day: date, ore: int) -> Line:
    """A line of Kostnader."""
    return {
        "Insats": activity.name,
        "Område": activity.area,
        "Kostnadsslag": kind,
        "Konto": ACCOUNTS[kind],
        "Datum": day,
        "Belopp": Decimal(ore) / 100,
    }


def result(activity: Activity, women: int, men: int, unknown: int, words: str) -> Line:
    """A row of Insatser."""
    return {
        "Insats": activity.name,
        "Område": activity.area,
        "Målområde": activity.target_area,
        "Målgrupp": activity.target_group,
        "Beskrivning": activity.description,
        "Antal kvinnor": women,
        "Antal män": men,
        "Antal okänt kön": unknown,
        "Resultat": words,
    }


def split(ore: int, weights: list[int]) -> list[int]:
    """A sum in öre in parts after weights; the last part takes what the division leaves."""
    parts = [ore * weight // sum(weights) for weight in weights]
    return [*parts[:-1], ore - sum(parts[:-1])]
