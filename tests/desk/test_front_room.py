"""The first page: what is new, what waits, and what a board that has become part of another sees."""

import pytest

from statsbidrag.desk import clerk, front_room, rights, todo
from statsbidrag.desk.rights import Role
from statsbidrag.model.year import StepKind
from statsbidrag.returns import inbox
from tests.support import planted, standings
from tests.support.desks import OpenDesk, words


def ekonom(*boards: str) -> rights.Person:
    return rights.person("Fia Fors", "fia", (Role.EKONOM,), frozenset(boards))


def test_a_board_that_is_part_of_another_sees_what_it_sent_itself_and_no_more() -> None:
    standing = standings.standing(planted.decided(), standings.FINAL)
    (part,) = front_room.own_boards(ekonom("spanga-tensta"), standing)
    assert not part.is_whole
    assert part.name == "Spånga-Tensta"
    assert {sender.sender_id for sender in part.senders} == {"spanga-tensta"}
    assert {finding.file for finding in part.findings} <= {"spanga-tensta.xlsx"}
    (whole,) = front_room.own_boards(ekonom("jarva"), standing)
    assert whole.is_whole
    assert {sender.sender_id for sender in whole.senders} >= {"spanga-tensta"}
    assert front_room.own_boards(ekonom("finns-inte"), standing) == []


def test_every_step_leads_somewhere_but_the_last() -> None:
    kinds = {*StepKind} - {StepKind.REPORT, StepKind.NOTHING}
    assert set(todo._PLACES) == kinds
    for result in (standings.FINAL, standings.QUARTER):
        standing = standings.standing(planted.decided(), result)
        for task in todo.todo(standing, rights.alone("")):
            assert task.can_be_done
            assert task.path.startswith("/")
            assert "{" not in task.path
            assert "--" not in task.words


def test_a_file_that_cannot_be_read_closes_no_page(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("hemlig.xlsx", "ny.xlsx"):
        (desk.office.folders.returns / name).write_bytes(b"PK")
    read = inbox.digest

    def unreadable(source: inbox.Source) -> tuple[str, int]:
        if getattr(source, "name", "") == "hemlig.xlsx":
            raise PermissionError
        return read(source)

    monkeypatch.setattr(inbox, "digest", unreadable)
    answer = desk.visitor().get("/")
    assert answer.status_code == 200
    assert "1 ny fil har kommit in" in words(answer)
    assert desk.office.new_files() == ["ny.xlsx"]


def test_what_is_handed_in_during_a_run_is_in_the_log_once_and_a_decision_is_told_to_wait(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk, "_PATIENCE_SECONDS", 0.1)
    visitor = desk.visitor()
    token = visitor.token
    with desk.office.clerk.turn:  # as a run has it
        receipts = [
            visitor.post("/lamna-in", [("a.xlsx", planted.good())], token=token, namn="Kim Kör")
            for _ in range(2)
        ]
        told = visitor.post(f"/bidrag/{planted.EQUAL}/paket", token=token, namn="Kim Kör")
        assert [line.kind for line in desk.office.clerk.pending()] == ["received"]
    assert told.status_code == 400
    assert "En körning pågår" in words(told)
    assert all("Kvittens" in words(receipt) for receipt in receipts)
    assert desk.office.clerk.settled(10)
    kinds = [event.kind for event in desk.office.log().events]
    assert kinds.count("received") == 1
