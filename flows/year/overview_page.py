"""The page of all grants: what to do next with each, and those that could not run."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..documents import bodies, charts, pages, record
from ..model.rulebook import Rulebook
from .overview import Standing, by_risk


def render(
    standings: Sequence[Standing], rulebook: Rulebook, as_of: date | None, path: Path
) -> None:
    """Write the page of all grants, with what to do next and the grants that could not run."""
    ordered = by_risk(standings)
    rendered = pages.render(
        "index.html.j2",
        {
            "standings": ordered,
            "broken": rulebook.broken,
            "organisation": rulebook.organisation,
            "wording": rulebook.organisation.wording,
            "as_of": as_of,
            "chart": charts.elapsed(ordered),
            "names": {},
            "ore": False,
        },
    )
    title = f"Statsbidrag, {rulebook.organisation.name}"
    record.write(path, pages.page(title, rendered, bodies.Body.of(rendered).contents()))
