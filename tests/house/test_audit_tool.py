"""`make audit` says what is wrong when something is: it can fail."""

import base64
import hashlib
from importlib import metadata
from pathlib import Path

import pytest

from tests.tools import audit


def package(
    folder: Path, name: str = "en-sak", *, about: str = "License-Expression: MIT"
) -> metadata.Distribution:
    """A package as installers leave it, with one module."""
    place = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    place.mkdir(parents=True)
    (folder / "en_sak.py").write_text("x = 1\n", "utf-8")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).rstrip(b"=").decode()
    (place / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{about}\n", "utf-8"
    )
    (place / "RECORD").write_text(f"en_sak.py,sha256={digest},6\n{place.name}/RECORD,,\n", "utf-8")
    return metadata.Distribution.at(place)


def test_what_is_installed_is_held_against_the_lock(tmp_path: Path) -> None:
    found = {"en-sak": package(tmp_path)}
    lock = audit.pins(
        "En_Sak==1.0 \\\n    --hash=sha256:00\nborta==2.0 ; sys_platform == 'no-such' \\\n    "
        "--hash=sha256:00\n"
    )
    assert list(lock) == ["en-sak"]
    assert not list(audit.differences(lock, found))
    (newer,) = audit.differences(audit.pins("en-sak==1.1\n"), found)
    assert newer == "en-sak is 1.0, but the lock says 1.1"
    assert list(audit.differences({}, found)) == ["en-sak 1.0 is installed but not in the lock"]
    assert list(audit.differences(lock, {})) == ["en-sak 1.0 is in the lock but not installed"]


def test_the_lock_is_read_whole() -> None:
    text = (audit.ROOT / "requirements.lock").read_text("utf-8")
    names = {line.partition("==")[0] for line in text.splitlines() if line[:1].isalnum()}
    assert audit.pins(text).keys() <= {audit.normal(name) for name in names}
    assert {"duckdb", "openpyxl", "prefect", "typst"} <= audit.pins(text).keys()


def test_an_altered_file_and_a_missing_one_are_told(tmp_path: Path) -> None:
    one = package(tmp_path)
    assert not list(audit.altered(one))
    (tmp_path / "en_sak.py").write_text("x = 2\n", "utf-8")
    assert list(audit.altered(one)) == ["en-sak: en_sak.py has been altered"]
    (tmp_path / "en_sak.py").unlink()
    assert list(audit.altered(one)) == ["en-sak: en_sak.py is missing"]


@pytest.mark.parametrize(
    ("stated", "is_allowed"),
    [
        ("MIT", True),
        ("MIT License", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only OR SSPL-1.0", False),
        ("Elastic License 2.0", False),
        ("states none", False),
    ],
)
def test_a_licence_is_on_the_list_or_not(stated: str, is_allowed: bool) -> None:
    assert audit.is_allowed(stated) is is_allowed


def test_a_package_says_its_licence_in_one_of_three_ways(tmp_path: Path) -> None:
    ways = (
        "License-Expression: ISC",
        "Classifier: License :: OSI Approved :: MIT License",
        "License: BSD\n  more",
        "",
    )
    said = [audit.licence(package(tmp_path / str(n), about=way)) for n, way in enumerate(ways)]
    assert said == ["ISC", "MIT License", "BSD", "states none"]
    (wrong,) = audit.unlicensed(
        [package(tmp_path / "x", about="License-Expression: AGPL-3.0-only")]
    )
    assert wrong == "en-sak: its licence (AGPL-3.0-only) is not on the list"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.pem", "-----BEGIN OPENSSH " + "PRIVATE KEY-----"),
        ("post.toml", "server = 'x'\nlosenord = 'hemligt" + "123'"),
        ("x.yaml", "db_password: hemligt" + "123"),
        (".env", "API_KEY=abcdef" + "123456"),
        ("x.py", "t = 'ghp_" + "a" * 36 + "'"),
        ("x.md", "postgresql://anna:hem" + "lig@databas/x"),
        ("x.md", "ligger i /ho" + "me/anna/statsbidrag"),
        ("pip.conf", "[global]\nindex-" + "url = https://example.org"),
    ],
)
def test_a_secret_is_seen_and_not_repeated(name: str, text: str) -> None:
    told = list(audit.secrets(name, text))
    assert len(told) == 1
    assert "hemlig" not in told[0]
    assert "anna" not in told[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("post.toml", "losenord = ''\nlosenord_fran = 'SMTP_LOSENORD'"),
        ("x.yaml", "password: ${PASSWORD}"),
        ("x.py", "password = getpass()"),
        ("x.md", "postgresql://prefect:LÖSENORD@databas/prefect och https://example.org/home/x"),
    ],
)
def test_what_is_no_secret_is_let_by(name: str, text: str) -> None:
    assert not list(audit.secrets(name, text))


def test_the_repository_tells_nothing_that_it_should_not() -> None:
    assert not list(audit.told_by(audit.ROOT))
