"""Writes the example returns: made up, but on the boards' real allocations. `python -m
tests.example --out DIR`.

With `--batch corrected` what the boards send when they have read the feedback, and with `--batch
late` the last one.

The figures are drawn from a generator seeded by grant and board, so the same call gives the same
bytes. No person is named: contacts are functions, and the mailboxes don't exist. What is planted,
and where, is in `PLANTED`. What boards send about the city's own fund is in `example_fund`.
"""

import argparse
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from random import Random

from statsbidrag.decisions import data_folder
from statsbidrag.model.boards import Assignment
from statsbidrag.model.decisions import Component, Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template
from tests import example_fund
from tests.example_rows import (
    ACCESS,
    BOUGHT,
    KNOWLEDGE,
    ORGANISATION,
    Activity,
    Line,
    answers,
    cost,
    filled_in_on,
    result,
    split,
)
from tests.support.filling import allocation_of, csv_return, fill

AS_OF = date(2024, 1, 20)
"""The day that the examples are made for: every return has come in, and no report has been
filed."""

EQUAL, CRIME, AREAS_2021, FUND = (
    "mfof-2023-jamlik-tillgang",
    "mfof-2023-forebygga-kriminalitet",
    "socialstyrelsen-2021-utsatta-omraden",
    "starkt-tidigt-stod-2017",
)

PLANTED = {
    (
        EQUAL,
        "skarholmen",
    ): "faults: amounts as text, one that can't be read, a misspelt Område, a total that differs",
    (EQUAL, "kungsholmen"): "reports an earlier quarter only, 2023-09-30",
    (EQUAL, "norra-innerstaden"): "has sent nothing",
    (EQUAL, "bromma"): "sent in twice: version 2 replaces version 1 with other figures",
    (EQUAL, "sodermalm"): "has spent more than its allocation",
    (EQUAL, "spanga-tensta"): "predecessor: reports January-June 2023, which counts under Järva",
    (EQUAL, "jarva"): "successor: reports July-December 2023",
    (EQUAL, "farsta"): "sent a CSV file, which has no attest",
    (
        EQUAL,
        "hagersten-alvsjo",
    ): "has lines that are not eligible: one dated January 2024, two of unpaid cost kinds",
    (EQUAL, "skarpnack"): "corrects an earlier cost with a negative line",
    (EQUAL, "hasselby-vallingby"): "has money left, with a reason and a forecast",
    (EQUAL, "enskede-arsta-vantor"): "has money left, with a reason and a forecast",
    (CRIME, "jarva"): "has much money left, with a reason and a forecast",
    (CRIME, "farsta"): "has spent more than its allocation",
    (AREAS_2021, "spanga-tensta"): "has money left in one component and has overspent the other",
    (AREAS_2021, "hagersten-alvsjo"): "has money left, with a reason and a forecast",
    **{(FUND, board): words for board, words in example_fund.PLANTED.items()},
}
"""What is special about a board's return, by grant and board. Every other board reports well and in
time."""

BATCHES = ("first", "corrected", "late")
"""What comes when: the first returns, those put right after the feedback, and one that nobody
expected any longer."""


# -- what the boards did ---------------------------------------------------------------------------


