"""The desk's doors: which page each address leads to, and the right that opens it."""

import functools
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..base.errors import FigureError, InputError
from ..running import door
from . import (
    boards_room,
    deadlines_room,
    decisions_room,
    drafts_room,
    evidence_room,
    files_room,
    front_room,
    grant_room,
    ledger_room,
    letters_room,
    log_room,
    report_room,
    returns_room,
    settling_room,
    still_files,
    waivers_room,
)
from .asking import Ask, MissingError
from .desk_words import at_the_desk
from .entrance import LOGIN, LOGIN_ANSWER, OutsideError, begin, end, visitor
from .office import Office
from .openid import LoginService
from .rights import ForbiddenError, Person, Right
from .uploads import MOST_FILES, TooLargeError, TooManyError, form_of

Handler = Callable[[Ask], Response]


@dataclass(frozen=True)
class Page:
    """An address of the desk: what is done there, and the right that opens it; None is for
    everybody who has come in."""

    method: str
    path: str
    handler: Handler
    right: Right | None
    most_files: int = 0
    """How many files may be sent there."""


_GRANT = "/bidrag/{grant}"
PAGES = (
    Page("GET", "/", front_room.start, None),
    Page("POST", "/svar", front_room.answer_finding, Right.SEND),
    Page("GET", "/prova", returns_room.trial, Right.TRY),
    Page("POST", "/prova", returns_room.try_them, Right.TRY, most_files=MOST_FILES),
    Page("GET", "/lamna-in", returns_room.handing_in, Right.SEND),
    Page("POST", "/lamna-in", returns_room.hand_one_in, Right.SEND, most_files=1),
    Page("GET", "/mallar", returns_room.workbooks, Right.SEND),
    Page("GET", "/mallar/{grant}/{board}/{day}", returns_room.workbook, Right.SEND),
    Page("GET", _GRANT, grant_room.grant_page, Right.READ),
    Page("GET", f"{_GRANT}/jamfor", grant_room.compared, Right.RUN),
    Page("POST", f"{_GRANT}/rakna", grant_room.reconcile, Right.RUN),
    Page("POST", "/rakna", grant_room.reconcile, Right.RUN),
    Page("GET", "/arbete/{number}", grant_room.work_page, Right.READ),
    Page("GET", f"{_GRANT}/slutrapport", report_room.report_page, Right.READ),
    Page("POST", f"{_GRANT}/slutrapport", report_room.decide, Right.READ),
    Page("GET", f"{_GRANT}/delrapport/{{report}}", report_room.report_page, Right.READ),
    Page("POST", f"{_GRANT}/delrapport/{{report}}", report_room.decide, Right.READ),
    Page("POST", f"{_GRANT}/delrapport/{{report}}/rakna", grant_room.reconcile, Right.RUN),
    Page("GET", f"{_GRANT}/delrapport/{{report}}/tjansteutlatande", report_room.paper, Right.READ),
    Page("POST", f"{_GRANT}/delrapport/{{report}}/paket", report_room.make_package, Right.READ),
    Page("GET", f"{_GRANT}/tjansteutlatande", report_room.paper, Right.READ),
    Page("POST", f"{_GRANT}/paket", report_room.make_package, Right.READ),
    Page("GET", f"{_GRANT}/huvudbok", evidence_room.evidence_page, Right.READ),
    Page("POST", f"{_GRANT}/huvudbok", evidence_room.put_extract, Right.RUN, most_files=1),
    Page("GET", f"{_GRANT}/reskontra", ledger_room.ledger_page, Right.READ),
    Page("POST", f"{_GRANT}/reskontra", ledger_room.enter, Right.BOOK),
    Page("GET", f"{_GRANT}/klara-ut", settling_room.settling_page, Right.READ),
    Page("POST", f"{_GRANT}/klara-ut", settling_room.settle, Right.SETTLE),
    Page("GET", f"{_GRANT}/beslut", decisions_room.decision_page, Right.SETTLE),
    Page("POST", f"{_GRANT}/beslut", decisions_room.decide_amounts, Right.SETTLE),
    Page("GET", f"{_GRANT}/undantag", waivers_room.waiver_page, Right.READ),
    Page("POST", f"{_GRANT}/undantag", waivers_room.waive, Right.SETTLE),
    Page("GET", "/utkast", drafts_room.drafts_page, Right.SETTLE),
    Page("POST", "/utkast", drafts_room.read_documents, Right.SETTLE, most_files=MOST_FILES),
    Page("POST", "/utkast/in", drafts_room.keep_draft, Right.SETTLE),
    Page("POST", "/utkast/klart", drafts_room.finish_draft, Right.SETTLE),
    Page("GET", "/namnder", boards_room.boards_page, Right.READ),
    Page("POST", "/namnder", boards_room.write_to_boards, Right.SETTLE),
    Page("GET", "/brev", letters_room.letters_page, Right.READ),
    Page("GET", "/brev/{name}", letters_room.letter_file, Right.RUN),
    Page("POST", "/brev/skicka", letters_room.send_letters, Right.RUN),
    Page("POST", "/brev/skickat", letters_room.sent_by_hand, Right.RUN),
    Page("POST", "/brev/osakert", letters_room.settle_uncertain, Right.RUN),
    Page("POST", "/mallar/{grant}/{day}", letters_room.send_out, Right.RUN),
    Page("GET", "/frister", deadlines_room.deadlines_page, Right.READ),
    Page("POST", "/frister", deadlines_room.remind, Right.RUN),
    Page("GET", "/logg", log_room.log_page, Right.READ),
    Page("GET", "/kontroll", log_room.verified, Right.READ),
    Page("GET", "/ut/{path:path}", files_room.written, None),
)
"""All of the desk but how one comes in and goes out. Of a decision the page itself asks for the
right that its kind needs."""


