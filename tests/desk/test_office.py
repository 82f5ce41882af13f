"""What the desk as a whole remembers, and when it looks anew."""

import threading
import time

import pytest

from statsbidrag.case import state_of_grants
from statsbidrag.decisions import data_folder
from statsbidrag.desk.clerk import Line
from statsbidrag.desk.work import Work
from statsbidrag.running.errand import Ran
from tests.support.desks import NOW, OpenDesk


def test_the_log_alone_reads_no_decision_and_a_file_of_decisions_does(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    load, standings = data_folder.load, state_of_grants.standings

    def loading(*asked: object, **how: object) -> object:
        looked.append("decisions")
        return load(*asked, **how)  # type: ignore[arg-type]

    def standing(*asked: object) -> object:
        looked.append("standings")
        return standings(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(data_folder, "load", loading)
    monkeypatch.setattr(state_of_grants, "standings", standing)
    office = desk.office
    office.clerk.note(Line("entered", NOW, "Ola Berg", "ola.berg"))  # which begins the log
    assert office.clerk.settled()
    office.seen()
    office.seen()
    assert looked == ["decisions", "standings"]
    # Somebody comes in: nothing that a standing is read from has changed.
    office.clerk.note(Line("entered", NOW, "Maria Ek", "maria.ek"))
    assert office.clerk.settled()
    office.seen()
    assert looked == ["decisions", "standings"]
    # Something is reconciled, say: the log is another, and so may the standings be.
    office.clerk.note(Line("watched", NOW, "Maria Ek", None, None, {"as_of": NOW[:10]}))
    assert office.clerk.settled()
    office.seen()
    assert looked == ["decisions", "standings", "standings"]


def test_who_waits_for_a_run_waits_for_what_is_published_and_no_longer(desk: OpenDesk) -> None:
    is_read = threading.Event()
    ran = Ran(desk.office.decided(), desk.office.folders.out, (), ())

    def carry_out(work: Work) -> Ran:
        work.come_to(ran)
        assert is_read.wait(10)
        raise RuntimeError("Prefect does not answer")

    complaints: list[str] = []
    desk.office.works._complain = complaints.append
    work = desk.office.works.begin("Prov", "Maria Ek", None, carry_out)
    for _ in range(1000):
        if work.is_over:
            break
        time.sleep(0.01)
    assert (work.ran, work.failure) == (ran, "")
    is_read.set()
    later = desk.office.works.begin("Prov", "Maria Ek", None, lambda _: None)
    while not later.is_over:
        time.sleep(0.01)
    assert work.ran == ran, "what is published is told, whatever comes after"
    assert work.failure == ""
    assert work.sentences[0].startswith("Allt är uträknat och skrivet. Något gick fel")
    assert "Prefect does not answer" in complaints[0]


def test_work_that_is_over_has_looked_up_what_its_next_page_asks_for(desk: OpenDesk) -> None:
    order: list[str] = []
    office = desk.office
    office.works.afterwards = lambda: order.append("looked")
    work = office.works.begin("Prov", "Maria Ek", None, lambda _: order.append("done"))
    while not work.is_over:
        pass
    assert order == ["done", "looked"]
