"""A draft of a grant file for whoever goes through it: each value beside the place in the document
that it was read from, and what is proposed or missing."""

from collections.abc import Mapping, Sequence

from ..decisions.drafting.draft_values import State
from ..decisions.drafting.drafts import Draft
from ..decisions.drafting.table_doubts import Doubt
from . import bodies, pages

STATES: Mapping[State, str] = {
    "found": "Hittat i dokumentet",
    "proposed": "Förslag att fastställa",
    "missing": "Saknas i dokumentet",
}


def page(
    drafts: Sequence[Draft],
    doubts: Sequence[Doubt],
    files: Sequence[str],
    board_names: Mapping[str, str],
) -> str:
    """The page about the drafts of one decision; `board_names` are by the boards' ids."""
    view = {
        "drafts": drafts,
        "doubts": doubts,
        "files": files,
        "states": STATES,
        "board_names": board_names,
        "names": {},
        "ore": False,
    }
    rendered = pages.render("utkast.html.j2", view)
    downloads = [(f"{draft.grant_id}.toml", f"Utkastet {draft.name}") for draft in drafts]
    sections = bodies.Body.of(rendered).contents()
    return pages.page("Utkast till bidragsfiler", rendered, sections, downloads)
