"""A grant: where it stands, what new returns would change, and the button that reconciles it."""

from datetime import date
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..decisions import plans
from ..documents import pages
from ..model.decisions import WHOLE_GRANT
from ..model.findings import Severity
from ..returns.intake import Intake
from ..running import comparison, pipeline
from ..running.errand import Errand, Ran
from ..year.overview import Standing
from .asking import Ask, MissingError
from .replies import replies
from .todo import todo
from .work import Work


def grant_page(ask: Ask) -> Response:
    """Where a grant stands: its money, its boards and their files, and what to do."""
    standing = standing_of(ask)
    return ask.page("bidrag.html.j2", standing.grant.short_name, _view(ask, standing))


def _view(ask: Ask, standing: Standing) -> dict[str, Any]:
    result = standing.result
    found = result.findings if result else ()
    by_board: dict[str | None, dict[str, int]] = {}
    for finding in found:
        counts = by_board.setdefault(finding.board, dict.fromkeys(map(str, Severity), 0))
        counts[str(finding.severity)] += 1
    decided = ask.office.decided()
    names: dict[str | None, str] = {board.board_id: board.name for board in decided.boards}
    quarter, _ = plans.plan(decided, [standing.grant.grant_id], ask.office.today, is_final=False)
    return {
        "s": standing,
        "result": result,
        "by_board": by_board,
        "findings": sorted(
            (f for f in found if f.severity is not Severity.INFO),
            key=lambda f: (swedish.order(names.get(f.board, "")), f.severity),
        ),
        "board_names": names,
        "replies": replies(ask.office.log()),
        "waivable": {rule.rule_id for rule in decided.rules.values() if rule.can_be_waived},
        "tasks": todo(standing, ask.person),
        "new_files": ask.office.new_files(),
        "period_end": quarter.periods.get(standing.grant.grant_id),
        "can_be_final": ask.office.today >= standing.grant.spend_to_on,
    }


def standing_of(ask: Ask) -> Standing:
    """Where the grant that a page is about stands. Raises MissingError where there is none."""
    standings, _ = ask.office.seen()
    for standing in standings:
        if standing.grant.grant_id == ask.part("grant"):
            return standing
    raise MissingError(f"Det finns inget statsbidrag med id {ask.part('grant')}.")


# -- compare ---------------------------------------------------------------------------------------


def compared(ask: Ask) -> Response:
    """What new returns would change, before they count."""
    standing = standing_of(ask)
    is_final = ask.wish("slutlig") == "ja"
    told = comparison.compare(
        ask.office.occasion(ask.person),
        standing.grant.grant_id,
        _as_of(ask),
        is_final=is_final,
        workshop=ask.office.workshop,
    )
    moves = []
    for move in told.moved:
        if move.component_id != WHOLE_GRANT:
            whose = told.names[move.board_id] if move.board_id else "Staden"
            moves.append({"whose": whose, "part": move.component_id, **pages.moved(move)})
    view = {"s": standing, "told": told, "moves": moves, "is_final": is_final}
    return ask.page("jamfor.html.j2", f"Vad som skulle ändras i {standing.grant.short_name}", view)


# -- reconcile -------------------------------------------------------------------------------------


def reconcile(ask: Ask) -> Response:
    """Begin to reconcile a grant, or all of them, or to make an interim report, and go to where it
    can be followed."""
    office = ask.office
    grant_id = ask.request.path_params.get("grant")
    report_id = ask.request.path_params.get("report")
    is_final = ask.form.text("slutlig") == "ja"
    as_of = _as_of(ask)
    by, login = ask.by(), ask.person.login
    decided = office.decided()
    grants = [ask.grant(decided).grant_id] if grant_id else []
    # What would stop it at once is said at once.
    plans.plan(decided, grants, as_of, is_final=is_final, report_id=report_id)
    errand = Errand(
        office.folders.data,
        office.folders.returns,
        office.folders.out,
        grants,
        as_of,
        by,
        f"{office.address}/ut/",
        report_id,
    )

    def carry_out(work: Work) -> Ran | None:
        def published(ran: Ran) -> None:
            office.look_ahead()
            work.come_to(ran)

        with office.clerk.turn:
            return pipeline.run(
                errand,
                is_final=is_final,
                at=office.now(),
                workshop=office.workshop,
                reading=[Intake.of_folder(errand.returns, office.workshop.readers)],
                listener=work,
                login=login,
                published=published,
            )

    what = "Slutredovisning" if is_final else "Avstämning"
    about = f" av {ask.grant(decided).short_name}" if grants else " av alla bidrag"
    if report_id:
        what, about = f"Delrapporten {report_id}", f" om {ask.grant(decided).short_name}"
    work = office.works.begin(f"{what}{about}", by, grants[0] if grants else None, carry_out)
    return ask.go(f"/arbete/{work.number}")


def _as_of(ask: Ask) -> date:
    """The day that is reconciled for. Raises InputError for one that is still to come."""
    as_of = ask.day("per", "Per den dag", ask.office.today)
    if as_of > ask.office.today:
        raise InputError(f"{as_of} har inte varit ännu. Välj i dag eller en tidigare dag.")
    return as_of


def work_page(ask: Ask) -> Response:
    """How far a piece of work has come, and when it is done what it came to."""
    number = ask.part("number")
    work = (
        ask.office.works.of(int(number))
        if number.isascii() and number.isdigit() and len(number) < 10
        else None
    )
    if work is None:
        raise InputError("Det arbetet finns inte längre. Gå till första sidan.")
    results = work.ran.results if work.ran else ()
    view = {"work": work, "results": results}
    return ask.page("arbete.html.j2", work.title, view)
