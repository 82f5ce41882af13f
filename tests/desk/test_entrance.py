"""Who comes in at the desk, and what opens for them: every door is shut until somebody with a right
opens it."""

import http.client
import re
from itertools import product

import pytest

from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.desk import desk_app, rights
from statsbidrag.desk.asking import local
from statsbidrag.desk.rights import Right, Role
from statsbidrag.desk.sessions import MOST_SESSIONS, Sessions
from tests.support.desks import JSON, SECRET, OpenDesk, words
from tests.support.planted import EQUAL

ADDRESSES = [(page, re.sub(r"\{grant\}", EQUAL, page.path)) for page in desk_app.PAGES]
FILLED = {"{board}": "farsta", "{day}": "2023-12-31", "{number}": "1", "{name}": "a.eml"}


def filled(path: str) -> str:
    """An address with something in each of its places."""
    for place, instead in FILLED.items():
        path = path.replace(place, instead)
    return path.replace("{path:path}", "index.html")


PATHS = [(page.method, filled(path)) for page, path in ADDRESSES]


@pytest.mark.parametrize(("method", "path"), PATHS, ids=str)
def test_nothing_is_done_for_whoever_has_not_come_in(
    desk: OpenDesk, method: str, path: str
) -> None:
    outsider = desk.visitor(x="y").client
    for headers in (
        {},
        {"Authorization": "Bearer fel"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {desk.key}"},
        {"Cookie": "skrivbord=fel"},
        {"Cookie": f"skrivbord={desk.key}"},
        {"X-Remote-User": "maria.ek", "X-Statsbidrag-Proxy": SECRET},
    ):
        answer = outsider.request(method, path, headers=headers)
        assert answer.status_code == 401, headers
        assert desk.key not in answer.text
        answer = outsider.request(method, path, headers={**headers, **JSON})
        assert (answer.status_code, list(answer.json())) == (401, ["error"])


def test_the_key_opens_once_and_then_stands_in_no_address(desk: OpenDesk) -> None:
    visitor = desk.visitor(x="y")
    answer = visitor.client.get("/prova", params={"nyckel": desk.key, "a": "å b"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/prova?a=%C3%A5+b")
    cookie = answer.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert desk.key.casefold() not in cookie
    assert visitor.get("/prova").status_code == 200


@pytest.mark.parametrize("key", ["fel", "", "å", "x" * 5000])
def test_a_wrong_key_opens_nothing(desk: OpenDesk, key: str) -> None:
    visitor = desk.visitor(x="y")
    assert visitor.client.get("/", params={"nyckel": key}).status_code == 403
    assert visitor.get("/").status_code == 401


def test_the_key_is_tried_by_no_form(desk: OpenDesk) -> None:
    visitor = desk.visitor(x="y")
    assert visitor.client.post("/prova", params={"nyckel": desk.key}).status_code == 403


def test_a_program_shows_the_key_each_time(desk: OpenDesk) -> None:
    program = desk.program()
    answer = program.get("/ut/index.html")
    assert (answer.status_code, answer.json()) == (404, {"error": "Sidan finns inte."})
    assert "set-cookie" not in answer.headers
    assert program.get("/").status_code == 200


def test_whether_it_answers_is_told_to_everybody(desk: OpenDesk) -> None:
    answer = desk.visitor(x="y").get("/halsa")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_whoever_comes_in_gets_another_session_than_any_cookie_names(desk: OpenDesk) -> None:
    """A session that somebody else has put in a browser is not the one that it goes on with."""
    evil = desk.visitor()
    fixed = evil.client.cookies["skrivbord"]
    victim = desk.visitor(x="y")
    victim.client.cookies.set("skrivbord", fixed, domain="127.0.0.1")
    victim.client.get("/", params={"nyckel": desk.key})
    assert [one for one in victim.client.cookies.jar if one.value == fixed] == []
    assert victim.token != evil.token


def test_whoever_leaves_is_out_and_so_is_a_copy_of_the_cookie(desk: OpenDesk) -> None:
    visitor, copied = desk.visitor(), desk.visitor(x="y")
    copied.client.cookies.set("skrivbord", visitor.client.cookies["skrivbord"], domain="127.0.0.1")
    assert copied.get("/").status_code == 200
    assert "Du är utloggad" in words(visitor.post("/logga-ut"))
    assert visitor.get("/").status_code == copied.get("/").status_code == 401


def test_a_session_ends_when_nothing_is_asked_for_a_while() -> None:
    now = 0.0
    sessions = Sessions(60, lambda: now)
    one, other = sessions.begin(rights.alone("")), sessions.begin(rights.alone(""))
    now = 59
    assert sessions.of(one.session_id) is one
    now = 61
    assert sessions.of(one.session_id) is one
    assert sessions.of(other.session_id) is None
    now = 122
    assert sessions.of(one.session_id) is None
    assert sessions.of(None) is sessions.of(3) is None


def test_the_session_that_was_idle_longest_makes_room() -> None:
    now = 0.0
    sessions = Sessions(1e9, lambda: now)
    first = sessions.begin(rights.alone(""))
    second = sessions.begin(rights.alone(""))
    now = 1.0
    assert sessions.of(first.session_id)
    for _ in range(MOST_SESSIONS - 1):
        sessions.begin(rights.alone(""))
    assert sessions.of(first.session_id)
    assert sessions.of(second.session_id) is None


# -- forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [*(path for method, path in PATHS if method == "POST"), "/logga-ut"]
)
@pytest.mark.parametrize("token", ["", "fel", "å"])
def test_a_form_that_no_page_of_ours_has_sent_does_nothing(
    desk: OpenDesk, path: str, token: str
) -> None:
    visitor = desk.visitor()
    answer = visitor.post(path, token=token, namn="Maria Ek")
    assert answer.status_code == 403
    assert "Formuläret är inte längre giltigt" in words(answer)
    assert desk.office.works.under_way == []
    assert visitor.get("/").status_code == 200


def test_a_form_of_another_session_does_nothing(desk: OpenDesk) -> None:
    one, other = desk.visitor(), desk.visitor()
    assert one.post("/prova", token=other.token).status_code == 403


def test_a_page_from_elsewhere_sends_no_form_and_frames_nothing(desk: OpenDesk) -> None:
    visitor = desk.visitor()
    token = visitor.token
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{desk.port + 1}"):
        answer = visitor.client.post("/prova", data={"biljett": token}, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "Nekad" in answer.text
    answer = visitor.get("/")
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_another_host_is_refused_whatever_key_is_shown(desk: OpenDesk) -> None:
    for path in ("/", "/halsa", "/stil.css", "/logga-in", f"/?nyckel={desk.key}"):
        answer = desk.program().get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("http://evil.example", "https:evil.example", "evil.example", "", "javascript:alert(1)"),
        *("/a\r\nLocation: http://evil.example", "/a\tb", "/\n/evil.example", "/\u202eb"),
    ],
)
def test_no_address_leads_elsewhere(path: str) -> None:
    assert local(path) == "/"


def test_an_address_of_our_own_leads_on(desk: OpenDesk) -> None:
    assert local("/bidrag/x/slutrapport?a=b#c") == "/bidrag/x/slutrapport?a=b#c"
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
    connection.request("GET", f"//evil.example/?nyckel={desk.key}")
    answer = connection.getresponse()
    assert answer.status in {303, 404}
    assert "evil" not in (answer.headers["Location"] or "")
    connection.close()


# -- logins ----------------------------------------------------------------------------------------


def test_a_proxy_says_who_it_is(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    assert "Maria Ek" in maria.get("/").text
    assert "Ditt namn" not in maria.get("/").text
    assert "Du är utloggad" in words(maria.post("/logga-ut"))
    shared.office.clerk.settled()
    entered = [
        (event.kind, event.by, event.details["login"])
        for event in Log.read(shared.office.folders.out / LOG).events
        if event.kind in {"entered", "left"}
    ]
    assert entered[0] == ("entered", "Maria Ek", "maria.ek")
    assert ("left", "Maria Ek", "maria.ek") in entered


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Remote-User": "maria.ek"}, 401),
        ({"X-Remote-User": "maria.ek", "X-Statsbidrag-Proxy": "fel"}, 401),
        ({"X-Remote-User": "maria.ek", "X-Statsbidrag-Proxy": ""}, 401),
        ({"X-Statsbidrag-Proxy": SECRET}, 401),
        ({"X-Remote-User": "", "X-Statsbidrag-Proxy": SECRET}, 401),
        ({"X-Remote-User": "okand", "X-Statsbidrag-Proxy": SECRET}, 403),
        ({"X-Remote-User": "19121212-1212", "X-Statsbidrag-Proxy": SECRET}, 403),
        ({"Authorization": "Bearer fel"}, 401),
    ],
)
def test_a_header_without_the_proxys_secret_is_nobodys(
    shared: OpenDesk, headers: dict[str, str], status: int
) -> None:
    answer = shared.visitor(**headers).get("/")
    assert answer.status_code == status
    assert "Att göra" not in answer.text


