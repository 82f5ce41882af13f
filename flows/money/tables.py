"""Every table of a reconciliation that leaves SQL, declared once. `shapes` says how.

A test holds the fields against the columns that DuckDB has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, get_args, get_type_hints

from ..model.codes import Flag, IneligibleReason, Outcome, ReturnStatus
from ..model.decisions import LiabilityBasis
from ..model.findings import Severity
from ..model.levels import PLAIN, Wording
from .evidence_tables import Evidence, Member, Pair
from .level_tables import Coverage, LevelAnswer, LevelSum
from .shapes import Count, Excel, Figure, Row, figures_of

_TERMS = "Bidragets villkor"
_MONEY = "Kontraktet avsnitt 4"
_SAID = "Kontraktet avsnitt 3"
_YEARS = "Kontraktet avsnitt 7"
_COLUMNS = "Kontraktet avsnitt 2"
_LOOK = "Så är prognoserna gjorda, i rapporten"
_MODEL = "Så är förslaget räknat, i omfordelning.html"
_ASKED = "Kontraktet avsnitt 7"
_COUNTED = ("245_counted", "546_measured")
_ANSWERED = ("246_answer", "549_answered")
_STAFFED = ("244_post", "547_post_month", "548_staffing")
_LINES = ("225_judged", "230_line", "310_board_component")
_REACH = ("225_judged", "430_reach")


@dataclass(frozen=True)
class City(Row):
    """The grant as a whole, in the whole city. What rests on its amount is None where that is
    unknown."""

    ORDER: ClassVar = "grant_id"
    ANCHOR: ClassVar = "staden"
    SHEET: ClassVar = "Staden"

    total_sek: Annotated[
        Decimal | None,
        Figure("Beviljat", "Står i beslutet om bidraget.", (), _TERMS),
        Excel("Beviljat, kr", 16),
    ]
    allocated_sek: Annotated[
        Decimal | None,
        Figure(
            "Fördelat till nämnderna",
            "Summan av det fördelade hos alla nämnder.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Fördelat, kr", 16),
    ]
    unallocated_sek: Annotated[
        Decimal | None,
        Figure(
            "Ej fördelat",
            "Beviljat {total_sek} minus fördelat {allocated_sek}.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Ej fördelat, kr", 14),
    ]
    reported_sek: Annotated[
        Decimal,
        Figure(
            "Redovisat av nämnderna",
            "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}, hos de nämnder som "
            "räknas.",
            ("510_city",),
            _MONEY,
        ),
    ]
    eligible_sek: Annotated[
        Decimal,
        Figure(
            "Använt, berättigat",
            "Summan av det berättigade hos de nämnder som räknas.",
            ("510_city",),
            _MONEY,
        ),
    ]
    ineligible_sek: Annotated[
        Decimal,
        Figure(
            "Inte berättigat",
            "Summan av det inte berättigade hos de nämnder som räknas.",
            ("510_city",),
            _MONEY,
        ),
    ]
    remaining_sek: Annotated[
        Decimal | None,
        Figure(
            "Återstår hos nämnderna",
            "Summan av det som återstår hos de nämnder som räknas; den som har använt för mycket "
            "minskar summan.",
            ("510_city",),
            _MONEY,
        ),
    ]
    boards_sek: Annotated[
        Decimal | None,
        Figure(
            "Nämndernas återbetalning",
            "Summan av vad varje nämnd har att återbetala.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Nämndernas återbetalning, kr", 16),
    ]
    undetermined_sek: Annotated[
        Decimal | None,
        Figure(
            "Ännu inte avgjort",
            "Summan av det fördelade hos de nämnder som väntar på rättelse.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Ännu inte avgjort, kr", 16),
    ]
    namnd_basis_sek: Annotated[
        Decimal | None,
        Figure(
            "Räknat per nämnd",
            "Nämndernas återbetalning {boards_sek} plus ej fördelat {unallocated_sek}.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Räknat per nämnd, kr", 16),
    ]
    kommun_basis_sek: Annotated[
        Decimal | None,
        Figure(
            "Räknat för kommunen som helhet",
            "Beviljat {total_sek} minus berättigat {eligible_sek} och ännu inte avgjort "
            "{undetermined_sek}. Lägst noll och högst det beviljade.",
            ("510_city",),
            _MONEY,
            "Åren räknade som om de nämnder som räknas vore en enda: det som har förfallit de år "
            "som är slut och det som är kvar av de andra. Till det läggs ej fördelat "
            "{unallocated_sek}, så långt det inte täcker det som är använt för mycket ett år. "
            "Högst det beviljade {total_sek}.",
        ),
        Excel("Räknat för kommunen, kr", 16),
    ]
    set_off_sek: Annotated[
        Decimal | None,
        Figure(
            "Kvittning mellan nämnder",
            "Räknat per nämnd {namnd_basis_sek} minus räknat för kommunen som helhet "
            "{kommun_basis_sek}.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Kvittning, kr", 14),
    ]
    basis: Annotated[LiabilityBasis, Excel("Räknas", 22)]
    to_repay_sek: Annotated[
        Decimal | None,
        Figure(
            "Att återbetala",
            "Räknat {basis}, som villkoren anger, och avrundat till hela kronor, 50 öre uppåt. Per "
            "nämnd är det {namnd_basis_sek}, för kommunen som helhet {kommun_basis_sek}.",
            ("510_city",),
            _MONEY,
        ),
        Excel("Att återbetala, hela kr", 16),
    ]
    at_risk_sek: Decimal | None
    board_count: Annotated[
        int,
        Figure("Nämnder", "Nämnder som har medel eller har redovisat.", ("510_city",), _SAID),
    ]
    missing_count: Annotated[
        int,
        Figure(
            "Nämnder utan redovisning",
            "Nämnder som det inte har kommit någon redovisning från.",
            ("220_standing", "510_city"),
            _SAID,
        ),
    ]
    held_count: Annotated[
        int,
        Figure(
            "Nämnder som väntar på rättelse",
            "Nämnder med en redovisning som en hindrande anmärkning håller.",
            ("210_sender", "220_standing", "510_city"),
            _SAID,
        ),
    ]
    outdated_count: Annotated[
        int,
        Figure(
            "Nämnder med en tidigare period",
            "Nämnder vars senaste redovisning slutar före periodens sista dag.",
            ("220_standing", "510_city"),
            _SAID,
        ),
    ]


@dataclass(frozen=True)
class PrintedCity(City):
    """The grant as a whole with the counts that its report prints over and above those of the
    step."""

    IN_TRACE: ClassVar = (
        *(
            "total_sek",
            "allocated_sek",
            "unallocated_sek",
            "reported_sek",
            "eligible_sek",
            "ineligible_sek",
        ),
        *(
            "ineligible_line_count",
            "remaining_sek",
            "undetermined_sek",
            "boards_sek",
            "namnd_basis_sek",
        ),
        *(
            "kommun_basis_sek",
            "set_off_sek",
            "to_repay_sek",
            "board_count",
            "reported_count",
            "missing_count",
        ),
        *("held_count", "outdated_count", "finding_count"),
    )
    """The order in which the trace tells of its figures; those of a later step come last."""

    reported_count: Annotated[
        int,
        Figure(
            "Nämnder som räknas",
            "Nämnder {board_count} minus utan redovisning {missing_count} och väntar på rättelse "
            "{held_count}.",
            ("510_city",),
            _SAID,
        ),
    ]
    ineligible_line_count: Annotated[
        int,
        Figure(
            "Rader som inte är berättigade",
            "Antalet sådana rader hos de nämnder som räknas.",
            ("230_line",),
            _MONEY,
        ),
    ]
    finding_count: Annotated[
        int,
        Figure("Anmärkningar", "Raderna i findings.json.", (), "Regelregistret"),
    ]


@dataclass(frozen=True)
class BoardMoney(Row):
    """A board, or the unit that boards have become: status, money, forecast and flag."""

    KEY: ClassVar = ("board_id",)
    ORDER: ClassVar = "board_id"
    ANCHOR: ClassVar = "{board_id}"
    SHEET: ClassVar = "Sammanställning"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    name: str
    return_status: Annotated[ReturnStatus, Excel("Läge", 25)]
    allocated_sek: Annotated[
        Decimal | None,
        Figure(
            "Fördelat",
            "Summan av de fördelningsbeslut som gäller nu, även dem som gäller en nämnd som har "
            "uppgått i den här.",
            ("103_allocation", "220_standing"),
            _MONEY,
        ),
        Excel("Fördelat, kr", 14),
    ]
    reported_sek: Annotated[
        Decimal | None,
        Figure(
            "Redovisat",
            "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}: nämndens alla rader.",
            (*_LINES, "320_board_money"),
            _MONEY,
        ),
        Excel("Redovisat, kr", 14),
    ]
    eligible_sek: Annotated[
        Decimal | None,
        Figure(
            "Berättigat",
            "Summan av de rader som bidraget betalar.",
            (*_LINES, "320_board_money"),
            _MONEY,
        ),
        Excel("Berättigat, kr", 14),
    ]
    ineligible_sek: Annotated[
        Decimal | None,
        Figure(
            "Inte berättigat",
            "Summan av de rader som bidraget inte betalar.",
            (*_LINES, "320_board_money"),
            _MONEY,
        ),
        Excel("Inte berättigat, kr", 14),
    ]
    remaining_sek: Annotated[
        Decimal | None,
        Figure(
            "Återstår",
            "Fördelat {allocated_sek} minus berättigat {eligible_sek}.",
            ("320_board_money",),
            _MONEY,
        ),
        Excel("Återstår, kr", 14),
    ]
    overspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Över tilldelningen",
            "Berättigat {eligible_sek} minus fördelat {allocated_sek}, lägst noll.",
            ("320_board_money",),
            _MONEY,
        ),
        Excel("Över tilldelningen, kr", 14),
    ]
    used_share: Annotated[
        Decimal | None,
        Figure(
            "Använt",
            "Berättigat {eligible_sek} delat med fördelat {allocated_sek}.",
            ("420_board",),
            _SAID,
        ),
        Excel("Använt", 9),
    ]
    not_used_sek: Annotated[
        Decimal | None,
        Figure(
            "Inte använt",
            "Att återbetala {liability_sek} minus använt till annat {wrong_purpose_sek} och ingen "
            "redovisning {no_report_sek}.",
            ("320_board_money",),
            _MONEY,
        ),
        Excel("Inte använt, kr", 14),
    ]
    wrong_purpose_sek: Annotated[
        Decimal | None,
        Figure(
            "Använt till annat",
            "Inte berättigat {ineligible_sek}, lägst noll och högst det som ska återbetalas "
            "{liability_sek}; öronmärkta komponenter räknas var för sig. Noll när redovisning "
            "saknas.",
            ("310_board_component", "320_board_money"),
            _MONEY,
        ),
        Excel("Använt till annat, kr", 14),
    ]
    no_report_sek: Annotated[
        Decimal | None,
        Figure(
            "Ingen redovisning",
            "Allt det fördelade när nämnden inte har lämnat någon redovisning, annars noll.",
            ("220_standing", "320_board_money"),
            _MONEY,
        ),
        Excel("Ingen redovisning, kr", 14),
    ]
    liability_sek: Annotated[
        Decimal | None,
        Figure(
            "Att återbetala",
            "Fördelat {allocated_sek} minus berättigat {eligible_sek}, lägst noll och högst det "
            "fördelade; öronmärkta komponenter räknas var för sig och läggs ihop.",
            ("310_board_component", "320_board_money"),
            _MONEY,
            "Det som har förfallit de år som är slut och det som är kvar av de andra åren med det "
            "som har förts dit, högst det fördelade {allocated_sek}; öronmärkta komponenter räknas "
            "var för sig och läggs ihop. Åren står var för sig nedan.",
        ),
        Excel("Att återbetala, kr", 14),
    ]
    forecast_sek: Annotated[
        Decimal | None,
        Figure(
            "Prognos",
            "Nämndens egen prognos för hela bidraget; flera avsändare läggs ihop.",
            ("410_forecast",),
            _SAID,
        ),
        Excel("Prognos, kr", 14),
    ]
    projected_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Väntas bli över",
            "Fördelat {allocated_sek} minus det som är störst av prognosen och berättigat "
            "{eligible_sek}, lägst noll. På bidragets sista dag är det fördelat minus berättigat.",
            ("410_forecast",),
            _SAID,
        ),
        Excel("Väntas bli över, kr", 14),
    ]
    flag: Annotated[Flag | None, Excel("Flagga", 9)]


@dataclass(frozen=True)
class ComponentMoney(Row):
    """A board and a component of the grant."""

    KEY: ClassVar = ("board_id", "component_id")
    ORDER: ClassVar = "board_id, position"
    ANCHOR: ClassVar = "{board_id}.{component_id}"
    SHEET: ClassVar = "Komponenter"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    component_id: str
    name: Annotated[str, Excel("Komponent", 24)]
    position: int
    allocated_sek: Annotated[
        Decimal | None,
        Figure(
            "Fördelat",
            "Det fördelningsbeslut som gäller nu för komponenten.",
            ("103_allocation", "310_board_component"),
            _MONEY,
        ),
        Excel("Fördelat, kr", 14),
    ]
    reported_sek: Annotated[
        Decimal | None,
        Figure(
            "Redovisat",
            "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}.",
            _LINES,
            _MONEY,
        ),
        Excel("Redovisat, kr", 14),
    ]
    eligible_sek: Annotated[
        Decimal | None,
        Figure("Berättigat", "Summan av komponentens rader som bidraget betalar.", _LINES, _MONEY),
        Excel("Berättigat, kr", 14),
    ]
    ineligible_sek: Annotated[
        Decimal | None,
        Figure(
            "Inte berättigat",
            "Summan av komponentens rader som bidraget inte betalar.",
            _LINES,
            _MONEY,
        ),
        Excel("Inte berättigat, kr", 14),
    ]
    liability_sek: Annotated[
        Decimal | None,
        Figure(
            "Att återbetala",
            "Fördelat {allocated_sek} minus berättigat {eligible_sek}, lägst noll och högst det "
            "fördelade.",
            ("310_board_component",),
            _MONEY,
            "Det som har förfallit de år som är slut och det som är kvar av de andra åren med det "
            "som har förts dit, högst det fördelade {allocated_sek}.",
        ),
        Excel("Att återbetala, kr", 14),
    ]
    wrong_purpose_sek: Decimal | None
    no_report_sek: Decimal | None


@dataclass(frozen=True)
class Inherited(Row):
    """What of a unit's allocation was decided for a board that has become part of it."""

    KEY: ClassVar = ("board_id", "decided_board_id")
    ORDER: ClassVar = "board_id, decided_board_id"
    ANCHOR: ClassVar = "{board_id}.arv.{decided_board_id}"

    board_id: str
    decided_board_id: str
    decided_name: str
    amount_sek: Annotated[
        Decimal,
        Figure(
            "Beslutat för en föregångare",
            "Det som gällande beslut ger en nämnd som har uppgått i den här.",
            ("103_allocation", "330_inherited"),
            "Kontraktet avsnitt 2: kedjor",
        ),
    ]


