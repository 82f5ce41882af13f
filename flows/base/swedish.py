"""How kronor, dates, names and personal numbers are written in Sweden: read strictly, written
correctly.

Amounts are `Decimal` kronor with at most two decimals (öre). Nothing here guesses: what has two
readings is refused.
"""

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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


# -- read ------------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"([-\u2212]?)([0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,13})(?:,([0-9]+))?([-\u2212]?)(?: ?kr|:-)?",
    re.IGNORECASE,
)
_MACHINE_AMOUNT = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")
_PLAIN = re.compile("(?:[!-~\u00a1-\u00ac\u00ae-\u00ff–—‘’“”…]+(?: |$))*")
"""What needs no tidying: characters that are only themselves, with single spaces between."""
_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Every kind of blank: Unicode's separators and the controls that move on."""
_SPACED = str.maketrans(dict.fromkeys(_BLANKS, " "))
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@functools.lru_cache(maxsize=4096)  # the cells of a column say the same, and then share one text
def tidy(text: str) -> str:
    """Text as a person sees it: NFC, invisible characters dropped, every kind of blank one space,
    trimmed."""
    spaced = text.translate(_SPACED)
    if _PLAIN.fullmatch(spaced):
        return spaced.strip()
    seen = "".join(filter(_is_visible, unicodedata.normalize("NFC", spaced)))
    return re.sub(" +", " ", seen).strip()


def _is_visible(char: str) -> bool:
    return char in _BLANKS or unicodedata.category(char) not in {"Cf", "Cc", "Cs"}


@functools.lru_cache(maxsize=8192)  # the same names and codes are compared again and again
def key(text: str) -> str:
    """What two spellings of one name have in common: NFC, case folded, trimmed, dashes and blanks
    made alike."""
    folded = tidy(text).casefold()
    dashed = "".join(
        "-" if c == MINUS or unicodedata.category(c) == "Pd" or c == " " else c for c in folded
    )
    return re.sub("-+", "-", dashed).strip("-")


_LAST = {"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"}
"""The letters that a Swedish list has after z, as signs that come after z."""


def order(text: str) -> str:
    """What names are sorted by where people read them: å, ä and ö come last, in that order; other
    accents are none."""
    return "".join(
        _LAST.get(c) or unicodedata.normalize("NFD", c)[0] for c in tidy(text).casefold()
    )


def ident(text: str) -> str:
    """Words as an id: lower-case ASCII letters and digits, with hyphens between, as the ids of
    boards are; empty for what has no such characters."""
    plain = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", plain))


def nearest(text: str, names: Iterable[str]) -> str | None:
    """The name most like `text`, or None when nothing is near enough to be a help."""
    by_key = {key(name): name for name in names}
    hits = difflib.get_close_matches(key(text), by_key, n=1, cutoff=0.6)
    return by_key[hits[0]] if hits else None


def parse_amount(text: str) -> Decimal | None:
    """Kronor from a Swedish amount written as text ("1 250 000,50 kr"); None when it can't be read
    without a guess.

    The minus may be the typographic one, which our own reports have, and it may stand after the
    figures, as accounting systems write it. Decimals are kept as written, so that a third one can
    be seen and refused by whoever asks.
    """
    match = _AMOUNT.fullmatch(tidy(text))
    if not match:
        return None
    before, whole, decimals, after = match.groups()
    if before and after:
        return None
    sign = "-" if before or after else ""
    return Decimal(f"{sign}{whole.replace(' ', '')}.{decimals or '0'}")


def parse_kronor(text: str) -> Decimal | None:
    """An amount of at most two decimals; None for any other, as `parse_amount` has it."""
    amount = parse_amount(text)
    if amount is None or amount != amount.quantize(Decimal("0.01")):
        return None
    return amount


def has_odd_minus(text: str) -> bool:
    """Whether an amount is written with another minus than the hyphen in front of it, as programs
    write it."""
    clean = tidy(text)
    return MINUS in clean or "-" in clean[1:].removesuffix(":-")


def parse_machine_amount(text: str) -> Decimal | None:
    """Kronor written by a program with a decimal point ("1250.50"), as a CSV file may hold them.

    Three figures after the point are refused: "12.000" may as well be twelve thousand.
    """
    clean = tidy(text)
    return Decimal(clean) if _MACHINE_AMOUNT.fullmatch(clean) else None


