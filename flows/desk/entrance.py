"""Who comes in at the desk: by the key of a desk for one, by the login of a session, or by what a
trusted proxy says. Whoever none of them names stays outside."""

import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .asking import POLICY, local
from .clerk import Line
from .desk_settings import ProxyFile
from .office import Office
from .rights import Person, alone
from .sessions import Session

COOKIE_ID = "id"
"""Under what a signed cookie holds the id of its session."""
KEY = "nyckel"
PROXY_SECRET = "x-statsbidrag-proxy"
"""The header by which the proxy shows the secret that it shares with the desk."""
LOGIN, LOGIN_ANSWER = "/logga-in", "/logga-in/svar"


@dataclass(frozen=True)
class Visitor:
    """Somebody who has come in; without a session it is a program that shows the key."""

    person: Person
    session: Session | None


class OutsideError(Exception):
    """Somebody hasn't come in: what they are told, or where they go."""

    def __init__(self, sentence: str, status: int, onward: Response | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.onward = sentence, status, onward


def visitor(office: Office, request: Request) -> Visitor:
    """Who asks. Raises OutsideError for whoever hasn't come in."""
    shown = request.headers.get("authorization")
    if shown is not None:
        return _by_bearer(office, shown)
    if office.settings is not None and office.settings.declared.proxy is not None:
        return _by_proxy(office, request, office.settings.declared.proxy)
    if office.key is not None and KEY in request.query_params:
        _come_in_by_key(office, request)
    session = office.sessions.of(request.session.get(COOKIE_ID))
    if session is not None:
        return Visitor(session.person, session)
    if office.key is not None:
        raise OutsideError(
            "Du är inte inne på Skrivbordet. Öppna adressen som börjar med Skrivbordet: i "
            "fönstret där statsbidrag serve kör. Den är ny varje gång det startas.",
            401,
        )
    raise OutsideError("Logga in för att komma till Skrivbordet.", 401, _to_login(request))


def _by_bearer(office: Office, shown: str) -> Visitor:
    scheme, _, text = shown.partition(" ")
    is_key = scheme.casefold() == "bearer" and office.key is not None
    if office.key is None or not is_key or not office.key.is_shown(text.strip()):
        raise OutsideError("Nyckeln gäller inte.", 401)
    return Visitor(alone(""), None)


def _come_in_by_key(office: Office, request: Request) -> None:
    """The first visit: a session, and on to an address without the key. Always raises
    OutsideError."""
    assert office.key is not None
    if request.method != "GET" or not office.key.is_shown(request.query_params[KEY]):
        raise OutsideError(
            "Nyckeln gäller inte. Den är ny varje gång statsbidrag serve startas: öppna adressen "
            "som det skrev senast.",
            403,
        )
    begin(office, request, alone(""))
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != KEY]
    path = local(request.url.path) + (f"?{urlencode(rest)}" if rest else "")
    raise OutsideError("", 303, _onward(path))


def _by_proxy(office: Office, request: Request, proxy: ProxyFile) -> Visitor:
    assert office.settings is not None
    client = request.client.host if request.client else ""
    secret = request.headers.get(PROXY_SECRET, "")
    is_ours = hmac.compare_digest(
        secret.encode(errors="replace"), office.settings.proxy_secret.encode()
    )
    login = request.headers.get(proxy.login, "").strip()
    if client != proxy.adress or not is_ours or not login:
        raise OutsideError(
            f"Hit kommer man genom {office.address}, där man loggar in. Den här vägen är stängd.",
            401,
        )
    groups = [group.strip() for group in request.headers.get(proxy.grupper, "").split(",")]
    person = office.settings.person(login, request.headers.get(proxy.namn, ""), groups)
    if person is None:
        raise stranger(login)
    session = office.sessions.of(request.session.get(COOKIE_ID))
    if session is None or session.person != person:
        session = begin(office, request, person)
    return Visitor(person, session)


def stranger(login: str) -> OutsideError:
    """Somebody who can log in and has no business here."""
    return OutsideError(
        f"Du är inloggad som {login}, men har ingen roll på Skrivbordet. Be den som sköter det att "
        "lägga till dig i skrivbord.toml.",
        403,
    )


def begin(office: Office, request: Request, person: Person) -> Session:
    """A new session for somebody who has come in, under an id that nobody had before."""
    request.session.clear()
    session = office.sessions.begin(person)
    request.session[COOKIE_ID] = session.session_id
    if person.login is not None:
        office.clerk.note(Line("entered", office.now(), person.name, person.login))
    return session


def end(office: Office, request: Request, session: Session) -> None:
    """Somebody leaves; nothing leads back to their session."""
    office.sessions.end(session)
    request.session.clear()
    person = session.person
    if person.login is not None:
        office.clerk.note(Line("left", office.now(), person.name, person.login))


def _to_login(request: Request) -> Response | None:
    """Where somebody logs in, and then comes back to what they asked for."""
    if request.method != "GET":
        return None
    query = str(QueryParams(request.url.query))
    asked = request.url.path + (f"?{query}" if query else "")
    return _onward(f"{LOGIN}?till={quote(local(asked))}")


def _onward(path: str) -> Response:
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return RedirectResponse(path, 303, headers=headers)