def app(office: Office, complain: Callable[[str], None]) -> Starlette:
    """The desk as an ASGI app."""
    service = None
    if office.settings is not None and office.settings.declared.openid is not None:
        service = LoginService(office.settings, office.address)
    desk = _Desk(office, service, complain)
    routes = [
        Route("/halsa", desk.health, methods=["GET"]),
        Route(LOGIN, desk.begin_login, methods=["GET"]),
        Route(LOGIN_ANSWER, desk.finish_login, methods=["GET"]),
        Route("/logga-ut", desk.leave, methods=["POST"]),
        *(
            Route(f"/{name}", functools.partial(_still, name), methods=["GET"])
            for name in still_files.NAMES
        ),
    ]
    by_path: dict[str, dict[str, Page]] = {}
    for page in PAGES:
        by_path.setdefault(page.path, {})[page.method] = page
    for path, pages_there in by_path.items():
        endpoint = functools.partial(desk.answer, pages_there)
        routes.append(Route(path, endpoint, methods=[*pages_there]))
    is_secure = office.settings is not None and office.settings.is_secure
    signed = Middleware(
        SessionMiddleware,
        secret_key=office.sessions.cookie_secret,
        session_cookie="__Host-skrivbord" if is_secure else "skrivbord",
        max_age=None,
        same_site="lax",
        https_only=is_secure,
    )
    return Starlette(
        routes=routes,
        middleware=[signed],
        exception_handlers={404: desk.nothing_there, 405: desk.nothing_there},
    )


@contextmanager
def showing(
    office: Office, listener: socket.socket, complain: Callable[[str], None]
) -> Iterator[None]:
    """While it lasts the desk answers on a socket that listens already."""
    origin = office.settings.declared.adress if office.settings is not None else None
    guarded = door.Door(app(office, complain), origin, has_policy=True)
    with door.serving(guarded, listener):
        yield


async def _still(name: str, request: Request) -> Response:  # noqa: ARG001
    return still_files.still_file(name)


