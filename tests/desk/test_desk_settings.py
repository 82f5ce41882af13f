"""What data/skrivbord.toml may say, and what is said of one that is wrong."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from statsbidrag.base.environment import OPENID_SECRET, PROXY_SECRET
from statsbidrag.base.errors import InputError
from statsbidrag.decisions.declaration import schema
from statsbidrag.desk.desk_settings import DeskFile, DeskSettings, desk_settings
from statsbidrag.desk.rights import Right, Role
from tests.support.commands import ROOT

BOARDS = ["bromma", "farsta", "skarpnack"]
EXAMPLE = (ROOT / "data" / "skrivbord.toml.exempel").read_text("utf-8")
SMALL = """format = 1
adress = "https://bidrag.example.org"
[proxy]
adress = "127.0.0.1"
[[person]]
login = "maria"
roller = ["handlaggare"]
"""


def settings(folder: Path, text: str) -> DeskSettings | None:
    (folder / "skrivbord.toml").write_text(text, "utf-8")
    return desk_settings(folder, BOARDS)


def test_without_the_file_the_desk_is_for_one(tmp_path: Path) -> None:
    assert desk_settings(tmp_path, BOARDS) is None


def test_the_example_is_good_and_fits_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPENID_SECRET, "hemlig")
    known = settings(tmp_path, EXAMPLE)
    assert known is not None
    assert known.is_secure
    assert known.client_secret == "hemlig"
    fia = known.person("fia.fors@example.org", "annat namn", [])
    assert fia is not None
    assert (fia.name, fia.roles, fia.boards) == ("Fia Fors", (Role.EKONOM,), {"farsta"})
    written = json.loads((ROOT / "data" / "skrivbord.schema.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(schema(DeskFile))), "run make schema"
    jsonschema.validate(tomllib.loads(EXAMPLE), written)
    assert "hemlig'" not in repr(known.declared)


def test_roles_and_boards_of_a_person_and_their_groups_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROXY_SECRET, "hemlig")
    more = """[[grupp]]
grupp = "F"
roller = ["ekonom"]
namnder = ["farsta"]
[[grupp]]
grupp = "B"
roller = ["ekonom", "controller"]
namnder = ["bromma"]
"""
    known = settings(tmp_path, SMALL + more)
    assert known is not None
    both = known.person("x", "Xenia Åå", ["B", "F", "annan"])
    assert both is not None
    assert both.boards == {"farsta", "bromma"}
    assert both.may(Right.READ)
    assert not both.may(Right.RUN)
    one = known.person("y", " ", ["F"])
    assert one is not None
    assert (one.name, one.may(Right.READ)) == ("y", False)
    assert one.may_send_for("farsta")
    assert not one.may_send_for("bromma")
    assert not one.may_send_for(None)
    assert known.person("z", "Z", []) is known.person("y", "Z", ["f"]) is None
    maria = known.person(" MARIA", "Maria Ek", [])
    assert maria is not None
    assert (maria.login, maria.name) == ("maria", "Maria Ek")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('adress = "https', 'adress = "ftp', "ska vara en adress utan sökväg"),
        ("example.org", "example.org/stig", "ska vara en adress utan sökväg"),
        ("https://", "https://a:b@", "ska vara en adress utan sökväg"),
        ('adress = "127.0.0.1"', 'adress = "proxy"', "ska vara en IP-adress"),
        ("handlaggare", "chef", "nyckeln person.1.roller.1"),
        ('roller = ["handlaggare"]', "roller = []", "tom lista"),
        ('roller = ["handlaggare"]', 'roller = ["ekonom"]', "namnder anges för den som är ekonom"),
        (
            'roller = ["handlaggare"]',
            'roller = ["handlaggare"]\nnamnder = ["farsta"]',
            "namnder anges för den som är ekonom",
        ),
        (
            'roller = ["handlaggare"]',
            'roller = ["ekonom"]\nnamnder = ["frasta"]',
            "ingen nämnd frasta i boards.toml. Menas farsta?",
        ),
        ('[proxy]\nadress = "127.0.0.1"\n', "", "antingen [openid] eller [proxy]"),
        (
            "[proxy]",
            '[openid]\nutgivare = "https://a.se"\nklient = "x"\n[proxy]',
            "antingen [openid] eller [proxy]",
        ),
        ('[[person]]\nlogin = "maria"\nroller = ["handlaggare"]\n', "", "minst en [[person]]"),
        (
            "[[person]]",
            '[[person]]\nlogin = "maria"\nroller = ["controller"]\n[[person]]',
            "samma login",
        ),
        ("format = 1", "format = 2", "nyckeln format"),
        ("[proxy]", 'losenord = "x"\n[proxy]', "nyckeln losenord: är okänd"),
        ("[proxy]", "tyst_minuter = 0\n[proxy]", "nyckeln tyst_minuter"),
        ("[proxy]", '[proxy]\nlogin = "X Y"', "ska vara namnet på en rubrik"),
        ("[proxy]", '[openid]\nutgivare = "a.se"\nklient = "x"\n#', "ska vara utgivarens adress"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    monkeypatch.setenv(PROXY_SECRET, "hemlig")
    monkeypatch.setenv(OPENID_SECRET, "hemlig")
    assert old in SMALL
    with pytest.raises(InputError) as refused:
        settings(tmp_path, SMALL.replace(old, new, 1))
    assert said in str(refused.value)
    assert "skrivbord.toml" in str(refused.value)


def test_without_its_secret_nobody_could_be_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PROXY_SECRET, raising=False)
    with pytest.raises(InputError, match=r"hemligheten för \[proxy\] saknas"):
        settings(tmp_path, SMALL)
    named = SMALL.replace("[[person]]", 'hemlighetsfil = "nyckel"\n[[person]]')
    with pytest.raises(InputError, match="går inte att läsa"):
        settings(tmp_path, named)
    (tmp_path / "nyckel").write_text("hemlig\n")
    (tmp_path / "nyckel").chmod(0o644)
    with pytest.raises(InputError, match="kan läsas eller ändras av andra") as refused:
        settings(tmp_path, named)
    assert "hemlig\n" not in str(refused.value)
    (tmp_path / "nyckel").chmod(0o600)
    known = settings(tmp_path, named)
    assert known is not None
    assert known.proxy_secret == "hemlig"
