"""Login by OpenID Connect, at a real provider in a process of its own."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from statsbidrag.base.environment import OPENID_SECRET
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.returns.workshop import Workshop
from tests.support.desks import OpenDesk, by_openid, city, open_desk, words
from tests.support.providers import at_provider, logged_in, provider, to_provider


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with provider() as address:
        yield address


@pytest.fixture
def desk(
    tmp_path: Path, workshop: Workshop, service: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenDesk]:
    monkeypatch.setenv(OPENID_SECRET, "hemlig")
    (tmp_path / "in").mkdir()
    data = city(tmp_path, by_openid(service))
    with open_desk(tmp_path / "in", tmp_path / "out", data, workshop=workshop) as opened:
        yield opened


def test_whoever_logs_in_comes_to_what_they_asked_for(desk: OpenDesk) -> None:
    maria, answer = logged_in(desk, "maria.ek", "/logg?slag=K%C3%B6rningar")
    assert (answer.status_code, str(answer.url.path)) == (200, "/logg")
    assert answer.url.query == b"slag=K%C3%B6rningar"
    assert "Maria Ek" in answer.text
    assert maria.get("/").status_code == 200
    desk.office.clerk.settled()
    (event,) = Log.read(desk.office.folders.out / LOG).events[1:]
    assert (event.kind, event.by, event.details["login"]) == ("entered", "Maria Ek", "maria.ek")


def test_the_question_carries_a_challenge_a_nonce_and_a_state(desk: OpenDesk) -> None:
    asked = parse_qs(urlsplit(to_provider(desk.visitor(x="y"), "/")).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{desk.address}/logga-in/svar"]
    for name in ("code_challenge", "nonce", "state"):
        assert len(asked[name][0]) > 15
    assert "hemlig" not in str(asked)


def test_whoever_is_taken_out_of_the_settings_does_not_come_in_again(desk: OpenDesk) -> None:
    settings = desk.office.folders.data / "skrivbord.toml"
    text = settings.read_text("utf-8")
    ola, answer = logged_in(desk, "ola.berg")
    assert answer.status_code == 200
    settings.write_text(text.replace('login = "ola.berg"', 'login = "ny.person"'), "utf-8")
    assert ola.get("/").status_code == 303
    _, answer = logged_in(desk, "ola.berg")
    assert answer.status_code == 403
    _, answer = logged_in(desk, "ny.person")
    assert answer.status_code == 200


def test_somebody_without_a_role_stays_outside(desk: OpenDesk) -> None:
    visitor, answer = logged_in(desk, "okand")
    assert answer.status_code == 403
    assert "har ingen roll på Skrivbordet" in words(answer)
    assert visitor.get("/").status_code == 303


def test_an_answer_to_nobodys_question_opens_nothing(desk: OpenDesk) -> None:
    """The code of somebody else's login, put in a victim's browser, and a code used twice."""
    evil, victim = desk.visitor(x="y"), desk.visitor(x="y")
    back = at_provider(to_provider(evil, "/"), "maria.ek")
    assert victim.get(back).status_code == 403
    to_provider(victim, "/")
    assert victim.get(back).status_code == 403
    assert victim.get("/").status_code == 303
    assert evil.get(back).status_code == 303
    assert evil.get("/").status_code == 200
    assert evil.get(back).status_code == 403
    for query in ("", "?code=x", "?state=x", "?code=x&state=y", "?error=access_denied&state=x"):
        answer = desk.visitor(x="y").get(f"/logga-in/svar{query}")
        assert answer.status_code == 403, query
        assert "Inloggningen gick inte att slutföra" in words(answer)


def test_the_session_after_login_is_another_than_before(desk: OpenDesk) -> None:
    visitor = desk.visitor(x="y")
    back = at_provider(to_provider(visitor, "/"), "maria.ek")
    before = visitor.client.cookies["skrivbord"]
    visitor.get(back)
    after = visitor.client.cookies["skrivbord"]
    assert before != after
    other = desk.visitor(x="y")
    other.client.cookies.set("skrivbord", before, domain="127.0.0.1")
    assert other.get("/").status_code == 303


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_login_leads_nowhere_else(desk: OpenDesk, path: str) -> None:
    visitor = desk.visitor(x="y")
    answer = visitor.client.get("/logga-in", params={"till": path})
    answer = visitor.get(at_provider(answer.headers["location"], "maria.ek"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_no_key_and_no_header_opens_a_desk_with_logins(desk: OpenDesk) -> None:
    assert desk.office.key is None
    for headers in (
        {"X-Remote-User": "maria.ek", "X-Statsbidrag-Proxy": "hemlig"},
        {"X-Remote-User": "maria.ek", "X-Statsbidrag-Proxy": ""},
    ):
        assert desk.visitor(**headers).get("/").status_code == 303
    assert desk.visitor(Authorization="Bearer hemlig").get("/").status_code == 303
    assert desk.visitor(x="y").get("/?nyckel=hemlig").status_code == 303


def test_a_service_that_does_not_answer_is_told_in_a_sentence(
    tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPENID_SECRET, "hemlig")
    (tmp_path / "in").mkdir()
    data = city(tmp_path, by_openid("http://127.0.0.1:9"))
    with open_desk(tmp_path / "in", tmp_path / "out", data, workshop=workshop) as desk:
        answer = desk.visitor(x="y").get("/logga-in")
        assert answer.status_code == 503
        assert "Inloggningstjänsten svarar inte" in words(answer)