def test_what_comes_twice_is_nobodys(shared: OpenDesk) -> None:
    """A proxy that adds its header to the visitor's own must not let the visitor choose."""
    own = [("X-Statsbidrag-Proxy", SECRET), ("X-Remote-User", "sara.lind")]
    client = shared.visitor(x="y").client
    assert client.get("/", headers=[*own, ("X-Remote-User", "maria.ek")]).status_code == 401
    groups = [("X-Remote-Groups", "Statsbidrag"), ("X-Remote-Groups", "A")]
    headers = [("X-Statsbidrag-Proxy", SECRET), ("X-Remote-User", "gun"), *groups]
    assert client.get("/", headers=headers).status_code == 403


def test_capitals_make_no_other_person_and_letters_are_read_as_they_are(shared: OpenDesk) -> None:
    assert "Maria Ek" in shared.visitor("Maria.EK").get("/").text
    name = "Åsa Öst".encode()
    client = shared.visitor(x="y").client
    headers: list[tuple[bytes, bytes]] = [
        (b"X-Statsbidrag-Proxy", SECRET.encode()),
        (b"X-Remote-User", b"ASA.OST"),
        (b"X-Remote-Name", name),
        (b"X-Remote-Groups", b"Statsbidrag"),
    ]
    assert "Åsa Öst" in client.get("/", headers=headers).text
    headers[2] = (b"X-Remote-Name", b"Maria 1Ek")
    answer = client.get("/", headers=headers)
    assert answer.status_code == 403
    assert "Ditt namn kan inte stå i händelseloggen" in words(answer)
    shared.office.clerk.settled()
    log = Log.read(shared.office.folders.out / LOG)
    logins = {event.details["login"] for event in log.events if event.kind == "entered"}
    assert logins == {"maria.ek", "asa.ost"}


