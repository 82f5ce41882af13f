"""The example returns of the city's own fund: what boards of the outer city might have reported of
2017–2020, made up in all its parts.

The city's paper names no boards and no amounts. Each sender has one return for all four years, or
for those of its days that fall in them: two boards became one on 1 July 2020.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from statsbidrag.model.boards import Assignment
from statsbidrag.model.decisions import Grant
from statsbidrag.model.measures import WHOLE, Measure, Split
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template
from tests.example_rows import (
    ACCESS,
    BOUGHT,
    KNOWLEDGE,
    Activity,
    Line,
    answers,
    cost,
    filled_in_on,
    result,
    split,
)
from tests.support.filling import fill
from tests.support.reckoning import Measured

PLANTED = {
    "skarholmen": "has sent nothing",
    "hasselby-vallingby": "had a post that was vacant from September to December 2018",
    "rinkeby-kista": "has a post of 75 %",
    "farsta": "has left the rating of 2017 blank",
    "enskede-arsta-vantor": "has parts of 2018, by language, that are fewer than all (matt-delar)",
    "alvsjo": "predecessor: reports to June 2020, which counts under Hägersten-Älvsjö; small counts",
    "hagersten-liljeholmen": "predecessor: reports to June 2020, as Älvsjö does",
    "hagersten-alvsjo": "successor: reports July-December 2020",
}
"""What is special about a board's return."""


# -- what the boards did ---------------------------------------------------------------------------


TALKS, VISITS, COURSES, PLAY, OUTREACH = (
    "rad-och-stodsamtal",
    "utokade-hembesok",
    "strukturerade-program",
    "oppna-forskolor",
    "tillgangligt-stod",
)
"""The insatser; all but the last by the measure that counts whom they reach."""
ACTIVITIES = {
    TALKS: Activity(
        "Råd- och stödsamtal hos föräldrarådgivare",
        "Råd- och stödsamtal",
        ACCESS,
        "Blivande föräldrar och föräldrar till barn 0–6 år",
        "föräldrarådgivare",
        "Upp till fem samtal utan remiss och utan journal, på den öppna förskolan, på "
        "barnavårdscentralen eller hemma.",
        (
            "Föräldrarna får en första tid inom två veckor, och de flesta är nöjda efter tre samtal.",
            "Barnavårdscentralerna hänvisar nu föräldrar till rådgivarna varje vecka.",
            "Fler föräldrar söker stöd medan barnet är under ett år, innan svårigheterna har vuxit.",
            "Föräldrar från hela stadsdelsområdet har haft samtal, också de som ingen annan når.",
        ),
    ),
    VISITS: Activity(
        "Hembesök tillsammans med barnhälsovården",
        "Utökade hembesöksprogram",
        ACCESS,
        "Förstagångsföräldrar med barn under 15 månader",
        "föräldrarådgivare",
        "Föräldrarådgivare och sjuksköterska gör sex gemensamma hembesök hos familjer med sitt "
        "första barn.",
        (
            "Nio av tio familjer som fick frågan tackade ja. De flesta fick alla sex besöken.",
            "Familjerna hittar till den öppna förskolan tidigare än förut, ofta båda föräldrarna.",
            "Papporna är med vid mer än hälften av besöken.",
        ),
    ),
    COURSES: Activity(
        "Föräldraskapsstödsprogram i grupp",
        "Strukturerade föräldraskapsstödsprogram",
        KNOWLEDGE,
        "Föräldrar till barn 0–6 år",
        "föräldrarådgivare",
        "Program i grupp på kvällstid, med barnpassning. Från april 2020 gavs de digitalt.",
        (
            "Två grupper har getts varje termin, och åtta av tio deltagare har fullföljt.",
            "De digitala grupperna under 2020 nådde fler pappor än de som gavs på plats.",
            "Deltagarna uppger att de har lättare att möta barnets ilska utan att själva bli arga.",
        ),
    ),
    PLAY: Activity(
        "Föräldrarådgivare på öppna förskolan",
        "Öppna förskolor",
        ACCESS,
        "Föräldrar som besöker en öppen förskola",
        "föräldrarådgivare",
        "Föräldrarådgivaren är på den öppna förskolan två dagar i veckan och leder temasamtal.",
        (
            "Temasamtalen leder ofta till ett enskilt samtal. Tröskeln har blivit lägre.",
            "Fler pappor kommer sedan en eftermiddag i veckan har fått längre öppettid.",
            "Under pandemin hölls träffarna utomhus, och de flesta familjer fortsatte att komma.",
        ),
    ),
    OUTREACH: Activity(
        "Information och samverkan för att nå fler",
        "Strategier för att göra stödet tillgängligt",
        ACCESS,
        "Föräldrar som sällan söker stöd",
        "föräldrarådgivare",
        "Information på flera språk, samverkan med föreningar och en gemensam ingång till stödet.",
        (
            "Stödet beskrivs på sju språk, och två föreningar berättar om det på sina träffar.",
            "Barnmorskemottagningen berättar om stödet för alla blivande föräldrar.",
            "Mottagningen för försörjningsstöd ger information om stödet till alla småbarnsföräldrar.",
        ),
    ),
}
A_YEAR = {TALKS: 170, VISITS: 46, COURSES: 58, PLAY: 380}
"""How many parents a board of middling size reaches in a middling year."""
MOTHERS = {TALKS: 71, VISITS: 57, COURSES: 67, PLAY: 76}
"""Of a hundred parents. Of two nobody has noted the sex."""
PACE = {2017: 48, 2018: 92, 2019: 110, 2020: 81}
"""Per cent of a middling year: the start, the growth, and the year of the pandemic."""
SALARY = {2017: 46_200, 2018: 47_400, 2019: 48_700, 2020: 49_900}
"""Kronor a month for a full-time post, with the employer's fees."""


