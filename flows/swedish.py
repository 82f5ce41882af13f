"""How kronor, dates, names and personal numbers are written in Sweden: read strictly, written correctly.

Amounts are `Decimal` kronor with at most two decimals (öre). Nothing here guesses: what has two readings is refused.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
MINUS = "\u2212"
ORE = Decimal("0.01")
ZONE = "Europe/Stockholm"
MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")

# -- read ------------------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"([-\u2212]?)([0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,13})(?:,([0-9]+))?([-\u2212]?)(?: ?kr|:-)?", re.IGNORECASE
)
_MACHINE_AMOUNT = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")
_PLAIN = re.compile("(?:[!-~\u00a1-\u00ac\u00ae-\u00ff–—‘’“”…]+(?: |$))*")
"""What needs no tidying: characters that are only themselves, with single spaces between."""
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def tidy(text: str) -> str:
    """Text as a person sees it: NFC, invisible characters dropped, every kind of blank one space, trimmed."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    seen = "".join(" " if _is_blank(c) else c for c in unicodedata.normalize("NFC", text) if _is_visible(c))
    return re.sub(" +", " ", seen).strip()


def _is_blank(char: str) -> bool:
    return char in "\t\n\r\v\f\x85" or unicodedata.category(char) in {"Zs", "Zl", "Zp"}


def _is_visible(char: str) -> bool:
    return _is_blank(char) or unicodedata.category(char) not in {"Cf", "Cc", "Cs"}


def key(text: str) -> str:
    """What two spellings of one name have in common: NFC, case folded, trimmed, dashes and blanks made alike."""
    folded = tidy(text).casefold()
    dashed = "".join("-" if c == MINUS or unicodedata.category(c) == "Pd" or c == " " else c for c in folded)
    return re.sub("-+", "-", dashed).strip("-")


def nearest(text: str, names: Iterable[str]) -> str | None:
    """The name most like `text`, or None when nothing is near enough to be a help."""
    by_key = {key(name): name for name in names}
    hits = difflib.get_close_matches(key(text), by_key, n=1, cutoff=0.6)
    return by_key[hits[0]] if hits else None


def parse_amount(text: str) -> Decimal | None:
    """Kronor from a Swedish amount written as text ("1 250 000,50 kr"); None when it can't be read without a guess.

    The minus may be the typographic one, which our own reports have, and it may stand after the figures, as accounting
    systems write it. Decimals are kept as written, so that a third one can be seen and refused by whoever asks.
    """
    match = _AMOUNT.fullmatch(tidy(text))
    if not match:
        return None
    before, whole, decimals, after = match.groups()
    if before and after:
        return None
    sign = "-" if before or after else ""
    return Decimal(f"{sign}{whole.replace(' ', '')}.{decimals or '0'}")


def has_odd_minus(text: str) -> bool:
    """Whether an amount is written with another minus than the hyphen in front of it, as programs write it."""
    clean = tidy(text)
    return MINUS in clean or "-" in clean[1:].removesuffix(":-")


def parse_machine_amount(text: str) -> Decimal | None:
    """Kronor written by a program with a decimal point ("1250.50"), as a CSV file may hold them.

    Three figures after the point are refused: "12.000" may as well be twelve thousand.
    """
    clean = tidy(text)
    return Decimal(clean) if _MACHINE_AMOUNT.fullmatch(clean) else None


def here(moment: datetime) -> datetime:
    """A moment by the clock on the wall in Sweden."""
    return moment.astimezone(ZoneInfo(ZONE))


def parse_date(text: str) -> date | None:
    """A day written "2023-12-31"; None for any other writing and for days that don't exist."""
    match = _DATE.fullmatch(tidy(text))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


_ODD_DATE = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})|([0-9]{4})-([0-9]{2})-([0-9]{2})[T ][0-9]{2}:[0-9]{2}[0-9:.]*Z?"
)


def parse_odd_date(text: str) -> date | None:
    """A day written as systems write it, "20231231" or with a time after it; None for all else."""
    match = _ODD_DATE.fullmatch(tidy(text))
    if not match:
        return None
    year, month, day = (part for part in match.groups() if part)
    return parse_date(f"{year}-{month}-{day}")


# -- personal numbers ------------------------------------------------------------------------------------------------

_PERSONAL = re.compile(
    r"(?<![0-9])(?:(?P<century>1[89]|20)?(?P<yy>[0-9]{2})(?P<mm>[0-9]{2})(?P<dd>[0-9]{2})"
    r" ?[-+.\u2010-\u2015\u2212]? ?"
    r"|(?P<century_>1[89]|20)(?P<yy_>[0-9]{2})(?P<between>[-. \u2010-\u2015\u2212])(?P<mm_>[0-9]{2})(?P=between)"
    r"(?P<dd_>[0-9]{2})(?:(?P=between)|[-+\u2010-\u2015\u2212]))(?P<last>[0-9]{4})(?![0-9])(?(between)(?!(?P=between)[0-9]))"
)
_DIGIT_RUN = re.compile(r"\d.{0,24}\d", re.DOTALL)


