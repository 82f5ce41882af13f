"""The deadlines of all grants, their calendars, and the button that reminds of them."""

from datetime import date

from starlette.responses import Response

from ..base import places, swedish
from ..case.casefile import CALENDARS
from ..running import watch
from .asking import Ask


def deadlines_page(ask: Ask) -> Response:
    """Every open deadline, the first day first; those without a day last."""
    standings, _ = ask.office.seen()
    found = []
    for standing in standings:
        found += [(standing.grant, deadline) for deadline in standing.open_deadlines]
    found.sort(key=lambda one: (one[1].on or date.max, swedish.order(one[0].short_name)))
    out = ask.office.folders.out
    calendars = [(f"{places.ALL_GRANTS}.ics", "Alla bidrag")]
    calendars += [(f"{s.grant.grant_id}.ics", s.grant.short_name) for s in standings]
    view = {
        "deadlines": found,
        "calendars": [
            (f"/ut/{CALENDARS}/{name}", words)
            for name, words in calendars
            if (out / CALENDARS / name).exists()
        ],
    }
    return ask.page("frister.html.j2", "Fristerna", view)


def remind(ask: Ask) -> Response:
    """Write the calendars as of today, and lay the reminders whose day has come in the outbox."""
    by = ask.by()
    with ask.office.clerk.in_turn():
        watched = watch.look(ask.office.occasion(ask.person), ask.office.today, by)
    count = len(watched.letters)
    if not count:
        return ask.go("/frister", "Fristerna är genomgångna. Ingen ska påminnas i dag.")
    told = swedish.counted(count, "ny påminnelse ligger", "nya påminnelser ligger")
    return ask.go("/brev", f"Fristerna är genomgångna. {told} i utkorgen.")
