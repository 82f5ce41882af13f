"""Every figure of a reconciliation: its Swedish name, how it is reckoned and where. One concept, one word."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.case import Move


class Hidden(str):
    """What is printed in place of a count of persons that isn't told to the public."""

    __slots__ = ()


@dataclass(frozen=True)
class Figure:
    """A figure of a reconciliation: what it is called, how it is reckoned, in which steps of sql/, by what rule."""

    label: str
    reckoned: str
    """In Swedish; {names} are values of the same row."""
    steps: tuple[str, ...]
    """Names of steps without `.sql`, in the order they work; none when it stands in the decisions."""
    source: str


_TERMS = "Bidragets villkor"
_MONEY = "Kontraktet avsnitt 4"
_SAID = "Kontraktet avsnitt 3"
_LINES = ("225_judged", "230_line", "310_board_component")
_REACH = ("225_judged", "430_reach")
_LOOK = "Så är prognoserna gjorda, i rapporten"
_MODEL = "Så är förslaget räknat, i omfordelning.html"

FIGURES: Mapping[str, Mapping[str, Figure]] = {
    "city": {
        "total_sek": Figure("Beviljat", "Står i beslutet om bidraget.", (), _TERMS),
        "allocated_sek": Figure(
            "Fördelat till nämnderna", "Summan av det fördelade hos alla nämnder.", ("510_city",), _MONEY
        ),
        "unallocated_sek": Figure(
            "Ej fördelat", "Beviljat {total_sek} minus fördelat {allocated_sek}.", ("510_city",), _MONEY
        ),
        "reported_sek": Figure(
            "Redovisat av nämnderna",
            "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}, hos de nämnder som räknas.",
            ("510_city",),
            _MONEY,
        ),
        "eligible_sek": Figure(
            "Använt, berättigat", "Summan av det berättigade hos de nämnder som räknas.", ("510_city",), _MONEY
        ),
        "ineligible_sek": Figure(
            "Inte berättigat", "Summan av det inte berättigade hos de nämnder som räknas.", ("510_city",), _MONEY
        ),
        "ineligible_line_count": Figure(
            "Rader som inte är berättigade", "Antalet sådana rader hos de nämnder som räknas.", ("230_line",), _MONEY
        ),
        "remaining_sek": Figure(
            "Återstår hos nämnderna",
            "Summan av det som återstår hos de nämnder som räknas; den som har använt för mycket minskar summan.",
            ("510_city",),
            _MONEY,
        ),
        "undetermined_sek": Figure(
            "Ännu inte avgjort", "Summan av det fördelade hos de nämnder som väntar på rättelse.", ("510_city",), _MONEY
        ),
        "boards_sek": Figure(
            "Nämndernas återbetalning", "Summan av vad varje nämnd har att återbetala.", ("510_city",), _MONEY
        ),
        "namnd_basis_sek": Figure(
            "Räknat per nämnd",
            "Nämndernas återbetalning {boards_sek} plus ej fördelat {unallocated_sek}.",
            ("510_city",),
            _MONEY,
        ),
        "kommun_basis_sek": Figure(
            "Räknat för kommunen som helhet",
            "Beviljat {total_sek} minus berättigat {eligible_sek} och ännu inte avgjort {undetermined_sek}. "
            "Lägst noll och högst det beviljade.",
            ("510_city",),
            _MONEY,
        ),
        "set_off_sek": Figure(
            "Kvittning mellan nämnder",
            "Räknat per nämnd {namnd_basis_sek} minus räknat för kommunen som helhet {kommun_basis_sek}.",
            ("510_city",),
            _MONEY,
        ),
        "to_repay_sek": Figure(
            "Att återbetala",
            "Räknat {basis}, som villkoren anger, och avrundat till hela kronor, 50 öre uppåt. "
            "Per nämnd är det {namnd_basis_sek}, för kommunen som helhet {kommun_basis_sek}.",
            ("510_city",),
            _MONEY,
        ),
        "board_count": Figure("Nämnder", "Nämnder som har medel eller har redovisat.", ("510_city",), _SAID),
        "reported_count": Figure(
            "Nämnder som räknas",
            "Nämnder {board_count} minus utan redovisning {missing_count} och väntar på rättelse {held_count}.",
            ("510_city",),
            _SAID,
        ),
        "missing_count": Figure(
            "Nämnder utan redovisning",
            "Nämnder som det inte har kommit någon redovisning från.",
            ("220_standing", "510_city"),
            _SAID,
        ),
        "held_count": Figure(
            "Nämnder som väntar på rättelse",
            "Nämnder med en redovisning som en hindrande anmärkning håller.",
            ("210_sender", "220_standing", "510_city"),
            _SAID,
        ),
        "outdated_count": Figure(
            "Nämnder med en tidigare period",
            "Nämnder vars senaste redovisning slutar före periodens sista dag.",
            ("220_standing", "510_city"),
            _SAID,
        ),
        "finding_count": Figure("Anmärkningar", "Raderna i findings.json.", (), "Regelregistret"),
    },
    "board": {
        "allocated_sek": Figure(
            "Fördelat",
            "Summan av de fördelningsbeslut som gäller nu, även dem som gäller en nämnd som har uppgått i den här.",
            ("103_allocation", "220_standing"),
            _MONEY,
        ),
        "reported_sek": Figure(
            "Redovisat",
            "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}: nämndens alla rader.",
            (*_LINES, "320_board_money"),
            _MONEY,
        ),
        "eligible_sek": Figure(
            "Berättigat", "Summan av de rader som bidraget betalar.", (*_LINES, "320_board_money"), _MONEY
        ),
        "ineligible_sek": Figure(
            "Inte berättigat", "Summan av de rader som bidraget inte betalar.", (*_LINES, "320_board_money"), _MONEY
        ),
        "remaining_sek": Figure(
            "Återstår", "Fördelat {allocated_sek} minus berättigat {eligible_sek}.", ("320_board_money",), _MONEY
        ),
        "overspent_sek": Figure(
            "Över tilldelningen",
            "Berättigat {eligible_sek} minus fördelat {allocated_sek}, lägst noll.",
            ("320_board_money",),
            _MONEY,
        ),
        "used_share": Figure(
            "Använt", "Berättigat {eligible_sek} delat med fördelat {allocated_sek}.", ("420_board",), _SAID
        ),
        "not_used_sek": Figure(
            "Inte använt",
            "Att återbetala {liability_sek} minus använt till annat {wrong_purpose_sek} "
            "och ingen redovisning {no_report_sek}.",
            ("320_board_money",),
            _MONEY,
        ),
        "wrong_purpose_sek": Figure(
            "Använt till annat",
            "Inte berättigat {ineligible_sek}, lägst noll och högst det som ska återbetalas {liability_sek}; "
            "öronmärkta komponenter räknas var för sig. Noll när redovisning saknas.",
            ("310_board_component", "320_board_money"),
            _MONEY,
        ),
        "no_report_sek": Figure(
            "Ingen redovisning",
            "Allt det fördelade när nämnden inte har lämnat någon redovisning, annars noll.",
            ("220_standing", "320_board_money"),
            _MONEY,
        ),
        "liability_sek": Figure(
            "Att återbetala",
            "Fördelat {allocated_sek} minus berättigat {eligible_sek}, lägst noll och högst det fördelade; "
            "öronmärkta komponenter räknas var för sig och läggs ihop.",
            ("310_board_component", "320_board_money"),
            _MONEY,
        ),
        "forecast_sek": Figure(
            "Prognos", "Nämndens egen prognos för hela bidraget; flera avsändare läggs ihop.", ("410_forecast",), _SAID
        ),
        "projected_unspent_sek": Figure(
            "Väntas bli över",
            "Fördelat {allocated_sek} minus det som är störst av prognosen och berättigat {eligible_sek}, lägst noll. "
            "På bidragets sista dag är det fördelat minus berättigat.",
            ("410_forecast",),
            _SAID,
        ),
    },
    "board_component": {
        "allocated_sek": Figure(
            "Fördelat",
            "Det fördelningsbeslut som gäller nu för komponenten.",
            ("103_allocation", "310_board_component"),
            _MONEY,
        ),
        "reported_sek": Figure(
            "Redovisat", "Berättigat {eligible_sek} plus inte berättigat {ineligible_sek}.", _LINES, _MONEY
        ),
        "eligible_sek": Figure("Berättigat", "Summan av komponentens rader som bidraget betalar.", _LINES, _MONEY),
        "ineligible_sek": Figure(
            "Inte berättigat", "Summan av komponentens rader som bidraget inte betalar.", _LINES, _MONEY
        ),
        "liability_sek": Figure(
            "Att återbetala",
            "Fördelat {allocated_sek} minus berättigat {eligible_sek}, lägst noll och högst det fördelade.",
            ("310_board_component",),
            _MONEY,
        ),
    },
    "inherited": {
        "amount_sek": Figure(
            "Beslutat för en föregångare",
            "Det som gällande beslut ger en nämnd som har uppgått i den här.",
            ("103_allocation", "330_inherited"),
            "Kontraktet avsnitt 2: kedjor",
        )
    },
    "ineligible": {
        "line_count": Figure(
            "Rader", "Antalet av nämndens rader med det skälet.", ("225_judged", "230_line", "530_ineligible"), _MONEY
        ),
        "amount_sek": Figure(
            "Belopp", "Summan av nämndens rader med det skälet.", ("225_judged", "230_line", "530_ineligible"), _MONEY
        ),
    },
    "outlook": {
        "allocated_sek": Figure(
            "Fördelat", "Det som gäller nu; för staden hos alla nämnder utom dem som väntar på rättelse.", _REACH, _SAID
        ),
        "eligible_sek": Figure(
            "Berättigat",
            "Summan av de rader som bidraget betalar; för staden hos de nämnder som räknas.",
            _REACH,
            _MONEY,
        ),
        "used_share": Figure(
            "Använt", "Berättigat {eligible_sek} delat med fördelat {allocated_sek}.", ("435_outlook",), _LOOK
        ),
        "elapsed_day_count": Figure(
            "Dagar som har gått",
            "Dagarna från bidragets första dag till och med den dag som redovisningen gäller.",
            ("430_reach", "435_outlook"),
            _LOOK,
        ),
        "total_day_count": Figure("Dagar i allt", "Alla dagar som bidraget får användas.", ("430_reach",), _TERMS),
        "elapsed_share": Figure(
            "Förfluten tid", "{elapsed_day_count} av {total_day_count} dagar.", ("435_outlook",), _LOOK
        ),
        "run_rate_sek": Figure(
            "Prognos i samma takt",
            "Berättigat {eligible_sek} gånger {total_day_count} dagar, delat med {elapsed_day_count} dagar. "
            "För staden är det summan av nämndernas.",
            ("430_reach", "432_expected", "435_outlook"),
            _LOOK,
        ),
        "run_rate_unspent_sek": Figure(
            "Blir över i samma takt",
            "Fördelat {allocated_sek} minus prognos i samma takt {run_rate_sek}, lägst noll. "
            "För staden är det summan av nämndernas.",
            ("435_outlook",),
            _LOOK,
        ),
        "forecast_sek": Figure(
            "Nämndens prognos",
            "Nämndens egen prognos för hela bidraget; flera avsändare läggs ihop. "
            "För staden är det summan av de prognoser som har lämnats.",
            ("430_reach", "435_outlook"),
            _SAID,
        ),
        "projected_unspent_sek": Figure(
            "Väntas bli över",
            "Fördelat minus nämndens prognos, lägst noll. För staden är det summan av nämndernas.",
            ("435_outlook",),
            _SAID,
        ),
        "wanted_sek": Figure(
            "Önskar ytterligare",
            "Det som nämnden har skrivit i fältet Önskar ytterligare medel; flera avsändare läggs ihop.",
            ("210_sender", "435_outlook"),
            _LOOK,
        ),
        "run_rate_count": Figure(
            "Nämnder med prognos i samma takt",
            "Nämnder som räknas och som har redovisat minst en dag av bidragets tid.",
            ("435_outlook",),
            _LOOK,
        ),
        "forecast_count": Figure(
            "Nämnder med egen prognos", "Nämnder som räknas och som har lämnat en prognos.", ("435_outlook",), _LOOK
        ),
    },
    "since": {
        "before_eligible_sek": Figure(
            "Använt då", "Summan av de rader i den tidigare redovisningen som bidraget betalar.", _REACH, _LOOK
        ),
        "eligible_sek": Figure("Använt nu", "Summan av de rader som bidraget betalar.", _REACH, _MONEY),
        "eligible_change_sek": Figure(
            "Mer använt", "Använt nu {eligible_sek} minus använt då {before_eligible_sek}.", ("440_since",), _LOOK
        ),
        "before_forecast_sek": Figure(
            "Prognos då", "Nämndens egen prognos i den tidigare redovisningen.", ("430_reach",), _LOOK
        ),
        "forecast_sek": Figure("Prognos nu", "Nämndens egen prognos nu.", ("430_reach",), _SAID),
        "forecast_change_sek": Figure(
            "Ändrad prognos", "Prognos nu {forecast_sek} minus prognos då {before_forecast_sek}.", ("440_since",), _LOOK
        ),
        "before_unspent_sek": Figure(
            "Väntades bli över då",
            "Det som är fördelat nu minus det som är störst av prognos då {before_forecast_sek} och använt då "
            "{before_eligible_sek}, lägst noll.",
            ("440_since",),
            _LOOK,
        ),
        "projected_unspent_sek": Figure(
            "Väntas bli över nu",
            "Det som är fördelat nu minus det som är störst av prognosen nu och använt nu {eligible_sek}, lägst noll.",
            ("410_forecast", "440_since"),
            _SAID,
        ),
        "unspent_change_sek": Figure(
            "Ändring av det som väntas bli över",
            "Väntas bli över nu {projected_unspent_sek} minus då {before_unspent_sek}.",
            ("440_since",),
            _LOOK,
        ),
        "run_rate_said_sek": Figure(
            "Samma takt sade",
            "Använt då {before_eligible_sek} delat med dagarna till dess, gånger dagarna till nu.",
            ("432_expected", "440_since"),
            _LOOK,
        ),
        "run_rate_error_sek": Figure(
            "Taktens fel", "Samma takt sade {run_rate_said_sek} minus använt nu {eligible_sek}.", ("440_since",), _LOOK
        ),
        "forecast_said_sek": Figure(
            "Nämndens prognos sade",
            "Använt då {before_eligible_sek} plus den del av resten av prognosen {before_forecast_sek} som dagarna "
            "till nu är av dem som då var kvar.",
            ("432_expected", "440_since"),
            _LOOK,
        ),
        "forecast_error_sek": Figure(
            "Prognosens fel",
            "Nämndens prognos sade {forecast_said_sek} minus använt nu {eligible_sek}.",
            ("440_since",),
            _LOOK,
        ),
    },
    "redistribution": {
        "before_sek": Figure(
            "Väntad återbetalning",
            "Det som väntas bli över om varje nämnd använder det som den har räknat med, och det som inte är fördelat.",
            (),
            _MODEL,
        ),
        "saved_sek": Figure("Omfördelas", "Summan av överföringarna.", (), _MODEL),
        "after_sek": Figure(
            "Väntad återbetalning efter omfördelning",
            "Väntad återbetalning {before_sek} minus det som omfördelas {saved_sek}.",
            (),
            _MODEL,
        ),
    },
    "transfer": {"amount_sek": Figure("Belopp", "Största beloppet går först.", (), _MODEL)},
    "moved": {
        "allocated_sek": Figure(
            "Fördelat", "Summan av de fördelningsbeslut som gäller nu.", ("103_allocation",), _MONEY
        ),
        "projected_unspent_sek": Figure(
            "Väntas bli över",
            "Fördelat {allocated_sek} minus det som är störst av prognosen och det använda, lägst noll.",
            ("410_forecast",),
            _SAID,
        ),
        "overspent_sek": Figure(
            "Över tilldelningen", "Berättigat minus fördelat {allocated_sek}, lägst noll.", ("320_board_money",), _MONEY
        ),
        "wanted_sek": Figure(
            "Önskar ytterligare", "Det som nämnden har skrivit i sin redovisning.", ("210_sender",), _LOOK
        ),
        "moved_sek": Figure("Omfördelas", "Det som nämnden får minus det som den lämnar.", (), _MODEL),
        "allocated_after_sek": Figure(
            "Fördelat efter omfördelning", "Fördelat {allocated_sek} plus det som omfördelas {moved_sek}.", (), _MODEL
        ),
    },
    "area": {
        "activity_count": Figure(
            "Insatser", "Antalet insatser med området.", ("240_activity", "520_area"), "Kontraktet avsnitt 2"
        ),
        "eligible_sek": Figure(
            "Berättigat",
            "Summan av de rader med området som bidraget betalar.",
            ("225_judged", "230_line", "520_area"),
            _MONEY,
        ),
        **{
            f"{name}_count": Figure(
                label, f"Summan av {header} i insatserna.", ("240_activity", "520_area"), "Kontraktet avsnitt 2"
            )
            for name, label, header in (
                ("women", "Kvinnor", "Antal kvinnor"),
                ("men", "Män", "Antal män"),
                ("unknown", "Uppgift saknas", "Antal okänt kön"),
            )
        },
    },
    "gender": {
        "activity_count": Figure("Insatser", "Antalet insatser hos de nämnder som räknas.", ("540_gender",), _SAID),
        "uncounted_activity_count": Figure(
            "Insatser utan antal", "Insatser där inget antal är ifyllt.", ("540_gender",), _SAID
        ),
        "women_count": Figure("Kvinnor", "Summan av Antal kvinnor i alla insatser.", ("540_gender",), _SAID),
        "men_count": Figure("Män", "Summan av Antal män i alla insatser.", ("540_gender",), _SAID),
        "unknown_count": Figure("Uppgift saknas", "Summan av Antal okänt kön i alla insatser.", ("540_gender",), _SAID),
        "people_count": Figure(
            "Personer",
            "Kvinnor {women_count} plus män {men_count} plus uppgift saknas {unknown_count}.",
            ("540_gender",),
            _SAID,
        ),
        "women_share": Figure("Andel kvinnor", "Kvinnor {women_count} av {people_count}.", ("540_gender",), _SAID),
        "men_share": Figure("Andel män", "Män {men_count} av {people_count}.", ("540_gender",), _SAID),
        "unknown_share": Figure(
            "Andel uppgift saknas", "Uppgift saknas {unknown_count} av {people_count}.", ("540_gender",), _SAID
        ),
    },
    "activity": {
        name: Figure(label, f"Cellen {header} på insatsens rad.", ("240_activity",), "Kontraktet avsnitt 2")
        for name, label, header in (
            ("women_count", "Kvinnor", "Antal kvinnor"),
            ("men_count", "Män", "Antal män"),
            ("unknown_count", "Uppgift saknas", "Antal okänt kön"),
        )
    },
    "allocation": {"amount_sek": Figure("Belopp", "Står i beslutet.", ("103_allocation",), _MONEY)},
    "line": {"amount_sek": Figure("Belopp", "Cellen Belopp på raden.", ("230_line",), "Kontraktet avsnitt 2")},
}
"""Every figure that a report prints: result table -> column -> what it is. The labels are the words of the reports."""


def label(move: Move) -> str:
    """What a figure that has moved is called."""
    tables = ("board_component" if move.component_id else "board" if move.board_id else "city", "board")
    known = [FIGURES[table][move.figure].label for table in tables if move.figure in FIGURES[table]]
    return known[0] if known else UNEXPLAINED.get(move.figure, move.figure)


# -- figures that don't agree ----------------------------------------------------------------------------------------

UNEXPLAINED: Mapping[str, str] = {
    "at_risk_sek": "Pengar i fara",
    "inherited_sek": "Det som är beslutat för föregångare",
    "return_status": "Redovisningens läge",
    "basis": "Sättet att räkna återbetalningen",
    "flag": "Flaggan",
    "line_count": "Antal kostnadsrader med belopp",
}
"""What stands in the result tables and is checked, but that no report explains."""