ACTIVITIES = {
    EQUAL: (
        Activity(
            "Föräldraskapsstödsprogram i grupp",
            "Universellt stöd",
            ACCESS,
            "Föräldrar till barn 3–12 år",
            "gruppledare",
            "Grupper på kvällstid och digitalt, med barnpassning och tolk för dem som behöver det.",
            (
                (
                    "Fler pappor än förra året fullföljde programmet sedan grupperna också gavs på "
                    "kvällstid."
                ),
                (
                    "Åtta av tio deltagare uppger att de bråkar mindre hemma och känner sig tryggare "
                    "som föräldrar."
                ),
                (
                    "Kön till programmet är borta. Alla som har anmält sig har fått en plats inom sex "
                    "veckor."
                ),
            ),
            (96, 61),
        ),
        Activity(
            "Utökade hembesök",
            "Föräldrar under graviditet och småbarnsåren",
            ACCESS,
            "Förstagångsföräldrar med barn under 15 månader",
            "föräldrarådgivare",
            "Föräldrarådgivare och sjuksköterska gör gemensamma hembesök hos familjer med sitt "
            "första barn.",
            (
                (
                    "Fler familjer har tackat ja, och fler än hälften har därefter besökt den öppna "
                    "förskolan."
                ),
                (
                    "Båda föräldrarna var med vid de flesta besöken. Familjerna hittar tidigare till "
                    "annat stöd."
                ),
                "Samtliga familjer som tackade ja fick minst fyra besök under året.",
            ),
            (58, 44),
        ),
        Activity(
            "Råd och stöd till föräldrar",
            "Föräldrar med särskilda behov",
            ACCESS,
            "Föräldrar som behöver mer stöd än grupperna ger",
            "föräldrarådgivare",
            "Enskilda råd- och stödsamtal utan remiss, med möjlighet till tolk och till samtal på "
            "kvällstid.",
            (
                "Väntetiden till ett första samtal har kortats från fem till två veckor.",
                "De flesta föräldrar beskriver att de har fått verktyg som de använder i vardagen.",
                "Fler föräldrar till barn med funktionsnedsättning har sökt stöd än tidigare.",
            ),
            (74, 39),
        ),
        Activity(
            "Utbildning av gruppledare",
            "Metodutveckling, implementering och spridning",
            KNOWLEDGE,
            "Medarbetare i förskola, öppen förskola och socialtjänst",
            "metodutvecklare",
            "Medarbetare har utbildats till gruppledare och fått handledning i de program som "
            "nämnden ger.",
            (
                (
                    "Nya gruppledare är igång och nämnden klarar att ge programmen även när någon "
                    "slutar."
                ),
                "Handledningen har gjort att programmen ges likadant på alla enheter.",
                "Två enheter som tidigare saknade gruppledare kan nu ge egna grupper.",
            ),
            (17, 4),
        ),
        Activity(
            "Samordning av föräldraskapsstödet",
            "Systematiskt arbete",
            ORGANISATION,
            "Verksamheter som möter föräldrar",
            "samordnare",
            "En samordnare har kartlagt utbudet, tagit fram en gemensam plan och följt upp vilka "
            "föräldrar som nås.",
            (
                "Nämnden har en plan för föräldraskapsstödet som gäller även efter bidragets slut.",
                "Utbudet finns samlat på ett ställe, och verksamheterna hänvisar till varandra.",
                (
                    "Uppföljningen visar vilka områden som nås minst. Där startar nya grupper under "
                    "våren."
                ),
            ),
        ),
    ),
    CRIME: (
        Activity(
            "Föräldrastöd tillsammans med fältassistenter",
            "Barn med normbrytande beteenden",
            ACCESS,
            "Föräldrar till ungdomar 12–17 år som rör sig i riskmiljöer",
            "fältassistenter",
            "Föräldrarådgivare och fältassistenter tar tillsammans kontakt med föräldrar efter "
            "oroande händelser.",
            (
                (
                    "Föräldrarna kontaktas oftast inom två dygn. Sju av tio tackar ja till fortsatt "
                    "stöd."
                ),
                "Fler föräldrar deltar i vuxenvandringarna, och skolorna ringer oss tidigare.",
                "Flera familjer har fått stöd innan det blev en anmälan till socialtjänsten.",
            ),
            (63, 48),
        ),
        Activity(
            "Grupper för tonårsföräldrar",
            "Universellt stöd",
            ACCESS,
            "Föräldrar till barn 10–17 år",
            "gruppledare",
            "Grupper i skolor och föreningslokaler, på flera språk och med samma gruppledare hela "
            "terminen.",
            (
                (
                    "Grupperna på somaliska och arabiska blev fullsatta. Nio av tio skulle "
                    "rekommendera dem till andra."
                ),
                (
                    "Deltagarna uppger att de pratar mer med sina tonåringar och vet vart de kan vända "
                    "sig."
                ),
                "Fler pappor har deltagit sedan grupperna flyttade till idrottsföreningens lokaler.",
            ),
            (82, 57),
        ),
        Activity(
            "Stöd till syskon och föräldrar",
            "Föräldrar med särskilda behov",
            ACCESS,
            "Familjer där ett äldre barn har dömts eller är misstänkt för brott",
            "familjebehandlare",
            "Familjebehandlare arbetar med hela familjen, med särskilt fokus på de yngre syskonen.",
            (
                "Inget av de yngre syskonen har aktualiserats för brott under tiden med stödet.",
                "Skolnärvaron har ökat för de flesta av de yngre syskonen.",
                "Föräldrarna beskriver en lugnare vardag och ett bättre samarbete med skolan.",
            ),
            (31, 22),
        ),
        Activity(
            "Gemensam lägesbild med föräldraperspektiv",
            "Systematiskt arbete",
            ORGANISATION,
            "Skola, socialtjänst, polis och föreningsliv",
            "samordnare",
            "Föräldraperspektivet finns nu i den lokala lägesbilden och i samverkan med skola och "
            "polis.",
            (
                "Lägesbilden styr numera var grupperna startar. Två nya områden har tillkommit.",
                "Samverkan har fått en fast form med möten varje månad och gemensamma åtgärder.",
                "Föreningarna deltar i samverkan och tar emot föräldrar som vi hänvisar.",
            ),
        ),
        Activity(
            "Utbildning i brottsförebyggande föräldraskapsstöd",
            "Nationella rekommendationer",
            KNOWLEDGE,
            "Medarbetare i skola, fritid och socialtjänst",
            "metodutvecklare",
            "Utbildning och handledning i hur föräldrar kan stärkas när barn är i riskzon för "
            "kriminalitet.",
            (
                "De som har utbildats uppger att de oftare tar kontakt med föräldrar vid oro.",
                "Utbildningen ges nu varje termin av egen personal.",
                "Alla fritidsgårdar har minst två utbildade medarbetare.",
            ),
            (34, 19),
        ),
    ),
    AREAS_2021: (
        Activity(
            "Fältassistenter kvällar och helger",
            "Förstärkning socialt uppsökande arbete",
            None,
            "Ungdomar 12–20 år",
            "fältassistenter",
            "Fler fältassistenter har gjort det möjligt att vara ute fler kvällar, helger och lov.",
            (
                (
                    "Fältassistenterna har varit ute 46 veckor av året. Fler ungdomar tar själva "
                    "kontakt."
                ),
                (
                    "Närvaron vid skolavslutningar och lov har ökat och bråken i centrum har blivit "
                    "färre."
                ),
                "Fler ungdomar har motiverats till frivilligt stöd.",
            ),
            (118, 203),
        ),
        Activity(
            "Förstärkt mottagning för barn och unga",
            "Förstärkning myndighetsutövning barn och unga",
            None,
            "Barn och unga 0–20 år som utreds",
            "socialsekreterare",
            "Fler socialsekreterare utreder ärenden där det finns risk för kriminalitet.",
            (
                "Antalet ärenden per handläggare har minskat från 19 till 15.",
                "Fler utredningar blir klara inom fyra månader.",
                "Barnen har fått träffa sin handläggare tidigare i utredningen.",
            ),
            (87, 141),
        ),
        Activity(
            "Socialsekreterare hos polisen",
            "Samlokalisering polisen",
            None,
            "Unga som misstänks för brott och deras vårdnadshavare",
            "socialsekreterare",
            "Socialsekreterare har sin arbetsplats hos polisen och deltar vid förhör och "
            "orossamtal.",
            (
                "Vårdnadshavare får kontakt med socialtjänsten samma dag i de flesta fall.",
                "Orossamtalen hålls snabbare och fler leder till en frivillig insats.",
                "Polis och socialtjänst har gemensamma rutiner för unga som misstänks för brott.",
            ),
            (21, 94),
        ),
        Activity(
            "Stöd till unga vuxna som vill lämna kriminalitet",
            "SIG unga vuxna insatsbudget",
            None,
            "Unga vuxna 18–29 år",
            "samordnare",
            "Insatsbudgeten har betalat boende på annan ort, behandling och stöd till "
            "sysselsättning.",
            (
                (
                    "De flesta som påbörjade en insats har arbete, studier eller behandling efter sex "
                    "månader."
                ),
                "Två av tre har fullföljt den planering som gjordes i samverkansgruppen.",
                "Boende på annan ort har gjort det möjligt att genomföra behandling i lugn och ro.",
            ),
            (2, 13),
        ),
        Activity(
            "Skolsociala team i årskurs 4–9",
            "Skolsociala team",
            None,
            "Elever i årskurs 4–9 med frånvaro",
            "skolsocionomer",
            "Teamen kartlägger frånvaron tillsammans med elev, vårdnadshavare och skola och ger "
            "stöd i hemmet.",
            (
                "Närvaron har ökat för tre av fyra elever som har haft stöd i minst en termin.",
                "Teamen arbetar nu på alla skolor med årskurs 4–9 i området.",
                "Fler elever har gått ut årskurs nio med behörighet till gymnasiet.",
            ),
            (41, 46),
        ),
    ),
}
# -- what each board sends -------------------------------------------------------------------------