def swedish_time(moment: datetime) -> datetime:
    """A moment by the clock on the wall in Sweden."""
    return moment.astimezone(ZoneInfo(ZONE))


def to_the_minute(recorded_at: str) -> str:
    """A moment of the log as people read it."""
    return recorded_at[:16].replace("T", " ")


def parse_date(text: str) -> date | None:
    """A day written "2023-12-31"; None for any other writing and for days that don't exist."""
    match = _DATE.fullmatch(tidy(text))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


_ODD_DATE = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})|"
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ][0-9]{2}:[0-9]{2}[0-9:.]*Z?"
)


def parse_odd_date(text: str) -> date | None:
    """A day written as systems write it, "20231231" or with a time after it; None for all else."""
    match = _ODD_DATE.fullmatch(tidy(text))
    if not match:
        return None
    year, month, day = (part for part in match.groups() if part)
    return parse_date(f"{year}-{month}-{day}")


# -- personal numbers ------------------------------------------------------------------------------

_DASHES = "\\-\u2010-\u2015\u2212"


def _pattern(blank: str, apart: str, again: str, after: str) -> re.Pattern[str]:
    """How a number is written, with `blank` for what may stand on either side of a sign between its
    parts."""
    between = rf"{blank}(?:[+.,/_{_DASHES}]{blank}){{0,3}}"
    return re.compile(
        rf"(?<![0-9])(?:(?P<century>1[89]|20)?(?P<yy>[0-9]{{2}})(?P<mm>[0-9]{{2}})(?P<dd>[0-9]{{2}}){between}"
        rf"|(?P<century_>1[89]|20)(?P<yy_>[0-9]{{2}})(?P<between>{apart})(?P<mm_>[0-9]{{2}}){again}"
        rf"(?P<dd_>[0-9]{{2}})(?:{again}|[+/_{_DASHES}]{{1,3}}))(?P<last>[0-9]{{4}})(?![0-9]){after}"
    )