@dataclass(frozen=True)
class BoardYear(Row):
    """A year of a unit, or of its earmarked component, where the decisions say their year."""

    KEY: ClassVar = ("board_id", "component_id", "year_no")
    ORDER: ClassVar = "board_id, component_id NULLS FIRST, year_no"
    ANCHOR: ClassVar = "{subject}.ar.{year_no}"
    SHEET: ClassVar = "År för år"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    component_id: Annotated[str | None, Excel("Komponent", 18)]
    subject: str
    year_no: int
    from_on: Annotated[date, Excel("Från och med", 12)]
    to_on: Annotated[date, Excel("Till och med", 12)]
    allocated_sek: Annotated[
        Decimal,
        Figure(
            "Årets tilldelning",
            "Summan av de fördelningsbeslut om året som gäller nu.",
            ("103_allocation", "305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Årets tilldelning, kr", 14),
    ]
    carried_in_sek: Annotated[
        Decimal | None,
        Figure(
            "Från året före",
            "Det som året före för till nästa år, när det är slut. Noll första året.",
            ("305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Från året före, kr", 14),
    ]
    eligible_sek: Annotated[
        Decimal | None,
        Figure(
            "Berättigat under året",
            "Summan av de rader som bidraget betalar och vars dag ligger i året.",
            (*_LINES[:2], "305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Berättigat, kr", 14),
    ]
    carried_out_sek: Annotated[
        Decimal | None,
        Figure(
            "Till nästa år",
            "Det som är kvar av från året före {carried_in_sek} och årets tilldelning "
            "{allocated_sek} när berättigat {eligible_sek} är draget ifrån, så långt villkoret om "
            "överföring tillåter. Noll sista året.",
            ("305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Till nästa år, kr", 14),
    ]
    lapsed_sek: Annotated[
        Decimal | None,
        Figure(
            "Förfaller",
            "Det som är kvar när året är slut minus det som förs till nästa år {carried_out_sek}.",
            ("305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Förfaller, kr", 14),
    ]
    overspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Över årets medel",
            "Berättigat {eligible_sek} minus från året före {carried_in_sek} och årets tilldelning "
            "{allocated_sek}, lägst noll; öronmärkta komponenter räknas var för sig och läggs "
            "ihop.",
            ("305_part_year", "340_board_year"),
            _YEARS,
        ),
        Excel("Över årets medel, kr", 14),
    ]


@dataclass(frozen=True)
class Sender(Row):
    """A return that counts, or that is held, and who sent it."""

    KEY: ClassVar = ("file",)
    ORDER: ClassVar = "board_id, is_own DESC, sender_id, file"

    board_id: str
    board_name: str
    sender_id: str
    sender_name: str
    is_own: bool
    is_by_predecessor: bool
    is_up_to_date: bool
    reaches_end: bool
    file: str
    sha256: str
    kind: str
    reading_id: str
    period_end_on: date | None
    version: int | None
    stated_total_sek: Decimal | None
    forecast_sek: Decimal | None
    forecast_sheet: str | None
    forecast_cell: str | None
    wanted_sek: Decimal | None
    wanted_sheet: str | None
    wanted_cell: str | None
    unspent_reason: str | None
    replaces_existing: str | None
    other_funding: str | None
    contact: str | None
    email: str | None
    attested_by: str | None
    attested_title: str | None
    attested_on: date | None
    is_held: bool


@dataclass(frozen=True)
class Line(Row):
    """A cost line of a return that counts."""

    KEY: ClassVar = ("file", "sheet", "row_no")
    ORDER: ClassVar = "board_id, file, sheet, row_no"
    ANCHOR: ClassVar = "rad-{place}"
    SHEET: ClassVar = "Rader"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    sender_id: Annotated[str, Excel("Avsändare", 21)]
    file: Annotated[str, Excel("Fil", 24)]
    sheet: Annotated[str, Excel("Blad", 11)]
    row_no: int
    cell: Annotated[str, Excel("Cell", 7)]
    activity_cell: str | None
    activity: Annotated[str | None, Excel("Insats", 28)]
    area: Annotated[str | None, Excel("Område", 26)]
    component_id: Annotated[str, Excel("Komponent", 18)]
    cost_kind: Annotated[str | None, Excel("Kostnadsslag", 20)]
    account: Annotated[str | None, Excel("Konto", 8)]
    project: Annotated[str | None, Excel("Projekt", 8)]
    voucher: Annotated[str | None, Excel("Verifikation", 11)]
    worked_on: Annotated[date | None, Excel("Datum", 11)]
    amount_sek: Annotated[
        Decimal,
        Figure("Belopp", "Cellen Belopp på raden.", ("230_line",), _COLUMNS),
        Excel("Belopp, kr", 14),
    ]
    is_eligible: Annotated[bool, Excel("Berättigat", 10)]
    reason: Annotated[IneligibleReason | None, Excel("Skäl", 26)]
    comment: Annotated[str | None, Excel("Kommentar", 30)]


@dataclass(frozen=True)
class Activity(Row):
    """An activity of a return that counts: what was done, and how many it reached."""

    KEY: ClassVar = ("file", "sheet", "row_no")
    ORDER: ClassVar = "board_id, file, sheet, row_no"
    ANCHOR: ClassVar = "insats-{place}"
    SHEET: ClassVar = "Insatser"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    sender_id: Annotated[str, Excel("Avsändare", 21)]
    file: Annotated[str, Excel("Fil", 24)]
    sheet: Annotated[str, Excel("Blad", 11)]
    row_no: Annotated[int, Excel("Rad", 6)]
    activity: Annotated[str | None, Excel("Insats", 28)]
    area: Annotated[str | None, Excel("Område", 26)]
    target_area: Annotated[str | None, Excel("Målområde", 24)]
    target_group: Annotated[str | None, Excel("Målgrupp", 24)]
    description: Annotated[str | None, Excel("Beskrivning", 40)]
    women_count: Annotated[
        Count | None,
        Figure("Kvinnor", "Cellen Antal kvinnor på insatsens rad.", ("240_activity",), _COLUMNS),
        Excel("Kvinnor", 10),
    ]
    men_count: Annotated[
        Count | None,
        Figure("Män", "Cellen Antal män på insatsens rad.", ("240_activity",), _COLUMNS),
        Excel("Män", 10),
    ]
    unknown_count: Annotated[
        Count | None,
        Figure(
            "Uppgift saknas",
            "Cellen Antal okänt kön på insatsens rad.",
            ("240_activity",),
            _COLUMNS,
        ),
        Excel("Uppgift saknas", 10),
    ]
    women_cell: str | None
    men_cell: str | None
    unknown_cell: str | None
    result: Annotated[str | None, Excel("Resultat", 40)]


@dataclass(frozen=True)
class Area(Row):
    """An area of the grant: what was spent in it, and how many it reached."""

    KEY: ClassVar = ("area",)
    ORDER: ClassVar = "position, area"
    ANCHOR: ClassVar = "omrade-{place}"

    area: str
    component_id: str | None
    position: int
    reported_sek: Decimal
    ineligible_sek: Decimal
    activity_count: Annotated[
        int,
        Figure("Insatser", "Antalet insatser med området.", ("240_activity", "520_area"), _COLUMNS),
    ]
    eligible_sek: Annotated[
        Decimal,
        Figure(
            "Berättigat",
            "Summan av de rader med området som bidraget betalar.",
            ("225_judged", "230_line", "520_area"),
            _MONEY,
        ),
    ]
    women_count: Annotated[
        Count,
        Figure(
            "Kvinnor",
            "Summan av Antal kvinnor i insatserna.",
            ("240_activity", "520_area"),
            _COLUMNS,
        ),
    ]
    men_count: Annotated[
        Count,
        Figure("Män", "Summan av Antal män i insatserna.", ("240_activity", "520_area"), _COLUMNS),
    ]
    unknown_count: Annotated[
        Count,
        Figure(
            "Uppgift saknas",
            "Summan av Antal okänt kön i insatserna.",
            ("240_activity", "520_area"),
            _COLUMNS,
        ),
    ]


@dataclass(frozen=True)
class Ineligible(Row):
    """A board's lines that the grant doesn't pay for, for one reason."""

    KEY: ClassVar = ("board_id", "reason")
    ORDER: ClassVar = "board_id, reason"
    ANCHOR: ClassVar = "{board_id}.skal.{reason}"

    board_id: str
    name: str
    reason: IneligibleReason
    line_count: Annotated[
        int,
        Figure(
            "Rader",
            "Antalet av nämndens rader med det skälet.",
            ("225_judged", "230_line", "530_ineligible"),
            _MONEY,
        ),
    ]
    amount_sek: Annotated[
        Decimal,
        Figure(
            "Belopp",
            "Summan av nämndens rader med det skälet.",
            ("225_judged", "230_line", "530_ineligible"),
            _MONEY,
        ),
    ]


@dataclass(frozen=True)
class Outlook(Row):
    """How fast money is used and what is left by two forecasts: of a board or its component, and of
    the city."""

    KEY: ClassVar = ("board_id", "component_id")
    ORDER: ClassVar = "board_id NULLS FIRST, component_id NULLS FIRST"
    ANCHOR: ClassVar = "prognos.{subject}"

    board_id: str | None
    component_id: str | None
    subject: str
    reached_on: date
    allocated_sek: Annotated[
        Decimal,
        Figure(
            "Fördelat",
            "Det som gäller nu; för staden hos alla nämnder utom dem som väntar på rättelse.",
            _REACH,
            _SAID,
        ),
    ]
    eligible_sek: Annotated[
        Decimal,
        Figure(
            "Berättigat",
            "Summan av de rader som bidraget betalar; för staden hos de nämnder som räknas.",
            _REACH,
            _MONEY,
        ),
    ]
    used_share: Annotated[
        Decimal | None,
        Figure(
            "Använt",
            "Berättigat {eligible_sek} delat med fördelat {allocated_sek}.",
            ("435_outlook",),
            _LOOK,
        ),
    ]
    elapsed_day_count: Annotated[
        int,
        Figure(
            "Dagar som har gått",
            "Dagarna från bidragets första dag till och med den dag som redovisningen gäller.",
            ("430_reach", "435_outlook"),
            _LOOK,
        ),
    ]
    total_day_count: Annotated[
        int,
        Figure("Dagar i allt", "Alla dagar som bidraget får användas.", ("430_reach",), _TERMS),
    ]
    elapsed_share: Annotated[
        Decimal,
        Figure(
            "Förfluten tid",
            "{elapsed_day_count} av {total_day_count} dagar.",
            ("435_outlook",),
            _LOOK,
        ),
    ]
    run_rate_sek: Annotated[
        Decimal | None,
        Figure(
            "Prognos i samma takt",
            "Berättigat {eligible_sek} gånger {total_day_count} dagar, delat med "
            "{elapsed_day_count} dagar. För staden är det summan av nämndernas.",
            ("430_reach", "432_expected", "435_outlook"),
            _LOOK,
        ),
    ]
    run_rate_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Blir över i samma takt",
            "Fördelat {allocated_sek} minus prognos i samma takt {run_rate_sek}, lägst noll. För "
            "staden är det summan av nämndernas.",
            ("435_outlook",),
            _LOOK,
        ),
    ]
    forecast_sek: Annotated[
        Decimal | None,
        Figure(
            "Nämndens prognos",
            "Nämndens egen prognos för hela bidraget; flera avsändare läggs ihop. För staden är "
            "det summan av de prognoser som har lämnats.",
            ("430_reach", "435_outlook"),
            _SAID,
        ),
    ]
    projected_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Väntas bli över",
            "Fördelat minus nämndens prognos, lägst noll. För staden är det summan av nämndernas.",
            ("435_outlook",),
            _SAID,
        ),
    ]
    wanted_sek: Annotated[
        Decimal | None,
        Figure(
            "Önskar ytterligare",
            "Det som nämnden har skrivit i fältet Önskar ytterligare medel; flera avsändare läggs "
            "ihop.",
            ("210_sender", "435_outlook"),
            _LOOK,
        ),
    ]
    run_rate_count: Annotated[
        int | None,
        Figure(
            "Nämnder med prognos i samma takt",
            "Nämnder som räknas och som har redovisat minst en dag av bidragets tid.",
            ("435_outlook",),
            _LOOK,
        ),
    ]
    forecast_count: Annotated[
        int | None,
        Figure(
            "Nämnder med egen prognos",
            "Nämnder som räknas och som har lämnat en prognos.",
            ("435_outlook",),
            _LOOK,
        ),
    ]


