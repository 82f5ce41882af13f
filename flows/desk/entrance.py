"""Who comes in at the desk: by the key of a desk for one, by the login of a session, or by what a
trusted proxy says. Whoever none of them names stays outside."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..base import swedish
from ..base.errors import InputError
from ..case import people
from .asking import POLICY, local
from .clerk import Line
from .desk_settings import DeskSettings, ProxyFile
from .office import Office
from .rights import Person, alone
from .sessions import Key, Session

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
    office.renew_rights()
    shown = request.headers.get("authorization")
    if shown is not None and office.key is not None:
        return _by_bearer(office.key, shown)
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


def _by_bearer(key: Key, shown: str) -> Visitor:
    scheme, _, text = shown.partition(" ")
    if scheme.casefold() != "bearer" or not key.is_shown(text.strip()):
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
    secret = _header(request, PROXY_SECRET)
    is_ours = hmac.compare_digest(
        secret.encode(errors="replace"), office.settings.proxy_secret.encode()
    )
    login = _header(request, proxy.login)
    if client != proxy.adress or not is_ours or not login:
        raise OutsideError(
            f"Hit kommer man genom {office.address}, där man loggar in. Den här vägen är stängd.",
            401,
        )
    groups = [group.strip() for group in _header(request, proxy.grupper).split(",")]
    person = known_person(office.settings, login, _header(request, proxy.namn), groups)
    session = office.sessions.of(request.session.get(COOKIE_ID))
    if session is not None and session.person == person:
        return Visitor(person, session)
    session = office.sessions.of_person(person)
    if session is None:
        return Visitor(person, begin(office, request, person))
    # The proxy says in each request who it is: whoever shows no cookie needs no session more.
    request.session.clear()
    request.session[COOKIE_ID] = session.session_id
    return Visitor(person, session)


def _header(request: Request, name: str) -> str:
    """What the proxy says in a header; nothing where there are several of it, for one may be
    somebody else's."""
    values = request.headers.getlist(name)
    if len(values) != 1:
        return ""
    try:
        return values[0].encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return values[0].strip()


def known_person(settings: DeskSettings, login: str, name: str, groups: Iterable[str]) -> Person:
    """Who has logged in. Raises OutsideError for somebody without a role, and for a name or a login
    that may not stand in the log."""
    person = settings.person(login, name, groups)
    if person is None:
        raise stranger(login)
    try:
        named = people.named(person.name)
    except InputError as error:
        raise OutsideError(
            f"Ditt namn kan inte stå i händelseloggen. {error} Be den som sköter Skrivbordet att "
            "ange ditt namn i skrivbord.toml.",
            403,
        ) from None
    if any(swedish.mask_personal_numbers(text)[1] for text in (named, str(person.login))):
        raise OutsideError(
            "Ditt login eller namn är ett personnummer, som inte får stå i händelseloggen. Säg "
            "till den som sköter Skrivbordet.",
            403,
        )
    return replace(person, name=named)


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
