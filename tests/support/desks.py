"""A desk that is open, and somebody who asks it."""

import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx

from statsbidrag.base.folders import Folders
from statsbidrag.desk import desk_app
from statsbidrag.desk.clerk import Clerk
from statsbidrag.desk.desk_settings import DeskSettings, desk_settings
from statsbidrag.desk.office import Office
from statsbidrag.desk.sessions import Key, Sessions
from statsbidrag.desk.work import Works
from statsbidrag.returns.workshop import Workshop
from tests.support import planted
from tests.support.commands import ROOT

NOW = "2024-01-20T12:00:00+01:00"
NBSP = "\u00a0"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = {"Accept": "application/json"}
SCHEME = """format = 1
adress = "{address}"

[proxy]
adress = "127.0.0.1"

[[person]]
login = "maria.ek"
namn = "Maria Ek"
roller = ["handlaggare"]

[[person]]
login = "ola.berg"
namn = "Ola Berg"
roller = ["granskare"]

[[person]]
login = "sara.lind"
namn = "Sara Lind"
roller = ["attestant"]

[[person]]
login = "karl.rev"
namn = "Karl Rev"
roller = ["controller"]

[[person]]
login = "farsta"
namn = "Fia Farsta"
roller = ["ekonom"]
namnder = ["farsta"]

[[person]]
login = "bromma"
namn = "Bo Bromma"
roller = ["ekonom"]
namnder = ["bromma"]

[[grupp]]
grupp = "Statsbidrag"
roller = ["controller"]
"""
"""A desk to which people log in by a proxy; `login` is then the word of a test."""
SECRET = "en hemlighet som proxyn har"


def by_openid(service: str) -> str:
    """The same people, who log in at a service by OpenID Connect."""
    proxy = '[proxy]\nadress = "127.0.0.1"'
    return SCHEME.replace(proxy, f'[openid]\nutgivare = "{service}"\nklient = "skrivbordet"')


def city(folder: Path, scheme: str) -> Path:
    """A copy of the city's data folder, where people log in as a scheme says."""
    data = folder / "data"
    shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("inbox"))
    (data / "skrivbord.toml").write_text(scheme, "utf-8")
    return data


@dataclass
class OpenDesk:
    """A desk that answers on a port of this machine."""

    office: Office
    port: int
    complaints: list[str]
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """What opens it, where nobody logs in."""
        assert self.office.key is not None
        return self.office.key.text

    def visitor(self, login: str | None = None, **headers: str) -> "Visitor":
        """Somebody new: by the key, or as the proxy says."""
        if login is not None:
            headers = {
                "X-Remote-User": login,
                "X-Statsbidrag-Proxy": SECRET,
                **headers,
            }
        client = self._client(headers)
        visitor = Visitor(client)
        if login is None and not headers:
            client.get("/", params={"nyckel": self.key})
        return visitor

    def program(self) -> httpx.Client:
        """A program, which shows the key each time."""
        return self._client({"Authorization": f"Bearer {self.key}", **JSON})

    def _client(self, headers: Mapping[str, str]) -> httpx.Client:
        client = httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=120)
        self.clients.append(client)
        return client


class Visitor:
    """Somebody at a desk, with a browser's cookies."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.client.get(path)

    @property
    def token(self) -> str:
        """What their forms carry."""
        found = re.search('name="biljett" value="([^"]+)"', self.get("/").text)
        assert found, self.get("/").text
        return found[1]

    def post(
        self,
        path: str,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        follow: bool = True,
        token: str | None = None,
        **fields: str,
    ) -> httpx.Response:
        """Send a form, and go where it leads."""
        sent = [("fil", (name, content, XLSX)) for name, content in files]
        return self.client.post(
            path,
            data={"biljett": self.token if token is None else token, **fields},
            files=sent or None,
            follow_redirects=follow,
        )

    def decide(self, grant_id: str, kind: str, **fields: str) -> httpx.Response:
        """Decide about a report, by the form of its page as it is now."""
        path = f"/bidrag/{grant_id}/slutrapport"
        found = re.search('name="sett" value="([^"]+)"', self.get(path).text)
        seen = unescape(found[1]) if found else ""
        return self.post(path, beslut=kind, **{"dag": "2024-01-20", "sett": seen, **fields})


def words(answer: httpx.Response) -> str:
    """What a page says, without its marks, with plain spaces."""
    main = re.search("<main.*</main>", answer.text, re.DOTALL)
    plain = unescape(re.sub("<[^>]+>", " ", main[0] if main else answer.text))
    return " ".join(plain.replace(NBSP, " ").split())


@contextmanager
def open_desk(
    returns: Path,
    out: Path,
    data: Path = ROOT / "data",
    *,
    workshop: Workshop | None = None,
    now: str = NOW,
) -> Iterator[OpenDesk]:
    """A desk on some folders, which answers as long as this lasts; with data/skrivbord.toml people
    log in."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = settings_of(data, port)
    complaints: list[str] = []
    own = workshop or Workshop()
    office = Office(
        folders=Folders(data, returns, out),
        settings=settings,
        mail=data / "post.toml",
        address=f"http://127.0.0.1:{port}",
        now=lambda: now,
        workshop=own,
        sessions=Sessions(1800),
        key=Key() if settings is None else None,
        clerk=Clerk(out, complaints.append),
        works=Works(complaints.append),
        complain=complaints.append,
    )
    try:
        with desk_app.showing(office, listener, complaints.append):
            desk = OpenDesk(office, port, complaints)
            yield desk
            for client in desk.clients:
                client.close()
    finally:
        office.close()
        if workshop is None:
            own.close()
    assert complaints == []


def settings_of(data: Path, port: int) -> DeskSettings | None:
    """The settings of a data folder, for a desk that answers on a port."""
    path = data / "skrivbord.toml"
    if path.exists():
        text = path.read_text("utf-8")
        path.write_text(text.replace("{address}", f"http://127.0.0.1:{port}"), "utf-8")
    boards = [board.board_id for board in planted.decided().boards]
    return desk_settings(data, boards)