@dataclass(frozen=True)
class Since(Row):
    """A board and an earlier period that it has reported: what has changed since."""

    KEY: ClassVar = ("board_id", "earlier_on")
    ORDER: ClassVar = "board_id, earlier_on DESC"
    ANCHOR: ClassVar = "prognos.{board_id}.{earlier_on}"

    board_id: str
    earlier_on: date
    is_latest: bool
    files: tuple[str, ...]
    before_eligible_sek: Annotated[
        Decimal,
        Figure(
            "Använt då",
            "Summan av de rader i den tidigare redovisningen som bidraget betalar.",
            _REACH,
            _LOOK,
        ),
    ]
    eligible_sek: Annotated[
        Decimal,
        Figure("Använt nu", "Summan av de rader som bidraget betalar.", _REACH, _MONEY),
    ]
    eligible_change_sek: Annotated[
        Decimal,
        Figure(
            "Mer använt",
            "Använt nu {eligible_sek} minus använt då {before_eligible_sek}.",
            ("440_since",),
            _LOOK,
        ),
    ]
    before_forecast_sek: Annotated[
        Decimal | None,
        Figure(
            "Prognos då",
            "Nämndens egen prognos i den tidigare redovisningen.",
            ("430_reach",),
            _LOOK,
        ),
    ]
    forecast_sek: Annotated[
        Decimal | None,
        Figure("Prognos nu", "Nämndens egen prognos nu.", ("430_reach",), _SAID),
    ]
    forecast_change_sek: Annotated[
        Decimal | None,
        Figure(
            "Ändrad prognos",
            "Prognos nu {forecast_sek} minus prognos då {before_forecast_sek}.",
            ("440_since",),
            _LOOK,
        ),
    ]
    before_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Väntades bli över då",
            "Det som är fördelat nu minus det som är störst av prognos då {before_forecast_sek} "
            "och använt då {before_eligible_sek}, lägst noll.",
            ("440_since",),
            _LOOK,
        ),
    ]
    projected_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Väntas bli över nu",
            "Det som är fördelat nu minus det som är störst av prognosen nu och använt nu "
            "{eligible_sek}, lägst noll.",
            ("410_forecast", "440_since"),
            _SAID,
        ),
    ]
    unspent_change_sek: Annotated[
        Decimal | None,
        Figure(
            "Ändring av det som väntas bli över",
            "Väntas bli över nu {projected_unspent_sek} minus då {before_unspent_sek}.",
            ("440_since",),
            _LOOK,
        ),
    ]
    run_rate_said_sek: Annotated[
        Decimal | None,
        Figure(
            "Samma takt sade",
            "Använt då {before_eligible_sek} delat med dagarna till dess, gånger dagarna till nu.",
            ("432_expected", "440_since"),
            _LOOK,
        ),
    ]
    run_rate_error_sek: Annotated[
        Decimal | None,
        Figure(
            "Taktens fel",
            "Samma takt sade {run_rate_said_sek} minus använt nu {eligible_sek}.",
            ("440_since",),
            _LOOK,
        ),
    ]
    forecast_said_sek: Annotated[
        Decimal | None,
        Figure(
            "Nämndens prognos sade",
            "Använt då {before_eligible_sek} plus den del av resten av prognosen "
            "{before_forecast_sek} som dagarna till nu är av dem som då var kvar.",
            ("432_expected", "440_since"),
            _LOOK,
        ),
    ]
    forecast_error_sek: Annotated[
        Decimal | None,
        Figure(
            "Prognosens fel",
            "Nämndens prognos sade {forecast_said_sek} minus använt nu {eligible_sek}.",
            ("440_since",),
            _LOOK,
        ),
    ]