def test_a_browser_without_cookies_makes_one_session_and_one_line(shared: OpenDesk) -> None:
    for _ in range(5):
        assert shared.visitor("maria.ek").get("/").status_code == 200
    shared.office.clerk.settled()
    log = Log.read(shared.office.folders.out / LOG)
    assert len([event for event in log.events if event.kind == "entered"]) == 1


def test_another_login_in_the_same_browser_is_another_person(shared: OpenDesk) -> None:
    one = shared.visitor("maria.ek")
    token = one.token
    one.client.headers["X-Remote-User"] = "karl.rev"
    assert "Karl Rev" in one.get("/").text
    assert one.post("/rakna", token=token).status_code == 403


def test_a_group_opens_what_it_is_given(shared: OpenDesk) -> None:
    named = {"X-Remote-Name": "Gun Grupp", "X-Remote-Groups": "A, Statsbidrag"}
    gun = shared.visitor("gun", **named)
    assert "Gun Grupp" in gun.get("/").text
    assert gun.get("/logg").status_code == 200
    assert gun.post("/rakna").status_code == 403


LOGINS = {
    "maria.ek": Role.HANDLAGGARE,
    "ola.berg": Role.GRANSKARE,
    "sara.lind": Role.ATTESTANT,
    "karl.rev": Role.CONTROLLER,
    "farsta": Role.EKONOM,
}
MAY = {
    Role.EKONOM: {Right.TRY, Right.SEND},
    Role.HANDLAGGARE: {*Right} - {Right.REVIEW, Right.ATTEST},
    Role.GRANSKARE: {Right.TRY, Right.READ, Right.REVIEW},
    Role.ATTESTANT: {Right.TRY, Right.READ, Right.ATTEST},
    Role.CONTROLLER: {Right.TRY, Right.READ},
}