# -- what each board sends -------------------------------------------------------------------------

FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2020, 12, 31)
MERGER = date(2020, 7, 1)
BEFORE_MERGER = MERGER - timedelta(days=1)
ROLE = "Föräldrarådgivare"
Counts = dict[Measured, dict[str, int]]
"""The counts of rows of Mått, by what the row is about and by the header of their column."""
Twist = Callable[[Counts], None]


@dataclass(frozen=True)
class Post:
    """A post that the grant pays, from the first day of a month to the last day of one; after a
    vacancy it is one more."""

    insats: str
    from_on: date
    to_on: date | None = None
    percent: int = 100
    stays: str | None = None


def _as_counted(counts: Counts) -> None:
    """Nothing is odd about it."""


@dataclass(frozen=True)
class Sending:
    """One return: who sends it, for which days, and what is odd about it."""

    board_id: str
    size: int
    """How many parents it reaches, in per cent of a board of middling size."""
    languages: tuple[int, int, int]
    """Of a hundred talks, how many in Swedish, in English and in other languages."""
    posts: tuple[Post, ...]
    has_visits: bool = False
    from_on: date = FIRST_DAY
    period_end: date = LAST_DAY
    is_monthly: bool = False
    """Whether salaries are reported by the month; else by the quarter."""
    version: int = 1
    twist: Twist = _as_counted

    def months(self, year: int) -> int:
        """How many months of a year it reports on."""
        first, last = max(self.from_on, date(year, 1, 1)), min(self.period_end, date(year, 12, 31))
        return max(0, last.month - first.month + 1) if first < last else 0


def _without_first_rating(counts: Counts) -> None:
    for about, own in list(counts.items()):
        if about[1] == "2017" and "Svarande" in own:
            del counts[about]


def _too_few_parts(counts: Counts) -> None:
    counts["Råd- och stödsamtal", "2018", "Samtalets språk", "Svenska"]["Antal"] -= 9


SENDINGS = (
    Sending(
        "rinkeby-kista",
        115,
        (52, 21, 25),
        (
            Post(TALKS, date(2017, 2, 1), stays="Ja"),
            Post(VISITS, date(2017, 3, 1), stays="Ja"),
            Post(COURSES, date(2017, 9, 1), LAST_DAY, percent=75, stays="Nej"),
        ),
        has_visits=True,
    ),
    Sending(
        "hasselby-vallingby",
        108,
        (64, 17, 17),
        (
            Post(TALKS, date(2017, 3, 1), date(2018, 8, 31)),
            Post(TALKS, date(2019, 1, 1), stays="Ja"),
            Post(VISITS, date(2017, 10, 1)),
            Post(PLAY, date(2018, 2, 1), LAST_DAY, stays="Nej"),
        ),
        has_visits=True,
    ),
    Sending(
        "farsta",
        93,
        (70, 16, 12),
        (
            Post(TALKS, date(2017, 3, 1), stays="Ja"),
            Post(VISITS, date(2018, 1, 1), LAST_DAY, stays="Nej"),
        ),
        has_visits=True,
        twist=_without_first_rating,
    ),
    Sending(
        "enskede-arsta-vantor",
        124,
        (68, 19, 11),
        (
            Post(TALKS, date(2017, 2, 1), stays="Ja"),
            Post(COURSES, date(2017, 8, 1), LAST_DAY, stays="Nej"),
            Post(VISITS, date(2017, 9, 1)),
        ),
        has_visits=True,
        is_monthly=True,
        twist=_too_few_parts,
    ),
    Sending(
        "alvsjo",
        38,
        (80, 12, 6),
        (
            Post(TALKS, date(2017, 4, 1), BEFORE_MERGER),
            Post(COURSES, date(2017, 9, 1), BEFORE_MERGER),
        ),
        period_end=BEFORE_MERGER,
    ),
    Sending(
        "hagersten-liljeholmen",
        86,
        (75, 18, 5),
        (
            Post(TALKS, date(2017, 2, 1), BEFORE_MERGER),
            Post(PLAY, date(2017, 5, 1), BEFORE_MERGER),
        ),
        period_end=BEFORE_MERGER,
    ),
    Sending(
        "hagersten-alvsjo",
        112,
        (76, 17, 5),
        (
            Post(TALKS, MERGER, stays="Ja"),
            Post(COURSES, MERGER, LAST_DAY, stays="Nej"),
            Post(PLAY, MERGER),
        ),
        from_on=MERGER,
    ),
)