@dataclass(frozen=True)
class Gender(Row):
    """All persons that the activities reached."""

    ORDER: ClassVar = "grant_id"
    ANCHOR: ClassVar = "personer"

    activity_count: Annotated[
        int,
        Figure("Insatser", "Antalet insatser hos de nämnder som räknas.", ("540_gender",), _SAID),
    ]
    uncounted_activity_count: Annotated[
        int,
        Figure(
            "Insatser utan antal",
            "Insatser där inget antal är ifyllt.",
            ("540_gender",),
            _SAID,
        ),
    ]
    women_count: Annotated[
        Count,
        Figure("Kvinnor", "Summan av Antal kvinnor i alla insatser.", ("540_gender",), _SAID),
    ]
    men_count: Annotated[
        Count,
        Figure("Män", "Summan av Antal män i alla insatser.", ("540_gender",), _SAID),
    ]
    unknown_count: Annotated[
        Count,
        Figure(
            "Uppgift saknas",
            "Summan av Antal okänt kön i alla insatser.",
            ("540_gender",),
            _SAID,
        ),
    ]
    people_count: Annotated[
        Count,
        Figure(
            "Personer",
            "Kvinnor {women_count} plus män {men_count} plus uppgift saknas {unknown_count}.",
            ("540_gender",),
            _SAID,
        ),
    ]
    women_share: Annotated[
        Decimal | None,
        Figure("Andel kvinnor", "Kvinnor {women_count} av {people_count}.", ("540_gender",), _SAID),
    ]
    men_share: Annotated[
        Decimal | None,
        Figure("Andel män", "Män {men_count} av {people_count}.", ("540_gender",), _SAID),
    ]
    unknown_share: Annotated[
        Decimal | None,
        Figure(
            "Andel uppgift saknas",
            "Uppgift saknas {unknown_count} av {people_count}.",
            ("540_gender",),
            _SAID,
        ),
    ]


