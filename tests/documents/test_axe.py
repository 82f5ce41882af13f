"""Every kind of page in a real browser, with axe-core looking at it: WCAG 2.2 AA, good practice,
wide and on a phone.

axe finds what a machine can find. That the pages are pleasant to read is for eyes:
`tests/support/browser.py` can open them.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from statsbidrag.money.results import GrantResult
from statsbidrag.year import overview_page
from tests.support import axe, browser, ledgers, quarters, report_fixture, reviews, standings
from tests.support.rows import every_row, with_rows

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed"),
]

DESKTOP, PHONE = 1200, 360
DAY = date(2024, 1, 20)
PAGES = (
    *("index.html", "index-tom.html"),
    *(
        "utkast/aterrapport.html",
        "utkast/underlag.html",
        "utkast/kontrakt.html",
        "utkast/sparning.html",
    ),
    *("utkast/boards/bromma.html", "utkast/boards/sodermalm.html"),
    *(
        "utkast/boards/enskede-arsta-vantor.html",
        "attesterad/aterrapport.html",
        "rattelse/aterrapport.html",
    ),
    *("attesterad/underlag.html", "rattelse/underlag.html"),
    *("kvartal/aterrapport.html", "kvartal/sparning.html", "kvartal/omfordelning.html"),
    *("kvartal/boards/spanga-tensta.html", "reskontra/reskontra.html"),
)


def few(result: GrantResult, *boards: str) -> GrantResult:
    """The same with a few boards only: every kind of row, and a trace that axe has read in
    seconds."""
    tables = {
        name: tuple(row for row in given if row.get("board_id") in {*boards, None})
        for name, given in every_row(result).items()
    }
    lines = [line for line in tables["line"] if line["row_no"] < 7 or not line["is_eligible"]]
    return with_rows(result, **{**tables, "line": tuple(lines)})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of page that the program makes."""
    folder = tmp_path_factory.mktemp("out")
    final = few(report_fixture.mfof_final(), "bromma", "sodermalm", "enskede-arsta-vantor")
    quarter = few(quarters.quarter("kommun", "100000.50"), "spanga-tensta", "rinkeby-kista")
    open_still = few(final, "sodermalm")
    reports = {
        "utkast": final,
        "attesterad": replace(open_still, review=reviews.REVIEWS["attested"]),
        "rattelse": replace(open_still, review=reviews.REVIEWS["correction"]),
        "kvartal": quarter,
    }
    for name, result in reports.items():
        (folder / name).mkdir()
        report_fixture.render(result, report_fixture.rulebook(result.grant), folder / name)
    ledgers.render(folder / "reskontra", *ledgers.LIFE)
    shown = [
        standings.standing(ledgers.book(), result, DAY, result.review)
        for result in (reports["attesterad"], quarter)
    ]
    broken = replace(report_fixture.rulebook(), broken=(standings.BROKEN,))
    overview_page.render(shown, broken, DAY, folder / "index.html")
    overview_page.render((), report_fixture.rulebook(), None, folder / "index-tom.html")
    return folder


@pytest.fixture(scope="module")
def tab() -> Iterator[browser.Tab]:
    with browser.opened() as opened:
        yield opened


def faults(tab: browser.Tab, page: Path, width: int) -> list[str]:
    """What is wrong with a page at a width, and what it asks for that isn't in it."""
    tab.open(page, width)
    found = axe.violations(tab)
    return found + [f"asks for {url}" for url in tab.requests if url != page.absolute().as_uri()]


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_and_the_page_fits_and_needs_nothing_else(
    tab: browser.Tab, out: Path, page: str, width: int
) -> None:
    assert faults(tab, out / page, width) == []


def test_every_kind_of_page_is_looked_at(out: Path) -> None:
    made = {path.relative_to(out).as_posix() for path in out.rglob("*.html")}
    assert set(PAGES) <= made
    assert {Path(page).name for page in made - set(PAGES) if "/boards/" not in page} <= {
        Path(p).name for p in PAGES
    }


PLANTED = """<!DOCTYPE html><html><head><title>x</title>
<meta name="viewport" content="width=device-width"/></head><body><main><h1>x</h1><p style="color: #bbb">pale</p>
<p style="width: 900px">wide</p><img src="http://statsbidrag.invalid/x.png"/></main></body></html>"""


def test_it_can_find_something(tab: browser.Tab, tmp_path: Path) -> None:
    (tmp_path / "planted.html").write_text(PLANTED, "utf-8")
    found = faults(tab, tmp_path / "planted.html", PHONE)
    assert [fault.partition(":")[0] for fault in found[:3]] == [
        "color-contrast",
        "html-has-lang",
        "image-alt",
    ]
    assert any(fault.startswith("too wide by") for fault in found)
    assert found[-1] == "asks for http://statsbidrag.invalid/x.png"
