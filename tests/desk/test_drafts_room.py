"""Drafts of grant files at the desk: read out of a decision, put in, gone through, and run."""

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from statsbidrag.base import swedish
from statsbidrag.base.environment import PROXY_SECRET
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.decisions import data_folder, plans
from statsbidrag.model.decisions import Grant
from statsbidrag.returns import parameters
from statsbidrag.returns.workshop import Workshop
from tests.support.commands import ROOT
from tests.support.desks import SCHEME, SECRET, OpenDesk, Visitor, city, open_desk, words
from tests.support.places import NUMBER
from tests.support.planted import AS_OF

DECISION = ROOT / "data" / "sources" / "003_7edb7cfa3a35362e.txt"
SHIPPED = "socialstyrelsen-2021-utsatta-omraden"


@pytest.fixture
def desk(tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenDesk]:
    """A desk of a city whose decision of 2021 has no grant file yet."""
    monkeypatch.setenv(PROXY_SECRET, SECRET)
    (tmp_path / "in").mkdir()
    data = city(tmp_path, SCHEME)
    (data / "grants" / f"{SHIPPED}.toml").unlink()
    with open_desk(tmp_path / "in", tmp_path / "out", data, workshop=workshop) as opened:
        yield opened


def read(visitor: Visitor) -> httpx.Response:
    return visitor.post("/utkast", [(DECISION.name, DECISION.read_bytes())])


def drafted(answer: httpx.Response) -> str:
    """The draft that the page offers to put in."""
    (text,) = re.findall(
        r'<textarea[^>]*name="utkast"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL
    )
    return unescape(text)


def test_a_decision_is_read_and_nothing_of_it_is_kept(desk: OpenDesk) -> None:
    before = sorted(desk.office.folders.data.rglob("*"))
    answer = read(desk.visitor("maria.ek"))
    told = words(answer)
    assert answer.status_code == 200
    assert "”Hägersten-Ålvsjö” lästes som Hägersten-Älvsjö" in told
    assert "Inget är sparat" in told
    assert sorted(desk.office.folders.data.rglob("*")) == before


def nothing_is_reported_of(draft: Grant, data: Path) -> None:
    """A return that names a draft names no grant, and is checked against none of its words."""
    rulebook = data_folder.load(data, (), AS_OF)
    assert rulebook.grant_named(draft.grant_id) is None
    assert rulebook.grant_named(draft.name) is None
    plan = plans.plan_of_checks(rulebook, AS_OF)
    assert draft.grant_id not in plan.periods
    assert len(plan.periods) == len(rulebook.grants) - 1
    known = parameters.suite_parameters(rulebook, plan)
    assert draft.grant_id not in known["grant_words"]
    assert swedish.key(draft.name) not in known["grant_names"]


def test_nobody_is_pointed_out_by_a_draft(desk: OpenDesk) -> None:
    maria = desk.visitor("maria.ek")
    text = drafted(read(maria))
    before = sorted(desk.office.folders.data.rglob("*"))
    for told in (f"# Hör med {NUMBER}\n{text}", text.replace("Hägersten-Älvsjö", NUMBER)):
        refused = maria.post("/utkast/in", utkast=told)
        assert refused.status_code == 400
        assert "skriv inget personnummer" in words(refused)
    assert sorted(desk.office.folders.data.rglob("*")) == before


def test_a_draft_is_put_in_gone_through_and_then_runs(desk: OpenDesk) -> None:
    maria = desk.visitor("maria.ek")
    text = drafted(read(maria))
    grant_id = tomllib.loads(text)["id"]
    put_in = maria.post("/utkast/in", utkast=text)
    assert "Utkastet är inlagt" in words(put_in)
    data = desk.office.folders.data
    (draft,) = [g for g in data_folder.load(data, (), AS_OF).grants if g.grant_id == grant_id]
    assert draft.is_draft
    assert maria.get(f"/bidrag/{grant_id}").status_code == 404, "a draft stands nowhere"
    nothing_is_reported_of(draft, data)
    assert maria.get(f"/bidrag/{grant_id}/klara-ut").status_code == 200
    page = maria.get("/utkast").text
    (seen,) = re.findall(r'name="sett" value="([0-9a-f]{64})"', page)
    assert maria.post("/utkast/klart", bidrag=grant_id, sett=seen).status_code == 400
    done = maria.post("/utkast/klart", bidrag=grant_id, sett=seen, genomgatt="ja")
    assert done.status_code == 200
    (grant,) = [g for g in data_folder.load(data, (), AS_OF).grants if g.grant_id == grant_id]
    assert not grant.is_draft
    content = (data / "grants" / f"{grant_id}.toml").read_text("utf-8")
    assert content == text.replace("utkast = true\n", "").rstrip("\n") + "\n"
    events = Log.read(desk.office.folders.out / LOG).events
    assert [e.details["login"] for e in events if e.kind == "amended"] == ["maria.ek"] * 2


def test_a_file_that_is_there_is_never_written_over(desk: OpenDesk) -> None:
    maria = desk.visitor("maria.ek")
    text = drafted(read(maria))
    assert maria.post("/utkast/in", utkast=text).status_code == 200
    again = maria.post("/utkast/in", utkast=text.replace("Socialstyrelsen", "Någon annan"))
    assert again.status_code == 400
    grant_id = tomllib.loads(text)["id"]
    assert (desk.office.folders.data / "grants" / f"{grant_id}.toml").read_text("utf-8").rstrip(
        "\n"
    ) == text.rstrip("\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("utkast = true\n", ""),
        lambda text: text.replace('id = "', 'id = "../../'),
        lambda text: "id = [",
        lambda text: "",
    ],
)
def test_what_is_no_draft_is_not_put_in(desk: OpenDesk, change: object) -> None:
    maria = desk.visitor("maria.ek")
    before = sorted(desk.office.folders.data.rglob("*"))
    assert callable(change)
    assert maria.post("/utkast/in", utkast=change(drafted(read(maria)))).status_code == 400
    assert sorted(desk.office.folders.data.rglob("*")) == before


@pytest.mark.parametrize("login", ["ola.berg", "sara.lind", "karl.rev", "farsta"])
def test_only_who_may_settle_makes_drafts(desk: OpenDesk, login: str) -> None:
    visitor = desk.visitor(login)
    assert visitor.get("/utkast").status_code == 403
    assert read(visitor).status_code == 403
    assert visitor.post("/utkast/in", utkast="x").status_code == 403
    assert visitor.post("/utkast/klart", bidrag="x").status_code == 403


def test_a_file_that_is_no_document_is_told(desk: OpenDesk) -> None:
    answer = desk.visitor("maria.ek").post(
        "/utkast", [("bild.png", b"\x89PNG\r\n\x1a\n" + bytes(50))]
    )
    assert answer.status_code == 400
    assert "varken text (.txt), Word (.docx) eller PDF" in words(answer)
