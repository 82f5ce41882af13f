"""The examples of data/grants/README.md."""

import re

from tests.support.planted import DATA

GRANTS = DATA / "grants"


def examples() -> list[str]:
    """The TOML in data/grants/README.md: a whole grant, and what may be added to it."""
    return re.findall(
        r"^```toml\n(.*?)^```$", (GRANTS / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
