"""What a run reconciles, and what a check is made against: which grants, to which day."""

from collections.abc import Sequence
from datetime import date, timedelta

from ..base import swedish
from ..base.errors import InputError
from ..model.decisions import Grant, InterimReport
from ..model.rulebook import Rulebook, RunPlan


def plan(
    rulebook: Rulebook,
    named: Sequence[str],
    as_of: date,
    *,
    is_final: bool,
    report_id: str | None = None,
) -> tuple[RunPlan, list[str]]:
    """What a run reconciles, and a Swedish sentence for each grant that has nothing to reconcile
    yet; with `report_id` what an interim report of the one grant that is named does.

    A quarter ends at the last quarter's end on or before the as-of date, at the latest with the
    grant. A draft is passed over. Raises InputError for a draft that was named, and for a final
    report before the grant's end, when the grant was named or no other is left.
    """
    if report_id is not None:
        return _plan_of_report(rulebook, named, as_of, report_id, is_final=is_final), []
    periods: dict[str, date] = {}
    asked = [grant for grant in rulebook.grants if not named or grant.grant_id in named]
    drafts = [_a_draft(grant) for grant in asked if grant.is_draft]
    if drafts and named:
        raise InputError(drafts[0])
    waiting: list[str] = []
    for grant in asked:
        if grant.is_draft:
            continue
        is_too_early = is_final and as_of < grant.spend_to_on
        reason = _too_early(grant) if is_too_early else _nothing_yet(grant, as_of)
        if is_too_early and named:
            raise InputError(f"{reason} Kör utan --final för en delavstämning.")
        if reason:
            waiting.append(reason)
            continue
        periods[grant.grant_id] = grant.spend_to_on if is_final else _period_end(grant, as_of)
    if is_final and not periods:
        remedy = ["Kör utan --final för en delavstämning."] if waiting else []
        raise InputError(" ".join([*waiting, *remedy, *drafts]))
    return RunPlan(as_of, is_final, periods), [*waiting, *drafts]


def _plan_of_report(
    rulebook: Rulebook, named: Sequence[str], as_of: date, report_id: str, *, is_final: bool
) -> RunPlan:
    """What an interim report reconciles. Raises InputError when it can't be made."""
    if is_final:
        raise InputError("Ange antingen --final eller --report, inte båda.")
    if len(named) != 1:
        raise InputError("Ange vilket statsbidrag delrapporten gäller, ett enda.")
    grant = rulebook.grant(named[0])
    if grant.is_draft:
        raise InputError(_a_draft(grant))
    report = interim_report(grant, report_id)
    if as_of < report.on:
        raise InputError(
            f"Delrapporten {report_id} redovisar till och med {swedish.long_date(report.on)}, som "
            f"inte har varit {as_of}. Ange en senare dag med --as-of."
        )
    if not grant.is_decided_on(as_of):
        raise InputError(
            f"{grant.grant_id}: inget beslut gäller ännu {as_of}, så det finns inget att stämma av."
        )
    return RunPlan(as_of, is_final=False, periods={grant.grant_id: report.on}, report=report)


def interim_report(grant: Grant, report_id: str) -> InterimReport:
    """An interim report of a grant. Raises InputError when its file names none such."""
    report = grant.interim(report_id)
    if report is None:
        known = [one.report_id for one in grant.interim_reports]
        there_are = f"Det finns {swedish.listing(known)}." if known else "Den nämner inga."
        raise InputError(f"Delrapporten {report_id} står inte i {grant.file}. {there_are}")
    return report


def _a_draft(grant: Grant) -> str:
    return (
        f"Bidragsfilen {grant.file} är ett utkast. Gå igenom den och ta bort raden utkast = true, "
        "eller gör det i Skrivbordet."
    )


def _too_early(grant: Grant) -> str:
    last = swedish.long_date(grant.spend_to_on)
    return f"{grant.grant_id} kan inte slutredovisas före {last}, som är bidragets sista dag."


def _nothing_yet(grant: Grant, as_of: date) -> str | None:
    """Why a grant has nothing to reconcile yet, as a sentence; None when it has."""
    if not grant.is_decided_on(as_of):
        return (
            f"{grant.grant_id}: inget beslut gäller ännu {as_of}, så det finns inget att stämma av."
        )
    if _period_end(grant, as_of) < grant.spend_from_on:
        return (
            f"{grant.grant_id}: första kvartalet är inte slut {as_of}, så det finns inget att "
            "stämma av."
        )
    return None


def plan_of_checks(rulebook: Rulebook, as_of: date, *, is_final: bool = False) -> RunPlan:
    """What returns are checked against one by one: every grant but the drafts, to the period that a
    run would have.

    Where the first quarter has not ended, and for a final report, that is the grant's last day.
    """
    periods: dict[str, date] = {}
    for grant in rulebook.grants_in_use:
        ends_on = _period_end(grant, as_of)
        has_ended = ends_on >= grant.spend_from_on and not is_final
        periods[grant.grant_id] = ends_on if has_ended else grant.spend_to_on
    return RunPlan(as_of, is_final, periods)


def _period_end(grant: Grant, as_of: date) -> date:
    """The day that a quarter's run reconciles a grant to; before the grant's first day when no
    quarter has ended."""
    return min(_quarter_end(as_of), grant.spend_to_on)


def _quarter_end(day: date) -> date:
    """The last quarter's end on or before a day."""
    # It is the day before the quarter that tomorrow is in: today, when a quarter ends today.
    tomorrow = day + timedelta(days=1)
    quarters_before = (tomorrow.month - 1) // 3
    first_on = date(tomorrow.year, 3 * quarters_before + 1, 1)
    return first_on - timedelta(days=1)
