"""The data of an agency, one level up: municipalities are its recipients, and it has divided the
city's two grants of 2023 among three of them. All but the city's amounts is made up."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.example import CRIME, EQUAL
from tests.support.planted import DATA

CITY = "Stockholms stad"
CITY_ID = "stockholms-stad"
ALLOCATED: Mapping[str, Mapping[str, int]] = {
    EQUAL: {CITY: 8_453_075, "Gnesta kommun": 310_000, "Uppsala kommun": 1_900_000},
    CRIME: {CITY: 15_221_733, "Uppsala kommun": 2_100_000},
}
"""What each municipality has got of each grant, in kronor."""
_ORGANISATION = """\
format = 1
namn = "Myndigheten för familjerätt och föräldraskapsstöd"
forvaltning = "Avdelningen för statsbidrag"
namnd = "Myndigheten"
direktor = "Generaldirektör"
webbplats = "mfof.se"
"""
_BOARDS = """\
format = 1

[[namnd]]
id = "stockholms-stad"
namn = "Stockholms stad"
stavningar = ["Stockholms kommun", "Stockholm"]
kalla = "Påhittat"

[[namnd]]
id = "gnesta-kommun"
namn = "Gnesta kommun"
kalla = "Påhittat"

[[namnd]]
id = "uppsala-kommun"
namn = "Uppsala kommun"
kalla = "Påhittat"
"""
_DECISION = """\
[[beslut]]
id = "myndigheten-2023-06-01"
datum = 2023-06-01
beslutat_av = "Generaldirektören"
antagande = "Påhittat."
summa = {total}

[beslut.fordelning]
{rows}
"""


def data(folder: Path) -> Path:
    """The agency's data folder."""
    made = folder / "myndigheten"
    (made / "grants").mkdir(parents=True)
    (made / "organisation.toml").write_text(_ORGANISATION, "utf-8")
    (made / "boards.toml").write_text(_BOARDS, "utf-8")
    shutil.copy(DATA / "referensranta.toml", made)
    shutil.copytree(DATA / "rapporter", made / "rapporter")
    for grant_id, amounts in ALLOCATED.items():
        text = (DATA / "grants" / f"{grant_id}.toml").read_text("utf-8")
        total = sum(amounts.values())
        terms = re.sub(r"(?m)^kronor = .+$", f"kronor = {total}", text.partition("[[beslut]]")[0])
        rows = "\n".join(f'"{name}" = {amount}' for name, amount in amounts.items())
        decision = _DECISION.format(total=total, rows=rows)
        (made / "grants" / f"{grant_id}.toml").write_text(terms + decision, "utf-8")
    return made