Twist = Callable[[list[Line], Grant], None]


@dataclass(frozen=True)
class Sending:
    """One file: who sends it, for which months, how much of the allocation it has spent, and what
    is odd about it."""

    board_id: str
    used: Mapping[str, Decimal] | Decimal
    """Share of the allocation spent, for all components or by component id."""
    period_end: date = date(2023, 12, 31)
    months: tuple[int, int] = (1, 12)
    version: int = 1
    allocated_as: str | None = None
    """The board whose allocation the share is of, where the sender has none."""
    reason: str | None = None
    forecast: Decimal | None = None
    """Forecast as a share of the allocation; what has been spent where it isn't given."""
    is_csv: bool = False
    twist: Twist = field(default=lambda _lines, _grant: None)
    header: Mapping[str, object] = field(default_factory=dict)


def _faults(lines: list[Line], grant: Grant) -> None:
    lines[2]["Belopp"] = "18 400,00 kr"
    lines[5]["Belopp"] = "ca 9 tkr"
    lines[8]["Område"] = str(lines[8]["Område"])[:-1]
    lines[11]["Belopp"] = "7 250,50"


def _not_eligible(lines: list[Line], grant: Grant) -> None:
    agency, *_, entertaining = grant.unpaid_cost_kinds
    lines[-1] |= {"Datum": date(2024, 1, 12), "Kommentar": "Gruppträff som flyttades till januari"}
    lines[-2] |= {"Kostnadsslag": entertaining, "Kommentar": "Avslutningsmiddag för gruppledare"}
    lines[-3] |= {"Kostnadsslag": agency, "Kommentar": "Vikarie via bemanningsföretag, två veckor"}