class _Desk:
    """How a request becomes an answer, whatever page it is about."""

    def __init__(
        self, office: Office, service: LoginService | None, complain: Callable[[str], None]
    ) -> None:
        self._office, self._service, self._complain = office, service, complain

    async def health(self, request: Request) -> Response:
        """Whether the desk answers; for everybody."""
        return self._outside(request).json({"ok": True})

    async def answer(self, pages_there: dict[str, Page], request: Request) -> Response:
        """The answer of the page that an address leads to."""
        page = pages_there["GET" if request.method == "HEAD" else request.method]
        try:
            come_in = visitor(self._office, request)
        except OutsideError as outside:
            return self._stay_outside(request, outside)
        ask = Ask(self._office, request, come_in.person, come_in.session)
        try:
            if page.right is not None:
                ask.person.must_have(page.right)
            if page.method != "POST":
                return await run_in_threadpool(page.handler, ask)
            with self._under_way(page, ask.person):
                form = await form_of(request, page.most_files)
                ask = Ask(self._office, request, come_in.person, come_in.session, form)
                _must_be_our_form(ask)
                return await run_in_threadpool(page.handler, ask)
        except ClientDisconnect:
            return Response(status_code=400)
        except (InputError, FigureError, OSError) as error:
            return self._refused(ask, error)
        except Exception:
            self._complain(traceback.format_exc())
            return self._say(
                ask,
                "Något gick fel i programmet. Säg till den som sköter det: vad som hände står i "
                "utskriften från statsbidrag serve.",
                500,
            )

    def _under_way(self, page: Page, person: Person) -> AbstractContextManager[None]:
        """While something is sent there and looked at: of files a person has only so many under
        way, so that what they take of the memory has a bound."""
        if not page.most_files:
            return nullcontext()
        return self._office.uploads.way(person.login or "")

    def _refused(self, ask: Ask, error: Exception) -> Response:
        """What somebody is told of what can't be done, as a sentence."""
        answer = self._refusal(ask, error)
        if isinstance(error, TooLargeError):
            answer.headers["connection"] = "close"  # the rest of it is not waited for
        return answer

    def _refusal(self, ask: Ask, error: Exception) -> Response:
        if isinstance(error, OSError):
            self._complain(f"{type(error).__name__}: {error}")
            return self._say(ask, "En fil gick inte att läsa eller skriva. Försök igen.", 503)
        status = 400
        for kind, code in _STATUS.items():
            if isinstance(error, kind):
                status = code
        return self._say(ask, at_the_desk(str(error)), status)

    def _say(self, ask: Ask, sentence: str, status: int) -> Response:
        if ask.wants_json or ask.session is None:
            return ask.json({"error": sentence}, status)
        view = {"sentence": sentence}
        return ask.page("besked.html.j2", _TITLES.get(status, "Det gick inte"), view, status)

    def _stay_outside(self, request: Request, outside: OutsideError) -> Response:
        ask = self._outside(request)
        if outside.onward is not None and not ask.wants_json:
            return outside.onward
        if ask.wants_json or "authorization" in request.headers:
            return ask.json({"error": outside.sentence}, outside.status)
        view = {"sentence": outside.sentence}
        return ask.page("utanfor.html.j2", "Skrivbordet", view, outside.status)

    def _outside(self, request: Request) -> Ask:
        return Ask(self._office, request, Person(""), None)

    async def nothing_there(self, request: Request, error: Exception) -> Response:
        """That an address leads nowhere, or that nothing can be sent to it."""
        if isinstance(error, HTTPException) and error.status_code == 405:
            return self._stay_outside(request, OutsideError("Så kan man inte göra här.", 405))
        try:
            come_in = visitor(self._office, request)
        except OutsideError:
            return self._stay_outside(request, OutsideError("Sidan finns inte.", 404))
        ask = Ask(self._office, request, come_in.person, come_in.session)
        return self._say(ask, "Sidan finns inte.", 404)

    # -- in and out --------------------------------------------------------------------------------

    async def begin_login(self, request: Request) -> Response:
        """On to where people log in."""
        try:
            if self._service is None:
                raise OutsideError("Här loggar man inte in.", 404)
            return await self._service.begin(request)
        except OutsideError as outside:
            return self._stay_outside(request, outside)

    async def finish_login(self, request: Request) -> Response:
        """Somebody comes back from there."""
        try:
            self._office.renew_rights()
            settings = self._office.settings
            if self._service is None or settings is None:
                raise OutsideError("Här loggar man inte in.", 404)
            person, goal = await self._service.finish(request, settings)
        except OutsideError as outside:
            request.session.clear()
            return self._stay_outside(request, outside)
        session = begin(self._office, request, person)
        return Ask(self._office, request, person, session).go(goal)

    async def leave(self, request: Request) -> Response:
        """Somebody goes."""
        try:
            come_in = visitor(self._office, request)
        except OutsideError as outside:
            return self._stay_outside(request, outside)
        if come_in.session is None:
            return Ask(self._office, request, come_in.person, None).json({"ok": True})
        ask = Ask(self._office, request, come_in.person, come_in.session)
        try:
            form = await form_of(request, 0)
            _must_be_our_form(Ask(self._office, request, ask.person, ask.session, form))
        except ClientDisconnect:
            return Response(status_code=400)
        except InputError as error:
            return self._refused(ask, error)
        end(self._office, request, come_in.session)
        view = {"sentence": "Du är utloggad från Skrivbordet."}
        return self._outside(request).page("utanfor.html.j2", "Utloggad", view)


_STATUS: dict[type[Exception], int] = {
    FigureError: 500,
    ForbiddenError: 403,
    MissingError: 404,
    TooLargeError: 413,
    TooManyError: 429,
}
_TITLES = {403: "Du har inte behörighet", 404: "Sidan finns inte", 413: "Filen är för stor"}


def _must_be_our_form(ask: Ask) -> None:
    """Raises ForbiddenError for a form that no page of ours has sent; a program that shows the key
    sends none."""
    if ask.session is not None and not ask.session.has_token(ask.form.text("biljett")):
        raise ForbiddenError(
            "Formuläret är inte längre giltigt, kanske för att du har loggat ut eller loggat in "
            "igen. Ladda om sidan och gör om det."
        )
