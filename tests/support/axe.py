"""What axe-core finds wrong with the page that a browser shows: WCAG 2.2 AA and good practice."""

from importlib.metadata import distribution
from pathlib import Path

from tests.support.browser import Tab

AXE = Path(
    str(distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js"))
)
TAGS = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]'
RUN = (
    f"axe.run(document, {{runOnly: {TAGS}, resultTypes: ['violations'], preload: false}})"
    """.then(
    found => found.violations.map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html).join(" ")}`))"""
)


def violations(tab: Tab) -> list[str]:
    """What is wrong with the page, with all that can be unfolded unfolded, and whether it is wider
    than the window."""
    tab.run("for (const folded of document.querySelectorAll('details')) folded.open = true")
    tab.run(AXE.read_text("utf-8") + "; null")
    found: list[str] = tab.run(RUN)
    too_wide = tab.run(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if too_wide > 0:
        found.append(f"too wide by {too_wide} px")
    return found