def _correction(lines: list[Line], grant: Grant) -> None:
    wrong = lines[-1]
    lines.append(
        wrong
        | {
            "Belopp": Decimal("-4312.50"),
            "Datum": date(2023, 12, 31),
            "Verifikation": f"{wrong['Verifikation']}R",
            "Kommentar": f"Rättar verifikation {wrong['Verifikation']}: en del hörde till ett "
            "annat projekt",
        }
    )


SHARE = Decimal
SENDINGS = {
    EQUAL: (
        Sending("spanga-tensta", SHARE("0.217"), date(2023, 6, 30), (1, 6), allocated_as="jarva"),
        Sending(
            "jarva",
            SHARE("0.731"),
            months=(7, 12),
            reason="En tjänst som samordnare tillsattes först i oktober.",
        ),
        Sending(
            "hasselby-vallingby",
            SHARE("0.864"),
            reason="Två grupper ställdes in i höstas därför att gruppledare saknades.",
            forecast=SHARE("0.864"),
        ),
        Sending(
            "bromma",
            SHARE("0.902"),
            reason="Två löner var inte bokförda när redovisningen gjordes.",
        ),
        Sending(
            "bromma", SHARE("0.979"), version=2, reason="Tryckkostnaderna blev lägre än beräknat."
        ),
        Sending("kungsholmen", SHARE("0.688"), date(2023, 9, 30), (1, 9), forecast=SHARE("0.97")),
        Sending("sodermalm", SHARE("1.063")),
        Sending(
            "enskede-arsta-vantor",
            SHARE("0.791"),
            reason="Beslutet kom i slutet av augusti och tjänsterna var tillsatta först i oktober.",
            forecast=SHARE("0.791"),
        ),
        Sending(
            "skarpnack", SHARE("0.957"), reason="Färre behövde tolk än beräknat.", twist=_correction
        ),
        Sending("farsta", SHARE("0.988"), is_csv=True),
        Sending("hagersten-alvsjo", SHARE("0.994"), twist=_not_eligible),
        Sending(
            "skarholmen",
            SHARE("0.941"),
            reason="Ett par utbildningar blev billigare.",
            header={"summa_kostnader": Decimal("640000.00"), "prognos": Decimal("640000.00")},
            twist=_faults,
        ),
    ),
    CRIME: (
        Sending(
            "jarva",
            SHARE("0.842"),
            reason="Den nya förvaltningen bildades den 1 juli, och flera tjänster var vakanta "
            "under hösten.",
            forecast=SHARE("0.842"),
        ),
        Sending(
            "hasselby-vallingby", SHARE("0.973"), reason="En familjebehandlare slutade i november."
        ),
        Sending("enskede-arsta-vantor", SHARE("0.998")),
        Sending("skarpnack", SHARE("1")),
        Sending("farsta", SHARE("1.024")),
        Sending("hagersten-alvsjo", SHARE("0.926"), reason="Vårens utbildningar fick ställas in."),
        Sending("skarholmen", SHARE("0.985")),
    ),
    AREAS_2021: (
        Sending("rinkeby-kista", SHARE("0.982"), date(2021, 12, 31)),
        Sending(
            "spanga-tensta",
            {"fordelningsmodell": SHARE("0.871"), "skolsociala-team": SHARE("1.052")},
            date(2021, 12, 31),
            reason="Samlokaliseringen med polisen kom igång först efter sommaren.",
        ),
        Sending("hasselby-vallingby", SHARE("1"), date(2021, 12, 31)),
        Sending("enskede-arsta-vantor", SHARE("0.991"), date(2021, 12, 31)),
        Sending(
            "hagersten-alvsjo",
            SHARE("0.883"),
            date(2021, 12, 31),
            reason="Pandemin gjorde att skolsociala team inte kunde arbeta i hemmen under våren.",
            forecast=SHARE("0.883"),
        ),
        Sending(
            "skarholmen",
            SHARE("0.968"),
            date(2021, 12, 31),
            reason="Ett boende på annan ort avbröts i förtid.",
        ),
    ),
}


