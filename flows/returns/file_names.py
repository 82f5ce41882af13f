"""The names of files and sheets as they may be shown, and whose files are nobody's."""

import re
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from ..base import swedish
from ..model.returns import HIDDEN_TEXT

_NOT_FILES = {
    stat.S_IFLNK: "en länk",
    stat.S_IFIFO: "ett rör mellan program (FIFO)",
    stat.S_IFSOCK: "en förbindelse mellan program (socket)",
    stat.S_IFDIR: "en mapp",
}


def called(mode: int) -> str:
    """What something in a folder that is no file is, by its `st_mode`."""
    return _NOT_FILES.get(stat.S_IFMT(mode), "en enhet i datorn")


def is_nobodys(name: str) -> bool:
    """Whether a file is one that programs leave behind: Excel's and LibreOffice's locks, and lists
    of pictures."""
    return name.startswith(("~$", ".")) or name.casefold() in {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
    }


EXTRACTS = "huvudbok"
"""The folder of a grant in the folder of returns that holds extracts of the accounts."""


def is_extract(name: str) -> bool:
    """Whether a file is no return but an extract of the accounts, by its name under the folder of
    returns: it lies in GRANT/huvudbok/."""
    return name.split("/")[1:-1][:1] == [EXTRACTS]


def plain(name: str) -> str:
    r"""A file's or a sheet's name that can't steer whatever shows it: what is not seen is written
    out, as "\u202e"."""
    return "".join(
        c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else _out(c)
        for c in name
    )


def _out(char: str) -> str:
    if (
        "\udc80" <= char <= "\udcff"
    ):  # a byte that is no UTF-8, as the operating system hands it over
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def tellable(name: str) -> str:
    """A file's name as it may be told: nothing of one that holds a personal number, but what kind
    of file it is."""
    parts = []
    for part in name.split("/"):
        is_personal = swedish.mask_personal_numbers(part)[1]
        suffix = re.search(r"\.[A-Za-z]{2,4}$|$", part)
        assert suffix is not None
        parts.append(f"{HIDDEN_TEXT}{suffix[0]}" if is_personal else plain(part))
    return "/".join(parts)


def sheets(titles: Iterable[str], named: Iterable[str]) -> list[str]:
    """The names of a workbook's sheets, in their order, as they may be told; `named`: those that
    held a number."""
    return apart(
        f"flik {number} {HIDDEN_TEXT}" if title.startswith(tuple(named)) else plain(title)
        for number, title in enumerate(titles, start=1)
    )


def apart(names: Iterable[str]) -> list[str]:
    """The names in their order, with a number on each that is there already: masked, two files may
    look alike."""
    found: dict[str, None] = {}
    for name in names:
        own, number = name, 1
        while own in found:
            number += 1
            own = str(PurePosixPath(name).with_stem(f"{PurePosixPath(name).stem} ({number})"))
        found[own] = None
    return list(found)