@dataclass(frozen=True)
class Counted(Row):
    """A row of a return that counts in which a board has counted something that it was asked to."""

    KEY: ClassVar = ("file", "asked_no")
    ORDER: ClassVar = "asked_no, board_id, file"

    board_id: str
    sender_id: str
    file: str
    sheet: str
    row_no: int | None
    """None where the total is the sum of its parts."""
    asked_no: int
    people_count: int | None
    agree_count: int | None
    answered_count: int | None
    asked_count: int | None
    is_summed: bool


@dataclass(frozen=True)
class Measured(Row):
    """Something that boards were asked to count, all of it or a part: of a unit, or of all
    together."""

    KEY: ClassVar = ("board_id", "asked_no")
    ORDER: ClassVar = "board_id NULLS FIRST, asked_no"
    ANCHOR: ClassVar = "{subject}"
    SHEET: ClassVar = "Mått"

    board_id: Annotated[str | None, Excel("Nämnd", 21)]
    asked_no: int
    subject: str
    measure_id: str
    name: Annotated[str, Excel("Mått", 30)]
    is_rating: bool
    year_no: int
    from_on: Annotated[date, Excel("Från och med", 12)]
    to_on: Annotated[date, Excel("Till och med", 12)]
    split_no: int
    split: Annotated[str | None, Excel("Uppdelning", 20)]
    part_no: int
    part: Annotated[str, Excel("Del", 18)]
    is_by_sex: bool
    people_count: Annotated[
        Count | None,
        Figure(
            "Antal",
            "Summan av Antal på raden i de redovisningar som räknas. Är bara delarna ifyllda är "
            "totalen summan av dem.",
            _COUNTED,
            _ASKED,
        ),
        Excel("Antal", 10),
    ]
    agree_count: Annotated[
        Count | None,
        Figure("Instämmer", "Summan av Instämmer på raden.", _COUNTED, _ASKED),
        Excel("Instämmer", 10),
    ]
    answered_count: Annotated[
        Count | None,
        Figure("Svarande", "Summan av Svarande på raden.", _COUNTED, _ASKED),
        Excel("Svarande", 10),
    ]
    asked_count: Annotated[
        Count | None,
        Figure("Tillfrågade", "Summan av Tillfrågade på raden.", _COUNTED, _ASKED),
        Excel("Tillfrågade", 11),
    ]
    agree_share: Annotated[
        Decimal | None,
        Figure(
            "Andel som instämmer",
            "Instämmer delat med svarande.",
            ("546_measured",),
            _ASKED,
        ),
        Excel("Andel som instämmer", 10),
    ]
    answered_share: Annotated[
        Decimal | None,
        Figure(
            "Svarsfrekvens",
            "Svarande delat med tillfrågade.",
            ("546_measured",),
            _ASKED,
        ),
        Excel("Svarsfrekvens", 10),
    ]
    counting_count: Annotated[
        int | None,
        Figure(
            "Nämnder som har svarat",
            "Nämnder med ett antal på raden.",
            ("546_measured",),
            _ASKED,
        ),
    ]
    board_count: Annotated[
        int | None,
        Figure(
            "Nämnder",
            "Nämnder som har medel eller har redovisat.",
            ("220_standing", "546_measured"),
            _SAID,
        ),
    ]


