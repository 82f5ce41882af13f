"""Review and attest in Prefect: a flow run that is laid aside until somebody has answered.

What has been decided is read from the audit log, where a decision that was taken on the command
line also stands.
"""

import re
from datetime import date
from itertools import dropwhile
from typing import Literal

import prefect
from prefect.context import FlowRunContext
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from pydantic import Field, ValidationError

from ..base.errors import InputError
from ..case import casefile, casework, people
from ..case.casefile import Occasion
from ..decisions import data_folder, plans
from ..model.case import ReportState, Review
from ..model.decisions import Grant
from . import artifacts


class Decision(RunInput):
    """Svaret från den som granskar eller attesterar."""

    verdict: Literal["godkänn", "återlämna"] = Field(title="Beslut")
    by: str = Field(
        title="Namn",
        description="Den som granskar får inte ha kört rapporten. Den som attesterar får varken ha "
        "kört eller granskat den.",
    )
    on: date = Field(title="Dag för beslutet")
    why: str = Field(
        "",
        title="Skäl",
        description="Måste anges om rapporten återlämnas eller om något belopp inte är avgjort.",
    )


_QUESTIONS = {
    ReportState.DRAFT: ("reviewed", "Granska"),
    ReportState.REVIEWED: ("attested", "Attestera"),
}


def last_asked() -> str | None:
    """The key of the question that this flow run was last laid aside for; None when it begins or
    begins again."""
    return max(_keys(), key=_number, default=None)


def _number(key: str) -> int:
    """Which of the flow run's questions since it was begun anew a key is of."""
    return int(key.split("-")[1])


def _grant_of(key: str) -> str:
    """The grant that a question is about."""
    return key.split("-", 4)[4]


def go_on(
    occasion: Occasion, shelf: artifacts.Shelf, grants: list[str], as_of: date, asked: str | None
) -> None:
    """Take the answer that the flow was laid aside for, if any, and ask the next question, grant by
    grant.

    Prefect runs the flow from its start each time somebody has answered, so each call asks once at
    most.
    """
    decided = data_folder.load(occasion.data, grants, as_of)
    plan, _ = plans.plan(decided, grants, as_of, is_final=True)
    # The grants before the one that was asked about are done.
    first = _grant_of(asked) if asked else None
    for grant_id in dropwhile(lambda grant_id: first not in {None, grant_id}, plan.periods):
        refused = ""
        if asked and grant_id == first:
            try:
                verdict = _take_answer(occasion, grant_id, asked)
            except InputError as error:
                refused = _refused(error)
            else:
                if verdict == "återlämna":
                    continue
        _ask(occasion, shelf, decided.grant(grant_id), refused)


def _refused(error: InputError) -> str:
    # The sentences are those of the command line, whose options are fields here.
    sentence = re.sub(" med --[a-z]+", "", str(error))
    return f"**Det förra svaret användes inte.** {sentence}"


def _keys() -> set[str]:
    """The keys of the questions that this flow run has been laid aside for."""
    run = FlowRunContext.get()
    if run is None or run.flow_run is None:
        return set()
    return run.flow_run.empirical_policy.pause_keys or set()


def _ask(occasion: Occasion, shelf: artifacts.Shelf, grant: Grant, refused: str) -> None:
    """Lay the flow aside until somebody has reviewed or attested; nothing when neither remains to
    be done.

    The key counts the times that the flow was begun anew and the questions since, so that none gets
    an old answer.
    """
    review = casefile.standing(occasion.out, grant.grant_id)
    if review is None or review.state not in _QUESTIONS:
        return
    _, verb = _QUESTIONS[review.state]
    history = [f"Rapporten kördes av {review.run_by}."]
    history += [f"Den är {act.state} {act.on} av {act.by}." for act in review.acts]
    report = shelf.link("Rapporten", f"{grant.grant_id}/{casefile.FINAL}/aterrapport.html")
    question = f"**{verb}** {grant.name}. {' '.join(history)}"
    lines = [line for line in (refused, question, report) if line]
    number = f"{prefect.runtime.flow_run.run_count}-{len(_keys()) + 1}"
    suspend_flow_run(
        wait_for_input=Decision.with_initial_data(description="\n\n".join(lines)),
        key=f"{number}-{_question(review)}-{grant.grant_id}",
    )


def _question(review: Review) -> str:
    """What is asked about a report: the step, and the figures that it binds to."""
    kind, _ = _QUESTIONS.get(review.state, ("none", ""))
    return f"{kind}-{review.figures_sha256[:12]}"


def _take_answer(occasion: Occasion, grant_id: str, asked: str) -> str:
    """Do what the answer to a question says, and give its verdict. Raises InputError when it can't
    be done."""
    try:
        answer = suspend_flow_run(wait_for_input=Decision, key=asked)
    except ValidationError:
        raise InputError("Dagen för beslutet gick inte att läsa. Skriv som 2023-12-31.") from None
    by = people.named(answer.by)
    casefile.must_have_come(occasion, answer.on)
    review = casefile.standing(occasion.out, grant_id)
    if review is None or _question(review) not in asked:
        raise InputError(
            "Rapporten har ändrats eller beslutats på annat håll sedan frågan ställdes."
        )
    if answer.verdict == "godkänn":
        kind = "reviewed" if review.state is ReportState.DRAFT else "attested"
        casework.decide(occasion, grant_id, kind, by, answer.on, answer.why or None)
    elif review.state is not ReportState.DRAFT:
        casework.decide(occasion, grant_id, "returned", by, answer.on, answer.why or None)
    elif not answer.why:
        raise InputError("Ange varför rapporten återlämnas.")
    sentence = f"{grant_id}: {answer.verdict} av {by} {answer.on}. {answer.why}"
    artifacts.decision(grant_id, sentence.strip())
    return answer.verdict
