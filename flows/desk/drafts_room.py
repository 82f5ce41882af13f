"""Drafts of grant files out of a decision's documents: made, put among the city's files, and gone
through until they are drafts no more."""

import os
import re
import tomllib
from collections.abc import Sequence

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import amending, people
from ..case.amending import NEW_FILE, Amendment
from ..decisions import amendments
from ..decisions.data_files import parsed_as
from ..decisions.data_names import GRANTS
from ..decisions.declaration import GrantFile
from ..documents import draft_report
from ..model.decisions import Grant
from ..returns.inbox import Source
from ..running.draft_reading import Drafted, drafted
from .amending_forms import again, put
from .asking import Ask
from .uploads import must_be_clean


def drafts_page(ask: Ask) -> Response:
    """The form where documents are read, and the drafts that there are."""
    return _shown(ask, "")


def read_documents(ask: Ask) -> Response:
    """The drafts that documents give; nothing of them is kept."""
    return again(ask, _shown, _read)


def keep_draft(ask: Ask) -> Response:
    """Put a draft among the city's grant files, where it is still a draft."""
    return again(ask, _shown, _kept)


def finish_draft(ask: Ask) -> Response:
    """Take the mark of a draft away, once somebody has gone through it."""
    return again(ask, _shown, _finished)


def _shown(ask: Ask, wrong: str, made: Drafted | None = None) -> Response:
    decided = ask.office.decided()
    there: list[tuple[Grant, int, str]] = []
    for grant in decided.grants:
        if grant.is_draft:
            _, sha256 = amending.seen(ask.office.folders.data, grant.file)
            there.append((grant, len(grant.unsettled), sha256))
    there.sort(key=lambda one: swedish.order(one[0].name))
    view = {
        "wrong": wrong,
        "made": made,
        "there": there,
        "states": draft_report.STATES,
        "board_names": {board.board_id: board.name for board in decided.boards},
        "ore": False,
    }
    return ask.page("utkast.html.j2", "Utkast till bidragsfiler", view, 400 if wrong else 200)


def _read(ask: Ask) -> Response:
    if not ask.form.files:
        raise InputError("Välj beslutets dokument.")
    office = ask.office
    scanner = office.settings.declared.virusskanner if office.settings else None
    files: list[tuple[Source, str]] = []
    for upload in ask.form.files:
        must_be_clean(upload, scanner, os.environ)
        files.append((upload.content, upload.shown_name))
    made = drafted(files, office.folders.data, office.decided(), office.workshop.readers)
    return _shown(ask, "", made)


def _kept(ask: Ask) -> Response:
    content = ask.form.text("utkast").replace("\r\n", "\n").encode("utf-8") + b"\n"
    grant_id = _id_of(content)
    people.must_point_out_nobody("Utkastet", _without_hashes(content.decode("utf-8")))
    file = f"{GRANTS}/{grant_id}.toml"
    what = f"utkastet till bidragsfilen {grant_id}"
    put(ask, ask.by(), Amendment(file, NEW_FILE, what, lambda _: content, grant_id))
    return ask.go("/utkast", "Utkastet är inlagt. Gå igenom det som ska fastställas.")


def _without_hashes(text: str) -> str:
    """A draft without its documents' hashes, in which digits may fall in any order."""
    return re.sub(r"\b[0-9a-f]{64}\b", "", text)


def _id_of(content: bytes) -> str:
    """The id of a draft. Raises InputError for what is none."""
    try:
        stated = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError("Utkastet går inte att läsa. Läs dokumenten igen.") from None
    parsed = parsed_as(content, GrantFile, f"{GRANTS}/{stated.get('id')}.toml")
    if parsed.utkast is not True:
        raise InputError("Det här är inget utkast. Läs dokumenten igen.")
    return parsed.id


def _finished(ask: Ask) -> Response:
    decided = ask.office.decided()
    wanted = ask.form.text("bidrag")
    drafts: Sequence[Grant] = [grant for grant in decided.grants if grant.is_draft]
    grant = next((one for one in drafts if one.grant_id == wanted), None)
    if grant is None:
        raise InputError("Det finns inget sådant utkast längre.")
    if ask.form.text("genomgatt") != "ja":
        raise InputError("Bekräfta att du har gått igenom alla uppgifter i utkastet.")
    what = f"att utkastet {grant.grant_id} är genomgånget"
    done = Amendment(
        grant.file, ask.form.text("sett"), what, amendments.without_draft_mark, grant.grant_id
    )
    put(ask, ask.by(), done)
    return ask.go(f"/bidrag/{grant.grant_id}", "Bidraget är inte längre ett utkast.")