LATER = {
    "corrected": {
        EQUAL: (
            Sending(
                "skarholmen",
                SHARE("0.941"),
                version=2,
                reason="Ett par utbildningar blev billigare.",
            ),
            Sending("kungsholmen", SHARE("0.966"), reason="En tjänst var vakant i december."),
            Sending("farsta", SHARE("0.988"), version=2),
        )
    },
    "late": {
        EQUAL: (
            Sending(
                "norra-innerstaden", SHARE("0.934"), reason="Höstens utbildning blev billigare."
            ),
        )
    },
}


def files(book: Rulebook, batch: str = BATCHES[0]) -> dict[str, bytes]:
    """Every example file of a batch: name under the returns folder -> content."""
    sent = LATER.get(batch, SENDINGS)
    written = dict(
        file(book, grant_id, sending) for grant_id, sendings in sent.items() for sending in sendings
    )
    of_fund = {BATCHES[0]: example_fund.files, BATCHES[1]: example_fund.corrected}
    if batch in of_fund:
        written |= of_fund[batch](book, book.grant(FUND))
    return written


def file(book: Rulebook, grant_id: str, sending: Sending) -> tuple[str, bytes]:
    """One example file: its name under the returns folder, and its content."""
    grant, board = book.grant(grant_id), book.board(sending.board_id)
    chance = Random(f"{grant.grant_id}/{board.board_id}")
    made_on = filled_in_on(sending.period_end)
    decided = allocation_of(grant, sending.allocated_as or board.board_id, AS_OF)
    lines, activities = _content(grant, sending, decided, chance)
    sending.twist(lines, grant)
    spent = sum(
        (Decimal(str(line["Belopp"])) for line in lines if isinstance(line["Belopp"], Decimal)),
        Decimal(0),
    )
    forecast = sum(decided.values(), Decimal(0)) * sending.forecast if sending.forecast else spent
    header: dict[str, object] = {
        "version": sending.version,
        "prognos": forecast.quantize(Decimal(1), ROUND_CEILING),
        "orsak_ej_forbrukat": sending.reason,
        **answers(board, made_on),
        **sending.header,
    }
    stem = f"{grant.grant_id}/redovisning_{board.board_id}_{sending.period_end}"
    if sending.is_csv:
        named = {
            "bidrag": grant.grant_id,
            "namnd": board.board_id,
            "period_tom": sending.period_end,
            **header,
        }
        return f"{stem}.csv", csv_return(header=named, costs=lines)
    known = {} if sending.allocated_as else decided
    template = return_template.template(
        book.organisation, grant, board, Assignment(known), sending.period_end, made_on
    )
    version = f"_v{sending.version}" if sending.version > 1 else ""
    return f"{stem}{version}.xlsx", fill(
        template, header=header, costs=lines, activities=activities
    )