@dataclass(frozen=True)
class BoardAnswer(Row):
    """What a unit has answered to a question that it was asked about itself, for a year."""

    KEY: ClassVar = ("board_id", "asked_no")
    ORDER: ClassVar = "board_id, asked_no"
    ANCHOR: ClassVar = "{board_id}.fraga-{asked_no}"
    SHEET: ClassVar = "Svar"

    board_id: Annotated[str, Excel("Nämnd", 21)]
    asked_no: int
    question_id: str
    text: Annotated[str, Excel("Fråga", 60)]
    is_number: bool
    unit: str | None
    year_no: int
    from_on: Annotated[date, Excel("Från och med", 12)]
    to_on: Annotated[date, Excel("Till och med", 12)]
    is_yes: Annotated[bool | None, Excel("Svar", 9)]
    """None where it is unknown, and of a number."""
    number_count: Annotated[
        int | None,
        Figure(
            "Tal",
            "Talet på raden i enhetens egen redovisning. Har bara föregångare svarat läggs deras "
            "tal ihop.",
            ("246_answer",),
            _ASKED,
        ),
        Excel("Tal", 10),
    ]
    is_contradicted: bool
    """Whether predecessors say both yes and no, and the unit itself nothing."""
    places: Annotated[tuple[str, ...] | None, Excel("Fil, blad och cell", 44)]
    """Where each answer that it rests on stands; None where there is none."""


@dataclass(frozen=True)
class Answered(Row):
    """A question and a year: how many units were asked, how many answered, and what they said."""

    KEY: ClassVar = ("asked_no",)
    ORDER: ClassVar = "asked_no"
    ANCHOR: ClassVar = "fraga-{asked_no}"
    SHEET: ClassVar = "Frågor"

    asked_no: int
    question_id: str
    text: Annotated[str, Excel("Fråga", 60)]
    is_number: bool
    unit: Annotated[str | None, Excel("Enhet", 24)]
    year_no: int
    from_on: Annotated[date, Excel("Från och med", 12)]
    to_on: Annotated[date, Excel("Till och med", 12)]
    asked_count: Annotated[
        int,
        Figure(
            "Tillfrågade",
            "Nämnder som har medel eller har redovisat.",
            ("220_standing", "549_answered"),
            _ASKED,
        ),
        Excel("Tillfrågade", 11),
    ]
    answering_count: Annotated[
        int,
        Figure(
            "Svarande",
            "Nämnder vars svar är känt. En redovisning som väntar på rättelse räknas inte.",
            _ANSWERED,
            _ASKED,
        ),
        Excel("Svarande", 10),
    ]
    yes_count: Annotated[
        int | None,
        Figure("Ja", "Nämnder som har svarat ja.", _ANSWERED, _ASKED),
        Excel("Ja", 8),
    ]
    no_count: Annotated[
        int | None,
        Figure("Nej", "Nämnder som har svarat nej.", _ANSWERED, _ASKED),
        Excel("Nej", 8),
    ]
    yes_whole_share: Annotated[
        Decimal | None,
        Figure(
            "Andel ja",
            "Ja {yes_count} delat med svarande {answering_count}, i hela procent så som villkoren "
            "avrundar dem.",
            ("549_answered",),
            _ASKED,
        ),
        Excel("Andel ja", 9),
    ]
    number_count: Annotated[
        int | None,
        Figure("Tillsammans", "Summan av de svarandes tal.", _ANSWERED, _ASKED),
        Excel("Tillsammans", 11),
    ]