SENDERS = [sending.board_id for sending in SENDINGS]


def files(book: Rulebook, grant: Grant) -> dict[str, bytes]:
    """Every file that comes first: name under the returns folder -> content."""
    return dict(_file(book, grant, sending) for sending in SENDINGS)


def corrected(book: Rulebook, grant: Grant) -> dict[str, bytes]:
    """What is sent again after the feedback: the return whose parts didn't add up, now as they
    should."""
    wrong = [sending for sending in SENDINGS if sending.twist is _too_few_parts]
    return dict(
        _file(book, grant, replace(sending, version=2, twist=_as_counted)) for sending in wrong
    )


def _file(book: Rulebook, grant: Grant, sending: Sending) -> tuple[str, bytes]:
    board, made_on = book.board(sending.board_id), filled_in_on(sending.period_end)
    chance = Random(f"{grant.grant_id}/{board.board_id}")
    lines = _costs(sending, chance)
    counts = _counts(sending, grant, chance)
    rows = [_reached(insats, sending, grant, counts) for insats in _insatser(sending)]
    sending.twist(counts)
    assigned = book.assignment(board.board_id, grant, made_on, grant.spend_to_on)
    template = return_template.template(
        *(book.organisation, grant, board, assigned or Assignment({})),
        *(sending.period_end, made_on),
    )
    content = fill(
        template,
        header={"version": sending.version, "prognos": _sum(lines), **answers(board, made_on)},
        costs=lines,
        activities=rows,
        posts=[_post_row(post) for post in sending.posts],
        measures=counts,
    )
    version = f"_v{sending.version}" if sending.version > 1 else ""
    stem = f"{grant.grant_id}/redovisning_{board.board_id}_{sending.period_end}"
    return f"{stem}{version}.xlsx", content


def _insatser(sending: Sending) -> list[str]:
    return [insats for insats in ACTIVITIES if insats != VISITS or sending.has_visits]


def _post_row(post: Post) -> Line:
    return {
        "Roll": ROLE,
        "Procent av heltid": post.percent,
        "Från": post.from_on,
        "Till": post.to_on,
        "Finns kvar": post.stays,
    }


# -- the money -------------------------------------------------------------------------------------


def _costs(sending: Sending, chance: Random) -> list[Line]:
    """The salaries of the posts and what was bought, day by day."""
    lines: list[Line] = []
    for post in sending.posts:
        lines += _salaries(post, sending, chance)
    for insats in _insatser(sending):
        lines += _bought(ACTIVITIES[insats], sending, chance)
    lines.sort(key=lambda line: str(line["Datum"]))
    first = chance.randint(10_000, 60_000)
    for number, line in enumerate(lines):
        line |= {"Projekt": "17907", "Verifikation": f"{first + 37 * number}"}
    return lines


def _salaries(post: Post, sending: Sending, chance: Random) -> Iterator[Line]:
    """A line each quarter, or each month, for the months that somebody had the post."""
    activity = ACTIVITIES[post.insats]
    last = post.to_on or sending.period_end
    level, unpaid = chance.randint(96, 104), 0
    for day in _month_ends(post.from_on, last):
        unpaid += SALARY[day.year] * level * post.percent // 100
        if sending.is_monthly or day.month % 3 == 0 or day == last:
            ore = unpaid + chance.randint(-45_000, 45_000)
            line = cost(activity, "Personalkostnader", day, ore)
            yield line | {"Kommentar": f"Löner, {activity.staff}"}
            unpaid = 0


