"""What a page is given when somebody asks for it, and the ways in which it can answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ..base import swedish
from ..base.errors import InputError
from ..case import people
from ..documents import pages
from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from .office import Office
from .rights import Person, Right
from .sessions import Session
from .uploads import Form

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page of the desk may load: what comes from the desk itself."""


class MissingError(InputError):
    """What somebody asks for is not there: a sentence that says so."""


@dataclass(frozen=True)
class Ask:
    """Somebody asks for a page, or sends a form."""

    office: Office
    request: Request
    person: Person
    session: Session | None
    """None for a program, which shows the key each time."""
    form: Form = field(default_factory=lambda: Form({}, ()))

    @property
    def wants_json(self) -> bool:
        """Whether it is a program that asks."""
        return "application/json" in self.request.headers.get("accept", "")

    def part(self, name: str) -> str:
        """A part of the address, such as a grant's id."""
        return str(self.request.path_params[name])

    def wish(self, name: str) -> str:
        """What stands after the question mark under a name; empty where nothing does."""
        return self.request.query_params.get(name, "").strip()

    def grant(self, decided: Rulebook, *, may_be_draft: bool = False) -> Grant:
        """The grant that the address names. Raises MissingError when there is none, and for a draft
        where it may not be one."""
        grant_id = self.part("grant")
        for grant in decided.grants:
            if grant.grant_id == grant_id and (may_be_draft or not grant.is_draft):
                return grant
        raise MissingError(f"Det finns inget statsbidrag med id {grant_id}.")

    # -- what stands in a form ---------------------------------------------------------------------

    def by(self) -> str:
        """Who does it: whoever is logged in, else the name in the form. Raises InputError for no
        name."""
        if self.person.login is not None:
            return self.person.name
        name = self.form.text("namn")
        if not name:
            raise InputError("Skriv ditt namn: för- och efternamn, till exempel Maria Ek.")
        name = people.named(name)
        people.must_point_out_nobody("Ditt namn", name)
        if self.session is not None:
            self.session.stated_name = name
        return name

    def known_as(self) -> str:
        """Who does something that needs no name of its own: whoever is logged in, else the name
        that somebody at their own desk has given before."""
        stated = self.session.stated_name if self.session is not None else ""
        return self.person.name or stated or "den som har Skrivbordet"

    def day(self, name: str, words: str, default: date | None = None) -> date:
        """The day in a field. Raises InputError for what is no day."""
        text = self.form.text(name) or self.wish(name)
        if not text and default is not None:
            return default
        day = swedish.parse_date(text)
        if day is None:
            raise InputError(f"{words}: skriv dagen som 2024-12-31.")
        return day

    def amount(self, name: str, words: str) -> Decimal:
        """The kronor in a field. Raises InputError for what is no amount."""
        amount = swedish.parse_kronor(self.form.text(name))
        if amount is None:
            raise InputError(
                f"{words}: skriv ett belopp i kronor, till exempel 1250 eller 1250,50."
            )
        return amount

    def lines(self, name: str) -> str:
        """What stands in a field of several lines, each ended as the program ends them."""
        return "\n".join(self.form.text(name).splitlines())

    # -- answers -----------------------------------------------------------------------------------

    def page(
        self, template: str, title: str, view: Mapping[str, Any] | None = None, status: int = 200
    ) -> Response:
        """A page of the desk; the template has what all pages have, and what `view` gives it."""
        session = self.session
        notice = ""
        if session is not None:
            notice, session.notice = session.notice, ""
        content = pages.render(
            f"desk/{template}",
            {
                "title": title,
                "wording": self.office.wording,
                "person": self.person,
                "rights": Right,
                "form_token": session.form_token if session else "",
                "stated_name": session.stated_name if session else "",
                "notice": notice,
                "today": self.office.today,
                "is_alone": self.office.key is not None,
                "can_log_in": self.office.has_login_page,
                "here": self.request.url.path,
                "ore": False,
                "names": {},
                "typed": self.form.fields,
                **(view or {}),
            },
        )
        return HTMLResponse(content, status, headers=_headers())

    def json(self, content: object, status: int = 200) -> Response:
        """An answer for a program."""
        return JSONResponse(content, status, headers=_headers())

    def file(self, content: bytes, name: str, kind: str) -> Response:
        """A file to save, by a name of ours."""
        headers = _headers() | {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"
        }
        return Response(content, headers=headers, media_type=kind)

    def go(self, path: str, notice: str = "") -> Response:
        """On to another page, where a sentence says what has been done."""
        if self.session is not None:
            self.session.notice = notice
        return RedirectResponse(path, 303, headers=_headers())


def _headers() -> dict[str, str]:
    return {"content-security-policy": POLICY, "cache-control": "no-store"}


def local(path: str) -> str:
    """A path of the desk's own to go on to; the first page for what could lead elsewhere."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own and "\\" not in path else "/"