@dataclass(frozen=True)
class Staffing(Row):
    """The posts of a unit, or of all together: how much they were filled, what they cost and
    whether they stay."""

    KEY: ClassVar = ("board_id",)
    ORDER: ClassVar = "board_id NULLS FIRST"
    ANCHOR: ClassVar = "{subject}"
    SHEET: ClassVar = "Tjänster"

    board_id: Annotated[str | None, Excel("Nämnd", 21)]
    subject: str
    post_count: Annotated[
        int,
        Figure("Tjänster", "Raderna i Tjänster.", ("244_post", "548_staffing"), _ASKED),
        Excel("Tjänster", 9),
    ]
    current_count: Annotated[
        int,
        Figure(
            "Tjänster nu",
            "De tjänster som inte har slutat före redovisningens sista dag.",
            ("244_post", "548_staffing"),
            _ASKED,
        ),
        Excel("Tjänster nu", 9),
    ]
    filled_months: Annotated[
        Decimal,
        Figure(
            "Bemannade månader",
            "Månaderna i hela tjänster: varje tjänsts procent av heltid gånger den del av varje "
            "månad som den varade.",
            _STAFFED,
            _ASKED,
        ),
        Excel("Bemannade månader", 12),
    ]
    wanted_months: Annotated[
        Decimal,
        Figure(
            "Månader enligt villkoren",
            "Minsta antalet hela tjänster enligt villkoren, varje månad som redovisningen når.",
            _STAFFED,
            _ASKED,
        ),
        Excel("Månader enligt villkoren", 12),
    ]
    vacant_month_count: Annotated[
        int,
        Figure(
            "Månader med vakans",
            "Månader med mindre bemannat än villkorens minsta antal.",
            ("244_post", "547_post_month"),
            _ASKED,
        ),
        Excel("Månader med vakans", 10),
    ]
    vacant_in: tuple[str, ...] | None
    """Each as 2018-03; None where there are none, and for all units together."""
    salary_sek: Annotated[
        Decimal,
        Figure(
            "Löner",
            "Summan av de berättigade raderna med tjänsternas kostnadsslag.",
            ("230_line", "548_staffing"),
            _ASKED,
        ),
        Excel("Löner, kr", 14),
    ]
    whole_post_sek: Annotated[
        Decimal | None,
        Figure(
            "Kostnad per hel tjänst och år",
            "Löner {salary_sek} delat med bemannade månader {filled_months} gånger tolv, i hela "
            "kronor.",
            ("548_staffing",),
            _ASKED,
        ),
        Excel("Per hel tjänst och år, kr", 14),
    ]
    staying_count: Annotated[
        int,
        Figure(
            "Finns kvar",
            "Tjänster nu där Finns kvar är Ja.",
            ("244_post", "548_staffing"),
            _ASKED,
        ),
        Excel("Finns kvar", 9),
    ]
    ending_count: Annotated[
        int,
        Figure(
            "Upphör med medlen",
            "Tjänster nu där Finns kvar är Nej.",
            ("244_post", "548_staffing"),
            _ASKED,
        ),
        Excel("Upphör med medlen", 9),
    ]
    unsaid_count: Annotated[
        int,
        Figure(
            "Inte sagt",
            "Tjänster nu {current_count} minus finns kvar {staying_count} och upphör "
            "{ending_count}.",
            ("548_staffing",),
            _ASKED,
        ),
        Excel("Inte sagt", 9),
    ]


@dataclass(frozen=True)
class FileOutcome(Row):
    """A file of the run, and what became of it."""

    KEY: ClassVar = ("name",)
    ORDER: ClassVar = "name"
    SHEET: ClassVar = "Filer"

    name: Annotated[str, Excel("Fil", 40)]
    board_id: Annotated[str | None, Excel("Nämnd", 21)]
    sender_id: Annotated[str | None, Excel("Avsändare", 21)]
    outcome: Annotated[Outcome, Excel("Utfall", 26)]
    size_bytes: Annotated[int, Excel("Byte", 10)]
    sha256: Annotated[str, Excel("SHA-256", 68)]


@dataclass(frozen=True)
class AllocationRow(Row):
    """What one decision gives one board for one component."""

    KEY: ClassVar = ("decision_id", "board_id", "component_id")
    ORDER: ClassVar = "decided_on, decision_id, board_id, component_id"
    ANCHOR: ClassVar = "beslut-{place}"
    SHEET: ClassVar = "Beslut"

    decision_id: Annotated[str, Excel("Beslut", 20)]
    decided_on: Annotated[date, Excel("Datum", 11)]
    decided_by: Annotated[str, Excel("Beslutat av", 20)]
    board_id: str
    name: Annotated[str, Excel("Nämnd", 22)]
    unit_id: str
    component_id: Annotated[str, Excel("Komponent", 20)]
    year_no: int | None
    """Of the grant's years the one that the amount is for; 0: the whole grant."""
    amount_sek: Annotated[
        Decimal,
        Figure("Belopp", "Står i beslutet.", ("103_allocation",), _MONEY),
        Excel("Belopp, kr", 14),
    ]
    is_in_force: Annotated[bool, Excel("Gäller nu", 10)]


@dataclass(frozen=True)
class PledgeKept(Row):
    """What a decision promises, beside what the boards report."""

    KEY: ClassVar = ("pledge_id",)
    ORDER: ClassVar = "position"

    pledge_id: str
    position: int
    sentence: str
    promised_count: int
    working_count: int
    names: tuple[str, ...] | None
    """The units that report costs there; None where nobody does."""


@dataclass(frozen=True)
class Redistribution(Row):
    """The proposal to move money, as a whole."""

    ANCHOR: ClassVar = "omfordelning"

    unknown: tuple[str, ...]
    before_sek: Annotated[
        Decimal,
        Figure(
            "Väntad återbetalning",
            "Det som väntas bli över om varje nämnd använder det som den har räknat med, och det "
            "som inte är fördelat.",
            (),
            _MODEL,
        ),
    ]
    saved_sek: Annotated[Decimal, Figure("Omfördelas", "Summan av överföringarna.", (), _MODEL)]
    after_sek: Annotated[
        Decimal,
        Figure(
            "Väntad återbetalning efter omfördelning",
            "Väntad återbetalning {before_sek} minus det som omfördelas {saved_sek}.",
            (),
            _MODEL,
        ),
    ]


@dataclass(frozen=True)
class Transfer(Row):
    """A move of money from one board to another."""

    KEY: ClassVar = ("from_board_id", "to_board_id", "component_id")
    ANCHOR: ClassVar = "flytt-{place}"

    from_board_id: str
    to_board_id: str
    component_id: str | None
    amount_sek: Annotated[Decimal, Figure("Belopp", "Största beloppet går först.", (), _MODEL)]


