"""What data/skrivbord.toml says: how people log in to the desk, and who may do what."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ..base import swedish
from ..base.environment import OPENID_SECRET, PROXY_SECRET, secret
from ..base.errors import InputError
from ..decisions.data_files import parsed_as
from ..decisions.declaration import DeclaredFile, Ident, Words
from .rights import Person, Role, person

SETTINGS = "skrivbord.toml"
"""The name of the file in the data folder."""
_IDLE_MINUTES = 30


def _origin(text: str) -> str:
    parts = urlsplit(text)
    is_plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
        raise ValueError("ska vara en adress utan sökväg, till exempel https://bidrag.example.org")
    return f"{parts.scheme}://{parts.netloc.casefold()}"


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("ska vara en IP-adress, till exempel 127.0.0.1") from None


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", text):
        raise ValueError("ska vara namnet på en rubrik, till exempel X-Remote-User")
    return text.casefold()


def _issuer(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise ValueError("ska vara utgivarens adress, till exempel https://login.example.org/stad")
    return text.rstrip("/")


Origin = Annotated[str, AfterValidator(_origin)]
Address = Annotated[str, AfterValidator(_ip)]
Header = Annotated[str, AfterValidator(_header)]


class OpenIdFile(DeclaredFile):
    """Inloggning med OpenID Connect, till exempel Entra ID eller Keycloak."""

    utgivare: Annotated[str, AfterValidator(_issuer)] = Field(
        description="Adressen där inloggningstjänsten beskriver sig (issuer)"
    )
    klient: Words = Field(description="Skrivbordets id hos inloggningstjänsten (client_id)")
    hemlighetsfil: Words | None = Field(
        None, description="En fil med hemligheten, om den inte står i miljövariabeln"
    )
    login: Words = Field("sub", description="Uppgiften som skiljer personer åt")
    namn: Words = Field("name", description="Uppgiften med personens namn")
    grupper: Words = Field("groups", description="Uppgiften med personens grupper")


class ProxyFile(DeclaredFile):
    """Inloggning genom en proxy, som säger vem personen är."""

    adress: Address = Field(description="Proxyns adress; andras rubriker tas aldrig på allvar")
    hemlighetsfil: Words | None = Field(
        None, description="En fil med hemligheten, om den inte står i miljövariabeln"
    )
    login: Header = Field("x-remote-user", description="Rubriken med personens login")
    namn: Header = Field("x-remote-name", description="Rubriken med personens namn")
    grupper: Header = Field(
        "x-remote-groups", description="Rubriken med personens grupper, med komma emellan"
    )


class _MayFile(DeclaredFile):
    roller: Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1)]
    namnder: list[Ident] = Field([], description="Nämnderna som en ekonom redovisar för")

    @model_validator(mode="after")
    def _sends_for_somebody(self) -> "_MayFile":
        if (Role.EKONOM in self.roller) != bool(self.namnder):
            raise ValueError(
                "namnder anges för den som är ekonom, och bara då. Lägg till eller ta bort nyckeln"
            )
        return self


class PersonFile(_MayFile):
    """Någon som får använda Skrivbordet."""

    login: Words
    namn: Words | None = Field(None, description="Går före namnet från inloggningen")


class GroupFile(_MayFile):
    """En grupp vars medlemmar får använda Skrivbordet."""

    grupp: Words


class DeskFile(DeclaredFile):
    """Skrivbordet: hur man loggar in, och vem som får göra vad."""

    format: Literal[1]
    adress: Origin = Field(description="Adressen som människor skriver för att nå Skrivbordet")
    lyssna: Address = Field("127.0.0.1", description="Adressen på datorn där Skrivbordet svarar")
    tyst_minuter: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        _IDLE_MINUTES, description="Efter så lång tid utan att något görs loggas man ut"
    )
    virusskanner: Annotated[list[Words], Field(min_length=1)] | None = Field(
        None, description="Ett kommando som får varje fil på standard in; 0 betyder ren, 1 smittad"
    )
    openid: OpenIdFile | None = None
    proxy: ProxyFile | None = None
    person: list[PersonFile] = Field([])
    grupp: list[GroupFile] = Field([])

    @model_validator(mode="after")
    def _one_way_in(self) -> "DeskFile":
        if (self.openid is None) == (self.proxy is None):
            raise ValueError("ange hur man loggar in: antingen [openid] eller [proxy]")
        if not self.person and not self.grupp:
            raise ValueError("ange minst en [[person]] eller [[grupp]] som får komma in")
        logins = [folded(known.login) for known in self.person]
        if len(set(logins)) < len(logins):
            raise ValueError("två [[person]] har samma login. Behåll den ena")
        return self


@dataclass(frozen=True)
class DeskSettings:
    """How people log in to a desk, and who may do what."""

    declared: DeskFile
    client_secret: str
    """By which the login service knows the desk; empty with a proxy."""
    proxy_secret: str
    """By which the desk knows its proxy; empty without one."""

    @property
    def is_secure(self) -> bool:
        """Whether people reach it by TLS, so that its cookies go no other way."""
        return self.declared.adress.startswith("https:")

    def person(self, login: str, name: str, groups: Iterable[str]) -> Person | None:
        """Whoever has logged in, with the roles and boards of their own and of their groups; None
        for somebody who may not come in.

        Whoever has no name is called by their login.
        """
        roles: dict[Role, None] = {}
        boards: set[str] = set()
        shown = name.strip() or login.strip()
        login = folded(login)
        member = set(groups)
        ways: list[PersonFile | GroupFile] = []
        for known in self.declared.person:
            if folded(known.login) == login:
                shown = known.namn or shown
                ways.append(known)
        ways += [group for group in self.declared.grupp if group.grupp in member]
        for way in ways:
            roles |= dict.fromkeys(way.roller)
            boards |= set(way.namnder)
        if not roles:
            return None
        return person(shown, login, tuple(roles), frozenset(boards))


def folded(login: str) -> str:
    """A login as it is compared and kept: many services let people write theirs in capitals."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def desk_settings(data: Path, known_boards: Iterable[str]) -> DeskSettings | None:
    """The settings of a data folder; None when there are none: the desk is then for one person, on
    this machine.

    Raises InputError, which says what is wrong and never what a secret is.
    """
    path = data / SETTINGS
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise InputError(
            f"{path}: filen går inte att läsa. Kontrollera att du har rätt till den."
        ) from None
    declared = parsed_as(content, DeskFile, SETTINGS)
    _must_be_known(declared, set(known_boards))
    client_secret = proxy_secret = ""
    if declared.openid is not None:
        client_secret = _secret(OPENID_SECRET, data, declared.openid.hemlighetsfil, "[openid]")
    if declared.proxy is not None:
        proxy_secret = _secret(PROXY_SECRET, data, declared.proxy.hemlighetsfil, "[proxy]")
    return DeskSettings(declared, client_secret, proxy_secret)


def _must_be_known(declared: DeskFile, known_boards: set[str]) -> None:
    for way in (*declared.person, *declared.grupp):
        for board_id in way.namnder:
            if board_id not in known_boards:
                near = swedish.nearest(board_id, known_boards)
                raise InputError(
                    f"{SETTINGS}: det finns ingen nämnd {board_id} i boards.toml."
                    f"{f' Menas {near}?' if near else ''}"
                )


def _secret(variable: str, data: Path, file: str | None, table: str) -> str:
    text = secret(
        variable,
        data / file if file else None,
        f"Filen som hemlighetsfil anger under {table} i {SETTINGS}",
        "hemligheten",
    )
    if not text:
        raise InputError(
            f"{SETTINGS}: hemligheten för {table} saknas. Ange den i miljövariabeln {variable} "
            "eller i en egen fil som nyckeln hemlighetsfil anger."
        )
    return text