def _bought(activity: Activity, sending: Sending, chance: Random) -> Iterator[Line]:
    """One or two things a year, from when somebody had a post."""
    begun_on = min(post.from_on for post in sending.posts)
    for year in PACE:
        if not sending.months(year):
            continue
        first = max(begun_on, date(year, 1, 1))
        last = min(sending.period_end, date(year, 12, 31))
        for kind in chance.sample(sorted(BOUGHT), chance.randint(1, 2)):
            day = date(year, chance.randint(first.month, last.month), chance.randint(2, 27))
            line = cost(activity, kind, day, chance.randint(180_000, 2_400_000))
            yield line | {"Kommentar": chance.choice(BOUGHT[kind])}


def _month_ends(first: date, last: date) -> Iterator[date]:
    """The last day of each month from that of a day to that of another."""
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        year, month = year + month // 12, month % 12 + 1
        yield date(year, month, 1) - timedelta(days=1)


def _sum(lines: list[Line]) -> Decimal:
    return sum((Decimal(str(line["Belopp"])) for line in lines), Decimal(0))


# -- the counts ------------------------------------------------------------------------------------


def _counts(sending: Sending, grant: Grant, chance: Random) -> Counts:
    """The counts of every measure and year that the sender reports on."""
    counts: Counts = {}
    plain = [measure for measure in grant.measures if not measure.is_rating]
    ratings = [measure for measure in grant.measures if measure.is_rating]
    for year in PACE:
        if not sending.months(year):
            continue
        for measure in plain:
            counts |= _reached_in(year, measure, sending, chance)
        for measure in ratings:
            counts |= _rated_in(year, measure, grant, counts, chance)
    return counts


def _reached_in(year: int, measure: Measure, sending: Sending, chance: Random) -> Counts:
    """How many parents in all, and in each part."""
    insats = measure.measure_id
    total = A_YEAR[insats] * sending.size * PACE[year] * sending.months(year)
    total = total * chance.randint(90, 110) // 12_000_000
    if insats == VISITS and not sending.has_visits:
        total = 0
    counts: Counts = {(measure.name, str(year), WHOLE, WHOLE): {"Antal": total}}
    for own in measure.splits:
        weights = _weights(own, insats, sending, chance)
        for part, count in zip(own.all_parts, split(total, weights), strict=True):
            counts[measure.name, str(year), own.name, part] = {"Antal": count}
    return counts


def _weights(own: Split, insats: str, sending: Sending, chance: Random) -> list[int]:
    """Of a thousand, about how many are in each part of a split; the unknown ones last."""
    if own.is_by_sex:
        mothers = 10 * MOTHERS[insats] + chance.randint(-25, 25)
        return [mothers, 980 - mothers, 20]
    swedish, *others = (10 * share + chance.randint(-8, 8) for share in sending.languages)
    return [swedish, *others, 20]


def _rated_in(year: int, measure: Measure, grant: Grant, counts: Counts, chance: Random) -> Counts:
    """What those who had talks thought of them. More of the mothers answer, and more of those who
    do agree."""
    (talks,) = (one.name for one in grant.measures if one.measure_id == TALKS)
    (by_sex,) = measure.splits
    rated: Counts = {}
    total = dict.fromkeys(("Instämmer", "Svarande", "Tillfrågade"), 0)
    for part in by_sex.all_parts:
        asked = counts[talks, str(year), by_sex.name, part]["Antal"] * chance.randint(78, 90) // 100
        if part == by_sex.parts[0]:
            answered = asked * chance.randint(62, 74) // 100
            agree = answered - answered * chance.randint(5, 11) // 100
        else:
            answered = asked * chance.randint(48, 60) // 100
            agree = answered * chance.randint(76, 86) // 100
        own = dict(zip(total, (agree, answered, asked), strict=True))
        rated[measure.name, str(year), by_sex.name, part] = own
        total = {name: total[name] + count for name, count in own.items()}
    return {(measure.name, str(year), WHOLE, WHOLE): total, **rated}


def _reached(insats: str, sending: Sending, grant: Grant, counts: Counts) -> Line:
    """A row of Insatser: as many as the measure of it has, all years together."""
    activity = ACTIVITIES[insats]
    words = activity.results[SENDERS.index(sending.board_id) % len(activity.results)]
    for measure in grant.measures:
        if measure.measure_id == insats:
            mothers, fathers, unknown = _sums_by_sex(measure, counts)
            return result(activity, mothers, fathers, unknown, words)
    return result(activity, 0, 0, 0, words)


def _sums_by_sex(measure: Measure, counts: Counts) -> list[int]:
    (by_sex,) = (own for own in measure.splits if own.is_by_sex)
    sums = dict.fromkeys(by_sex.all_parts, 0)
    for (name, _, split_name, part), own in counts.items():
        if (name, split_name) == (measure.name, by_sex.name):
            sums[part] += own["Antal"]
    return [*sums.values()]