@dataclass(frozen=True)
class MovedBoard(Row):
    """What the proposal would mean for a board."""

    KEY: ClassVar = ("board_id",)
    ANCHOR: ClassVar = "omfordelning.{board_id}"

    board_id: str
    allocated_sek: Annotated[
        Decimal,
        Figure(
            "Fördelat",
            "Summan av de fördelningsbeslut som gäller nu.",
            ("103_allocation",),
            _MONEY,
        ),
    ]
    projected_unspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Väntas bli över",
            "Fördelat {allocated_sek} minus det som är störst av prognosen och det använda, lägst "
            "noll.",
            ("410_forecast",),
            _SAID,
        ),
    ]
    overspent_sek: Annotated[
        Decimal | None,
        Figure(
            "Över tilldelningen",
            "Berättigat minus fördelat {allocated_sek}, lägst noll.",
            ("320_board_money",),
            _MONEY,
        ),
    ]
    wanted_sek: Annotated[
        Decimal | None,
        Figure(
            "Önskar ytterligare",
            "Det som nämnden har skrivit i sin redovisning.",
            ("210_sender",),
            _LOOK,
        ),
    ]
    moved_sek: Annotated[
        Decimal,
        Figure("Omfördelas", "Det som nämnden får minus det som den lämnar.", (), _MODEL),
    ]
    allocated_after_sek: Annotated[
        Decimal,
        Figure(
            "Fördelat efter omfördelning",
            "Fördelat {allocated_sek} plus det som omfördelas {moved_sek}.",
            (),
            _MODEL,
        ),
    ]


@dataclass(frozen=True)
class ToldFinding(Row):
    """A finding that the grant's report tells; `about_*` is whose it is, also when it is
    nobody's."""

    KEY: ClassVar = ("position",)
    ORDER: ClassVar = "position"

    position: int
    finding_no: int
    rule_id: str
    severity: Severity
    about_grant_id: str | None
    about_board_id: str | None
    file: str | None
    sheet: str | None
    cells: tuple[str, ...]
    seen: str | None
    message: str
    remedy: str
    source: str


# -- what a new version of a return would change ---------------------------------------------------


class Change(StrEnum):
    """What becomes of a cost line from one run to the next."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class LineChange(Row):
    """A cost line that is added, removed or changed between two runs."""

    ORDER: ClassVar = "board_id, sender_id, file, sheet, row_no, change"

    board_id: str
    sender_id: str
    change: Change
    file: str
    sheet: str
    row_no: int
    cell: str | None
    activity: str | None
    before_sek: Decimal | None
    after_sek: Decimal | None
    before_on: date | None
    after_on: date | None
    before_words: str | None
    after_words: str | None


@dataclass(frozen=True)
class SenderChange(Row):
    """A sender whose return is another than in the run before: new, gone, or a file with other
    content."""

    ORDER: ClassVar = "board_id, sender_name, after_file, before_file"

    board_id: str
    sender_name: str
    before_file: str | None
    before_version: int | None
    was_held: bool | None
    after_file: str | None
    after_version: int | None
    is_held: bool | None


@dataclass(frozen=True)
class Changes:
    """What the returns of one run say that those of another don't."""

    lines: tuple[LineChange, ...]
    senders: tuple[SenderChange, ...]


CHANGE_STEPS: Mapping[str, type[Row]] = {
    "710_line_change": LineChange,
    "720_sender_change": SenderChange,
}
"""The steps that compare two runs, and the rows of what each makes."""


# -- all of them -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tables:
    """The result tables of a grant, by the names of their steps without the number, each in its
    `ORDER`."""

    city: tuple[City, ...]
    board: tuple[BoardMoney, ...]
    board_component: tuple[ComponentMoney, ...]
    inherited: tuple[Inherited, ...]
    board_year: tuple[BoardYear, ...]
    sender: tuple[Sender, ...]
    line: tuple[Line, ...]
    activity: tuple[Activity, ...]
    area: tuple[Area, ...]
    ineligible: tuple[Ineligible, ...]
    outlook: tuple[Outlook, ...]
    since: tuple[Since, ...]
    gender: tuple[Gender, ...]
    counted: tuple[Counted, ...]
    measured: tuple[Measured, ...]
    staffing: tuple[Staffing, ...]
    answer: tuple[BoardAnswer, ...]
    answered: tuple[Answered, ...]
    manifest: tuple[FileOutcome, ...]
    allocation: tuple[AllocationRow, ...]
    pledge: tuple[PledgeKept, ...]
    evidence: tuple[Evidence, ...]
    pair: tuple[Pair, ...]
    member: tuple[Member, ...]
    told: tuple[ToldFinding, ...]
    level: tuple[LevelSum, ...]
    coverage: tuple[Coverage, ...]
    level_answer: tuple[LevelAnswer, ...]
    redistribution: tuple[Redistribution, ...] = ()
    """This and the next two come from no step: they are the proposal to move money, where there is
    one."""
    transfer: tuple[Transfer, ...] = ()
    moved: tuple[MovedBoard, ...] = ()


SHAPES: Mapping[str, type[Row]] = {
    name: get_args(hint)[0] for name, hint in get_type_hints(Tables).items()
}
"""Table name -> the class of its rows."""
OF_STEPS: tuple[str, ...] = tuple(name for name, shape in SHAPES.items() if shape.ORDER)
"""The tables that steps of sql/ make."""


def _in_trace(shape: type[Row]) -> Mapping[str, Figure]:
    """The figures of a table in the order that the trace tells of them."""
    figures = figures_of(shape)
    first = [name for name in getattr(shape, "IN_TRACE", ()) if name in figures]
    rest = [name for name in figures if name not in first]
    return {name: figures[name] for name in (*first, *rest)}


FIGURES: Mapping[str, Mapping[str, Figure]] = {
    name: _in_trace(PrintedCity if shape is City else shape)
    for name, shape in SHAPES.items()
    if figures_of(shape)
}
"""Every figure that a report prints: table -> column -> what it is. The labels are the words of the
reports."""


def figures_of_run(tables: Tables, wording: Wording = PLAIN) -> Mapping[str, Mapping[str, Figure]]:
    """Every figure that a report of these tables prints, with how it is reckoned there, in the
    words of its level."""
    if not tables.board_year and wording.is_plain:
        return FIGURES
    has_years = bool(tables.board_year)
    told: dict[str, dict[str, Figure]] = {}
    for table, figures in FIGURES.items():
        told[table] = {}
        for name, figure in figures.items():
            reckoned = (has_years and figure.in_years) or figure.reckoned
            told[table][name] = replace(
                figure, label=wording.said(figure.label), reckoned=wording.said(reckoned)
            )
    return told