def test_each_page_opens_for_those_with_its_right_and_for_nobody_else(shared: OpenDesk) -> None:
    for login, role in LOGINS.items():
        visitor = shared.visitor(login)
        for page, path in ADDRESSES:
            if page.path == "/rakna" or page.path.endswith(("/rakna", "/kontroll")):
                continue  # what these do is seen elsewhere
            send = visitor.post if page.method == "POST" else visitor.get
            answer = send(filled(path))
            is_open = page.right is None or page.right in MAY[role]
            if page.path == "/ut/{path:path}":
                continue
            assert (answer.status_code != 403) == is_open, (login, page.method, page.path)


def test_whoever_is_taken_out_of_the_settings_is_out_at_once(shared: OpenDesk) -> None:
    settings = shared.office.folders.data / "skrivbord.toml"
    ola, karl = shared.visitor("ola.berg"), shared.visitor("karl.rev")
    assert ola.get(f"/bidrag/{EQUAL}").status_code == 200
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('login = "ola.berg"', 'login = "ola.borta"'), "utf-8")
    assert ola.get(f"/bidrag/{EQUAL}").status_code == 403
    assert karl.get(f"/bidrag/{EQUAL}").status_code == 200
    # A file that can't be read takes nobody's rights and gives none.
    settings.write_text("format = ", "utf-8")
    assert ola.get(f"/bidrag/{EQUAL}").status_code == 403
    assert karl.get(f"/bidrag/{EQUAL}").status_code == 200
    assert "skrivbord.toml" in shared.complaints.pop()
    settings.unlink()
    assert karl.get(f"/bidrag/{EQUAL}").status_code == 200
    assert "är borta" in shared.complaints.pop()
    settings.write_text(text, "utf-8")
    assert ola.get(f"/bidrag/{EQUAL}").status_code == 200
    assert shared.complaints == []


def test_a_change_of_rights_is_not_lost_because_something_else_is_broken(shared: OpenDesk) -> None:
    data = shared.office.folders.data
    settings, boards = data / "skrivbord.toml", data / "boards.toml"
    ola = shared.visitor("ola.berg")
    assert ola.get("/logg").status_code == 200
    whole = boards.read_text("utf-8")
    boards.write_text("format = ", "utf-8")
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('login = "ola.berg"', 'login = "ola.borta"'), "utf-8")
    ola.get("/logg")
    ola.get("/logg")
    assert len(shared.complaints) == 1
    shared.complaints.clear()
    boards.write_text(whole, "utf-8")
    assert ola.get("/logg").status_code == 403


def test_a_session_ends_when_the_rights_change(shared: OpenDesk) -> None:
    karl = shared.visitor("karl.rev")
    karl.get("/")
    (session,) = shared.office.sessions._by_id.values()
    settings = shared.office.folders.data / "skrivbord.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('roller = ["controller"]', 'roller = ["granskare"]'), "utf-8")
    karl.get("/")
    assert session.session_id not in shared.office.sessions._by_id


def test_decisions_ask_for_the_right_of_their_kind(shared: OpenDesk) -> None:
    """Reading a report is not deciding about it."""
    for login, kind in product(LOGINS, ("reviewed", "attested", "filed", "returned")):
        may = {
            "reviewed": {"ola.berg"},
            "attested": {"sara.lind"},
            "filed": {"maria.ek"},
            "returned": {"ola.berg", "sara.lind"},
        }[kind]
        answer = shared.visitor(login).decide(EQUAL, kind)
        assert (answer.status_code != 403) == (login in may), (login, kind)