def mask_personal_numbers(text: str) -> tuple[str, bool]:
    """The text with every personnummer and samordningsnummer masked ("1912XXXX-XXXX"), and whether there was any.

    A number counts when its date exists (day + 60 for samordningsnummer) and its check digit is right
    (folkbokföringslagen 18 §; lag 2022:1697 2 kap. 8 §). Full-width digits, invisible characters and any dash, blank
    or full stop before the last four are seen through, and the parts of the day may stand apart ("1912-12-12-1212").
    A day and a blank and four digits ("2023-12-31 1015") pass: that is a time or an amount. Organisationsnummer
    (third digit 2 or more) are no dates and pass.
    """
    if not _DIGIT_RUN.search(text):
        return text, False
    plain, origin = _plain_with_origin(text)
    masked, at, found = [], 0, False
    place = 0
    while match := _PERSONAL.search(plain, place):
        place = match.start() + 1  # a number may begin within what looked like another
        if not _is_personal(match):
            continue
        place, found = match.end(), True
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        century = match["century"] or match["century_"]
        mask = f"{century}{match['yy'] or match['yy_']}XXXX-XXXX" if century else "XXXXXX-XXXX"
        masked += [text[at:start], mask]
        at = end
    return ("".join([*masked, text[at:]]), True) if found else (text, False)


def _plain_with_origin(text: str) -> tuple[str, list[int]]:
    """The text as digits would be read by a person, with each character's place in the original."""
    if _PLAIN.fullmatch(text):
        return text, list(range(len(text)))
    plain: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        if not _is_visible(char):
            continue
        for part in " " if _is_blank(char) else unicodedata.normalize("NFKC", char):
            if part == " " and plain and plain[-1] == " ":
                continue
            plain.append(part)
            origin.append(place)
    return "".join(plain), origin


def _is_personal(match: re.Match[str]) -> bool:
    century, year, written_month, written_day = (match[n] or match[f"{n}_"] for n in ("century", "yy", "mm", "dd"))
    month, day = int(written_month), int(written_day)
    day -= 60 if day > 60 else 0
    if not any(_is_day(int(begins + year), month, day) for begins in ([century] if century else ["19", "20"])):
        return False
    digits = year + written_month + written_day + match["last"]
    doubled = (int(d) * (2 - place % 2) for place, d in enumerate(digits))
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


# -- write -----------------------------------------------------------------------------------------------------------


def number(amount: Decimal | int) -> str:
    """Digits with fixed spaces between thousands and a decimal comma; öre only where there are any."""
    exact = Decimal(amount)
    whole = exact == exact.to_integral_value()
    text = f"{abs(exact):,.{0 if whole else 2}f}".replace(",", NBSP).replace(".", ",")
    return (MINUS if exact < 0 else "") + text


def kr(amount: Decimal | int) -> str:
    """An amount in kronor as it stands in running text: "1 978 155 kr", "1 250,50 kr"."""
    return f"{number(amount)}{NBSP}kr"


def percent(share: Decimal) -> str:
    """A share as percent with one decimal, half up: 0.8512 -> "85,1 %"."""
    tenths = (share * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) + 0  # no minus before a zero
    return f"{str(tenths).replace('-', MINUS).replace('.', ',')}{NBSP}%"


def long_date(day: date) -> str:
    """A day as it stands in running text: "1 februari 2024"."""
    return f"{day.day}{NBSP}{MONTHS[day.month - 1]}{NBSP}{day.year}"


def weekday(day: date) -> str:
    """The name of the day of the week: "torsdag"."""
    return WEEKDAYS[day.weekday()]


def counted(count: int, one: str, many: str) -> str:
    """How many of something, in digits: "1 dag", "12 dagar"."""
    return f"{number(count)}{NBSP}{one if count == 1 else many}"


def period(first: date, last: date) -> str:
    """A period with an en dash: "1 januari–31 december 2023"; the year once where it is the same."""
    start = long_date(first).rsplit(NBSP, 1)[0] if first.year == last.year else long_date(first)
    return f"{start}–{long_date(last)}"


def listing(words: Iterable[str]) -> str:
    """Words in a row as a sentence has them: "a, b och c"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} och {last}" if first else last


def say(value: object) -> str:
    """Any value as a Swedish sentence wants it: kronor, dates in digits, lists; None is an empty text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return kr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return listing(say(part) for part in value)
    return str(value)