_PERSONAL = _pattern(" ?", f"[./_ {_DASHES}]", "(?P=between)", "(?(between)(?!(?P=between)[0-9]))")
_ROUGHLY = _pattern(r"\s*+", rf"(?:[./_{_DASHES}]|\s++)", rf"(?:[./_{_DASHES}]|\s++)", "")
_RUN = re.compile("[0-9]{4,}")
_SIGNS = frozenset("+.,/_-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_MANY_BLANKS = re.compile(r"\s+")
_DIGIT_RUN = re.compile(r"\d.{0,24}\d", re.DOTALL)


@dataclass(frozen=True)
class PersonalNumber:
    """A personnummer or samordningsnummer in a text: where its digits are, and how it was
    written."""

    digits: tuple[int, ...]
    """The places in the text of the digits that tell who it is: all of them but a year of birth
    with its century."""
    bare: str | None
    """The ten digits, where they stand together with neither century nor any sign between; else
    None."""

    @property
    def may_be_mobile(self) -> bool:
        """Whether it may as well be a Swedish mobile number written together."""
        return self.bare is not None and self.bare.startswith("07")


def personal_numbers(text: str) -> list[PersonalNumber]:
    """Every personnummer and samordningsnummer in a text.

    A number counts when its date exists (day + 60 for samordningsnummer) and its check digit is
    right (folkbokföringslagen 18 §; lag 2022:1697 2 kap. 8 §). Digits of any script, invisible
    characters and blanks, dashes, points, commas, slashes and underscores before the last four are
    seen through, and the parts of the day may stand apart ("1912-12-12-1212"). A day and a blank
    and four digits ("2023-12-31 1015") pass: that is a time or an amount. Organisationsnummer
    (third digit 2 or more) are no dates and pass.
    """
    if not _DIGIT_RUN.search(text):
        return []
    plain, origin = _plain_with_origin(text)
    numbers = []
    place = 0
    while match := _PERSONAL.search(plain, place):
        place = match.start() + 1  # a number may begin within what looked like another
        if not _is_personal(match):
            continue
        place = match.end()
        is_dated = bool(match["century"] or match["century_"])
        digits = [at for at in range(*match.span()) if plain[at].isdigit()]
        places = dict.fromkeys(origin[at] for at in (digits[4:] if is_dated else digits))
        numbers.append(PersonalNumber(tuple(places), match[0] if len(match[0]) == 10 else None))
    return numbers


def holds_personal_number(text: str) -> bool:
    """Whether plain digits in a long text make a personal number, whatever blanks they stand among.

    Quick and rough: it tells what to look at, and sees neither digits of other scripts nor past
    invisible characters.
    """
    for run in _RUN.finditer(text):
        start, end = run.span()
        if end - start in {10, 12} and any(map(_is_personal, _ROUGHLY.finditer(run[0]))):
            return True
        if end - start == 4 and start and (text[start - 1] in _SIGNS or text[start - 1].isspace()):
            before = text[max(0, start - 300) : start]
            if before.isspace() or any(
                map(_is_personal, _to_the_end(f"{_MANY_BLANKS.sub(' ', before)}{run[0]}"))
            ):
                return True
    return False


def _to_the_end(text: str) -> Iterator[re.Match[str]]:
    """What looks like a number at the end of a text."""
    starts = (match.start() for match in re.finditer("(?<![0-9])[0-9]", text[-30:]))
    found = (_ROUGHLY.match(text[-30:], start) for start in starts)
    return (match for match in found if match and match.end() == len(text[-30:]))


def mask_personal_numbers(text: str) -> tuple[str, bool]:
    """The text with an X for each digit of its personal numbers ("1912XXXX-XXXX"), and whether
    there was any."""
    numbers = personal_numbers(text)
    return masked(text, numbers), bool(numbers)


def masked(text: str, numbers: Iterable[PersonalNumber]) -> str:
    """The text with an X for each digit of numbers that were found in it."""
    places = {place for number in numbers for place in number.digits}
    if not places:
        return text
    return "".join("X" if place in places else char for place, char in enumerate(text))


def _plain_with_origin(text: str) -> tuple[str, Sequence[int]]:
    """The text as digits would be read by a person, with each character's place in the original."""
    if _PLAIN.fullmatch(text):
        return text, range(len(text))
    plain: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        if not _is_visible(char):
            continue
        for part in " " if char in _BLANKS else unicodedata.normalize("NFKC", char):
            if part == " " and plain and plain[-1] == " ":
                continue
            plain.append(str(unicodedata.decimal(part, part)))
            origin.append(place)
    return "".join(plain), origin


def _is_personal(match: re.Match[str]) -> bool:
    century, year, written_month, written_day = (
        match[n] or match[f"{n}_"] for n in ("century", "yy", "mm", "dd")
    )
    month, day = int(written_month), int(written_day)
    day -= 60 if day > 60 else 0
    if not any(
        _is_day(int(begins + year), month, day)
        for begins in ([century] if century else ["19", "20"])
    ):
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


# -- write -----------------------------------------------------------------------------------------


def number(amount: Decimal | int) -> str:
    """Digits with fixed spaces between thousands and a decimal comma; öre only where there are
    any."""
    exact = Decimal(amount)
    whole = exact == exact.to_integral_value()
    text = f"{abs(exact):,.{0 if whole else 2}f}".replace(",", NBSP).replace(".", ",")
    return (MINUS if exact < 0 else "") + text


def kr(amount: Decimal | int) -> str:
    """An amount in kronor as it stands in running text: "1 978 155 kr", "1 250,50 kr"."""
    return f"{number(amount)}{NBSP}kr"


def kr_if_known(amount: Decimal | None) -> str:
    """An amount in kronor in running text, "okänt" for one that nobody knows."""
    return "okänt" if amount is None else kr(amount)


def percent(share: Decimal, decimals: int = 1) -> str:
    """A share as percent with so many decimals, half up: 0.8512 -> "85,1 %"."""
    rounded = (share * 100).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    ) + 0  # no minus before a zero
    return f"{str(rounded).replace('-', MINUS).replace('.', ',')}{NBSP}%"


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
    """A period with an en dash: "1 januari–31 december 2023"; the year once where it is the
    same."""
    start = long_date(first).rsplit(NBSP, 1)[0] if first.year == last.year else long_date(first)
    return f"{start}–{long_date(last)}"


def capital(words: str) -> str:
    """Words with a capital first, as a sentence begins."""
    return words[:1].upper() + words[1:]


def listing(words: Iterable[str]) -> str:
    """Words in a row as a sentence has them: "a, b och c"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} och {last}" if first else last


def say(value: object) -> str:
    """Any value as a Swedish sentence wants it: kronor, dates in digits, lists; None is an empty
    text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return kr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return listing(say(part) for part in value)
    return str(value)
