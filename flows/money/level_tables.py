"""The tables of the levels: what those on a higher level have together, and what they work with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from .shapes import Excel, Figure, Row

_LEVELS = "Kontraktet avsnitt 7: nivåer"
_MONEY = ("420_board", "511_part_of", "515_level")
_ANSWERED = ("246_answer", "511_part_of", "517_level_answer")
_COVERED = ("240_activity", "511_part_of", "516_coverage")


@dataclass(frozen=True)
class LevelSum(Row):
    """Those who are a part of a recipient on a higher level, all together or those of one level:
    their money, and how many of them have answered."""

    KEY: ClassVar = ("upper_id", "level_id")
    ORDER: ClassVar = "above_id NULLS FIRST, upper_id, level_id NULLS FIRST"
    ANCHOR: ClassVar = "{subject}"
    SHEET: ClassVar = "Nivåer"

    upper_id: str
    upper_level_id: str
    above_id: str | None
    """The recipient on the next higher level; None for the highest."""
    subject: str
    name: Annotated[str, Excel("Räknat för", 26)]
    level_id: Annotated[str | None, Excel("Bara de som är", 14)]
    """The level of those who are summed; None: all of them."""
    board_count: Annotated[
        int,
        Figure("Tillfrågade", "De som har medel eller har redovisat.", _MONEY, _LEVELS),
        Excel("Tillfrågade", 11),
    ]
    answered_count: Annotated[
        int,
        Figure(
            "Svarande",
            "Tillfrågade som det har kommit en redovisning från, även en som väntar på rättelse.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Svarande", 10),
    ]
    answered_whole_share: Annotated[
        Decimal,
        Figure(
            "Svarsfrekvens",
            "Svarande {answered_count} delat med tillfrågade {board_count}, i hela procent.",
            ("515_level",),
            _LEVELS,
        ),
        Excel("Svarsfrekvens", 12),
    ]
    held_count: Annotated[
        int,
        Figure(
            "Väntar på rättelse",
            "Svarande vars redovisning en hindrande anmärkning håller.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Väntar på rättelse", 10),
    ]
    counted_count: Annotated[
        int,
        Figure(
            "Redovisningar som räknas",
            "Svarande {answered_count} minus väntar på rättelse {held_count}.",
            ("515_level",),
            _LEVELS,
        ),
        Excel("Räknas", 10),
    ]
    allocated_sek: Annotated[
        Decimal | None,
        Figure("Fördelat", "Summan av det fördelade.", _MONEY, _LEVELS),
        Excel("Fördelat, kr", 17),
    ]
    reported_sek: Annotated[
        Decimal,
        Figure("Redovisat", "Summan av det redovisade hos dem som räknas.", _MONEY, _LEVELS),
        Excel("Redovisat, kr", 17),
    ]
    eligible_sek: Annotated[
        Decimal,
        Figure("Berättigat", "Summan av det berättigade hos dem som räknas.", _MONEY, _LEVELS),
        Excel("Berättigat, kr", 17),
    ]
    ineligible_sek: Annotated[
        Decimal,
        Figure(
            "Inte berättigat",
            "Summan av det inte berättigade hos dem som räknas.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Inte berättigat, kr", 15),
    ]
    overspent_sek: Annotated[
        Decimal,
        Figure(
            "Överförbrukat",
            "Summan av vad var och en har använt över det fördelade.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Överförbrukat, kr", 15),
    ]
    liability_sek: Annotated[
        Decimal,
        Figure(
            "Att återbetala",
            "Summan av vad var och en har att återbetala; den som väntar på rättelse är inte med.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Att återbetala, kr", 17),
    ]
    undetermined_sek: Annotated[
        Decimal,
        Figure(
            "Ännu inte avgjort",
            "Summan av det fördelade hos dem som väntar på rättelse.",
            _MONEY,
            _LEVELS,
        ),
        Excel("Ännu inte avgjort, kr", 17),
    ]
    used_share: Annotated[
        Decimal | None,
        Figure(
            "Använt",
            "Berättigat {eligible_sek} delat med fördelat {allocated_sek} minus ännu inte avgjort "
            "{undetermined_sek}.",
            ("515_level",),
            _LEVELS,
        ),
        Excel("Använt", 9),
    ]


@dataclass(frozen=True)
class Coverage(Row):
    """How many of the parts of a recipient on a higher level do something in an area, for a target
    area."""

    KEY: ClassVar = ("upper_id", "area", "target_area")
    ORDER: ClassVar = "upper_id, position, area, target_position, target_area"
    ANCHOR: ClassVar = "tackning-{place}"
    SHEET: ClassVar = "Målområden"

    upper_id: str
    name: Annotated[str, Excel("Räknat för", 26)]
    area: Annotated[str | None, Excel("Område", 40)]
    """None: all of them together."""
    target_area: Annotated[str | None, Excel("Målområde", 34)]
    """None: all of them together."""
    position: int
    target_position: int
    working_count: Annotated[
        int,
        Figure(
            "Arbetar med det",
            "De som har minst en insats med området och målområdet.",
            _COVERED,
            _LEVELS,
        ),
        Excel("Arbetar med det", 12),
    ]
    activity_count: Annotated[
        int,
        Figure("Insatser", "Antalet insatser med området och målområdet.", _COVERED, _LEVELS),
        Excel("Insatser", 10),
    ]


@dataclass(frozen=True)
class LevelAnswer(Row):
    """A question and a year: what the parts of a recipient on a higher level have answered."""

    KEY: ClassVar = ("upper_id", "asked_no")
    ORDER: ClassVar = "asked_no, above_id NULLS FIRST, upper_id"
    ANCHOR: ClassVar = "{subject}"
    SHEET: ClassVar = "Frågor per nivå"

    upper_id: str
    above_id: str | None
    subject: str
    asked_no: int
    question_id: Annotated[str, Excel("Fråga", 26)]
    is_number: bool
    from_on: Annotated[date, Excel("Från och med", 12)]
    to_on: Annotated[date, Excel("Till och med", 12)]
    name: Annotated[str, Excel("Räknat för", 26)]
    asked_count: Annotated[
        int,
        Figure("Tillfrågade", "De som har medel eller har redovisat.", _ANSWERED, _LEVELS),
        Excel("Tillfrågade", 11),
    ]
    answering_count: Annotated[
        int,
        Figure("Svarande", "De vars svar på frågan är känt.", _ANSWERED, _LEVELS),
        Excel("Svarande", 10),
    ]
    yes_count: Annotated[
        int | None,
        Figure("Ja", "De som har svarat ja.", _ANSWERED, _LEVELS),
        Excel("Ja", 8),
    ]
    no_count: Annotated[
        int | None,
        Figure("Nej", "De som har svarat nej.", _ANSWERED, _LEVELS),
        Excel("Nej", 8),
    ]
    yes_whole_share: Annotated[
        Decimal | None,
        Figure(
            "Andel ja",
            "Ja {yes_count} delat med svarande {answering_count}, i hela procent så som villkoren "
            "avrundar dem.",
            ("517_level_answer",),
            _LEVELS,
        ),
        Excel("Andel ja", 9),
    ]
    number_count: Annotated[
        int | None,
        Figure("Tillsammans", "Summan av de svarandes tal.", _ANSWERED, _LEVELS),
        Excel("Tillsammans", 11),
    ]
