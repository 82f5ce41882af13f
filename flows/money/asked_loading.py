"""What a grant asks boards for beside their spending, into the database: measures, questions and
posts.

Each row has its values in the order of the columns in `sql/000_schema.sql`.
"""

from collections.abc import Sequence
from typing import Any

from ..base import swedish
from ..model.decisions import Grant
from ..model.rulebook import RunPlan

Rows = list[tuple[Any, ...]]


def asked_of(plan: RunPlan, grants: Sequence[Grant]) -> dict[str, Rows]:
    """What the grants of a run ask boards for: the rows of each table of the database."""
    return {
        "given_measure": _measures(plan, grants),
        "given_question": _questions(plan, grants),
        "given_posts": _posts(grants),
        "given_salary_kind": _salary_kinds(grants),
    }


def _measures(plan: RunPlan, grants: Sequence[Grant]) -> Rows:
    """The rows that boards are asked to fill in with counts, of the years that have begun."""
    rows: Rows = []
    for grant in grants:
        years = grant.measured_years
        asked = grant.asked_rows(plan.periods[grant.grant_id])
        for number, row in enumerate(asked, start=1):
            measure, split = row.measure, row.split
            split_no = measure.splits.index(split) + 1 if split else 0
            part_no = split.all_parts.index(row.part) + 1 if split else 0
            about = (
                grant.grant_id,
                number,
                measure.measure_id,
                measure.name,
                measure.is_rating,
                years.index(row.year) + 1,
                row.year.from_on,
                row.year.to_on,
                split_no,
                split.name if split else None,
                part_no,
                row.part,
                split.is_by_sex if split else False,
            )
            rows.append((*about, *row.key))
    return rows


def _questions(plan: RunPlan, grants: Sequence[Grant]) -> Rows:
    """What each unit is asked to answer about itself, of the years that have begun."""
    rows: Rows = []
    for grant in grants:
        years = grant.measured_years
        asked = grant.question_rows(plan.periods[grant.grant_id])
        for number, row in enumerate(asked, start=1):
            question = row.question
            about = (
                grant.grant_id,
                number,
                question.question_id,
                question.text,
                question.is_number,
                question.unit,
                years.index(row.year) + 1,
                row.year.from_on,
                row.year.to_on,
            )
            rows.append((*about, *row.key))
    return rows


def _posts(grants: Sequence[Grant]) -> Rows:
    """How many posts each board is to have."""
    return [(grant.grant_id, grant.posts.least) for grant in grants if grant.posts is not None]


def _salary_kinds(grants: Sequence[Grant]) -> Rows:
    """Which costs are the salaries of posts."""
    rows: Rows = []
    for grant in grants:
        if grant.posts is not None:
            for cost_kind in grant.posts.salary_kinds:
                rows.append((grant.grant_id, swedish.key(cost_kind)))
    return rows