def _content(
    grant: Grant, sending: Sending, decided: Mapping[str, Decimal], chance: Random
) -> tuple[list[Line], list[Line]]:
    """The cost lines and the activities that make up what the sender says it has spent."""
    lines: list[Line] = []
    rows: list[Line] = []
    vouchers = chance.randint(10_000, 60_000)
    for component in grant.components:
        run = _chosen(grant, component, chance)
        share = (
            sending.used
            if isinstance(sending.used, Decimal)
            else sending.used[component.component_id]
        )
        spent = int(decided[component.component_id] * share * 100)
        for activity, part in zip(
            run, split(spent, [chance.randint(3, 9) for _ in run]), strict=True
        ):
            lines += _lines(activity, part, sending, chance, is_monthly=not lines)
            rows.append(_reached(activity, chance, months=sending.months))
    for number, line in enumerate(lines):
        line["Projekt"] = (
            f"{sending.period_end.year % 100}{1 + list(ACTIVITIES).index(grant.grant_id)}07"
        )
        line["Verifikation"] = f"{vouchers + 37 * number}"
    return lines, rows


def _chosen(grant: Grant, component: Component, chance: Random) -> list[Activity]:
    own = [a for a in ACTIVITIES[grant.grant_id] if a.area in component.areas]
    dropped = chance.randrange(len(own) + 2) if len(own) > 4 else None
    return [activity for place, activity in enumerate(own) if place != dropped]


def _lines(
    activity: Activity, ore: int, sending: Sending, chance: Random, *, is_monthly: bool
) -> list[Line]:
    """Salaries month by month or quarter by quarter, and what was bought; the amounts sum to `ore`
    exactly."""
    first, last = sending.months
    step = 1 if is_monthly else 3
    ends = [month for month in range(first, last + 1) if month % step == 0]
    salaries, rest = split(ore, [chance.randint(70, 85), 20])
    lines = [
        cost(activity, "Personalkostnader", _day(sending, month), amount)
        | {"Kommentar": f"Löner, {activity.staff}"}
        for month, amount in zip(
            ends, split(salaries, [chance.randint(95, 105) for _ in ends]), strict=True
        )
    ]
    kinds = chance.sample(sorted(BOUGHT), chance.randint(1, 3))
    for kind, amount in zip(kinds, split(rest, [chance.randint(2, 9) for _ in kinds]), strict=True):
        day = _day(sending, chance.randint(first, last), chance.randint(2, 27))
        lines.append(cost(activity, kind, day, amount) | {"Kommentar": chance.choice(BOUGHT[kind])})
    return lines


def _reached(activity: Activity, chance: Random, *, months: tuple[int, int]) -> Line:
    length = months[1] - months[0] + 1
    women, men = (n * chance.randint(70, 140) * length // 1200 for n in activity.reached)
    unknown = chance.randint(0, 4) if women else 0
    return result(activity, women, men, unknown, chance.choice(activity.results))


def _day(sending: Sending, month: int, day: int | None = None) -> date:
    year = sending.period_end.year
    return date(year, month, day or monthrange(year, month)[1])


def main() -> None:
    """Writes every example file that isn't there already as it should be."""
    parser = argparse.ArgumentParser(description="Skriver exempelredovisningarna.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--batch", choices=BATCHES, default=BATCHES[0])
    arguments = parser.parse_args()
    for name, content in files(
        data_folder.load(arguments.data, [], AS_OF), arguments.batch
    ).items():
        path = arguments.out / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


if __name__ == "__main__":
    main()
