"""How letters are sent by SMTP: the settings and the password."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..base.addresses import address
from ..base.environment import MAIL_PASSWORD, secret
from ..base.errors import InputError
from .correspondence import on_one_line

# -- sending ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """How letters are sent by SMTP. The password is no part of it, only the file that it may stand
    in."""

    host: str
    port: int
    security: Literal["starttls", "tls", "ingen"]
    sender: str
    user: str | None
    domains: tuple[str, ...]
    """Where letters may be sent: a board's address is what somebody wrote in a file."""
    password_file: Path | None = None


_SHAPE: Mapping[str, tuple[type, str, Callable[[Any], bool]]] = {
    "format": (int, "är 1", lambda value: value == 1),
    "server": (
        str,
        "är e-postserverns namn",
        lambda value: bool(re.fullmatch("[A-Za-z0-9.:-]{1,253}", value)),
    ),
    "port": (int, "är ett tal från 1 till 65535", lambda value: 0 < value < 65536),
    "sakerhet": (
        str,
        'är "starttls", "tls" eller "ingen"',
        lambda value: value in {"starttls", "tls", "ingen"},
    ),
    "avsandare": (str, "är en e-postadress utan å, ä och ö", lambda value: address(value) == value),
    "mottagare": (
        list,
        'är domäner som brev får skickas till, till exempel ["kommun.se"]',
        lambda value: bool(value) and all(isinstance(d, str) and address(f"x@{d}") for d in value),
    ),
    "anvandare": (
        str,
        "är användarens namn utan å, ä och ö",
        lambda value: bool(value) and value.isascii(),
    ),
    "losenordsfil": (
        str,
        "är namnet på en fil med lösenordet",
        lambda value: bool(value) and "\0" not in value,
    ),
}
_OPTIONAL = {"anvandare", "losenordsfil"}
_IS_TEXT = "Kontrollera att den är en textfil i UTF-8."


def settings(path: Path) -> Settings | None:
    """The settings of a file like `data/post.toml.exempel`; None when there is none: the letters
    stay drafts.

    Raises InputError, which never quotes what stands in the file but its keys.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        line = re.search("line [0-9]+", str(error))
        where = line[0].replace("line", "rad") if line else "slutet"
        raise InputError(
            f"{path}, {where}: raden går inte att läsa. Skriv text inom raka citattecken."
        ) from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise InputError(f"{path}: filen går inte att läsa. {_IS_TEXT}") from None
        raise InputError(
            f"{path}: filen har för många parenteser i varandra eller ett för långt tal. Jämför "
            "med post.toml.exempel."
        ) from None
    except OSError:
        raise InputError(f"{path}: filen går inte att läsa. {_IS_TEXT}") from None
    for key in raw:
        if key not in _SHAPE:
            raise InputError(
                f"{path}: nyckeln {on_one_line(key)} finns inte. Lösenordet ska aldrig stå i "
                f"filen, utan i miljövariabeln {MAIL_PASSWORD} eller i en egen fil som nyckeln "
                "losenordsfil anger."
            )
    for key, (kind, words, is_right) in _SHAPE.items():
        value = raw.get(key)
        if value is None and key in _OPTIONAL:
            continue
        if not isinstance(value, kind) or isinstance(value, bool) or not is_right(value):
            raise InputError(
                f"{path}: nyckeln {key} {'saknas' if value is None else 'är fel'}. Den {words}."
            )
    if raw.get("anvandare") and raw["sakerhet"] == "ingen":
        raise InputError(
            f'{path}: lösenord skickas aldrig utan kryptering. Välj sakerhet = "starttls" eller '
            '"tls".'
        )
    domains = tuple(domain.casefold() for domain in raw["mottagare"])
    file = path.parent / raw["losenordsfil"] if raw.get("losenordsfil") else None
    settings = Settings(
        raw["server"],
        raw["port"],
        raw["sakerhet"],
        raw["avsandare"],
        raw.get("anvandare"),
        domains,
        file,
    )
    password(settings)
    return settings


def password(settings: Settings) -> str:
    """The password of the environment, else of the file that the settings name; an empty text
    without either.

    Raises InputError when the file isn't as it must be: others than its owner may do nothing with
    it.
    """
    return secret(
        MAIL_PASSWORD,
        settings.password_file,
        "Filen som losenordsfil anger i inställningarna för e-post",
        "lösenordet till e-postservern",
    )
