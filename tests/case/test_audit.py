"""The audit log: every line is bound to the one before, and a report's state is read from it and
nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.case import audit_log
from statsbidrag.case.audit_log import Log
from statsbidrag.model import fingerprints, log_lines
from statsbidrag.model.case import Entry, Move, ReportState
from statsbidrag.model.log_lines import NOTHING, BrokenLogError

AT = "2024-01-25T09:00:00+01:00"
GRANT = "bidrag"


def ran(
    log: Log,
    figures: dict[str, Any],
    *,
    by: str = "Kim Kör",
    inputs: str = "i1",
    is_final: bool = True,
) -> None:
    log.add(
        "reconciled",
        AT,
        by=by,
        grant=GRANT,
        is_final=is_final,
        period_end="2023-12-31",
        as_of="2024-01-20",
        figures_sha256=fingerprints.figures_sha256(figures),
        inputs_sha256=inputs,
        figures=figures,
    )


def stepped(log: Log, kind: str, by: str, figures: dict[str, Any], why: str | None = None) -> None:
    log.add(kind, AT, by=by, grant=GRANT, on="2024-01-25", why=why, figures=figures)


ONE = {"jarva//eligible_sek": "10.00", "//to_repay_sek": "5.00"}
TWO = {"jarva//eligible_sek": "9.00", "//to_repay_sek": "6.00"}


@pytest.fixture
def log() -> Log:
    """A report that has been run, reviewed and attested."""
    log = Log()
    ran(log, ONE)
    stepped(log, "reviewed", "Gro Gransk", ONE)
    stepped(log, "attested", "Alf Attest", ONE, "Allt är klart")
    return log


def written(log: Log, path: Path) -> Path:
    path.write_text(log.text, "utf-8")
    return path


def test_what_is_written_is_what_is_read(log: Log, tmp_path: Path) -> None:
    read = Log.read(written(log, tmp_path / "logg.jsonl"))
    assert read.events == log.events
    assert read.sha256 == log.events[-1].sha256
    assert [e.number for e in read.events] == [1, 2, 3]
    read.add("written", AT, place="p", files={})
    assert Log.read(written(read, tmp_path / "logg.jsonl")).events == read.events


def test_there_is_an_empty_log_before_the_first_run(tmp_path: Path) -> None:
    assert Log.read(tmp_path / "finns-inte").sha256 == NOTHING


def test_a_name_with_odd_characters_stays_on_its_line(tmp_path: Path) -> None:
    log = Log()
    for name in (
        "rad\u2028bryt.xlsx",
        "rad\nbryt\x85.xlsx",
        "byte\udcff.xlsx",
        'snedstreck\\".xlsx',
        "{file}",
    ):
        log.add("taken_in", AT, file=name, sha256="x")
    assert len(log.text.split("\n")) == 6
    assert Log.read(written(log, tmp_path / "logg.jsonl")).events == log.events


def swapped(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], lines[2]]


def hashed_anew(lines: list[str]) -> list[str]:
    """A careful forger changes who attested and puts the right hash on that line; the next line
    gives it away."""
    body = json.loads(lines[1])
    del body["sha256"]
    body["by"] = "Någon Annan"
    return [
        lines[0],
        fingerprints.canonical(body | {"sha256": fingerprints.hash_of(body)}),
        lines[2],
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda ls: [ls[0].replace("Kim", "Tim"), *ls[1:]], 1),
        (lambda ls: [*ls[:2], ls[2].replace('"5.00"', '"4.00"')], 3),
        (lambda ls: ls[1:], 1),
        (lambda ls: [ls[0], ls[2]], 2),
        (lambda ls: [ls[0], ls[0], *ls[1:]], 2),
        (swapped, 1),
        (hashed_anew, 3),
        (lambda ls: [ls[0] + " ", *ls[1:]], 1),
        (lambda ls: [ls[0], "inte json", ls[2]], 2),
        (lambda ls: [ls[0], "[]", ls[2]], 2),
        (lambda ls: [ls[0], "", *ls[1:]], 2),
    ],
)
def test_a_tampered_line_is_named(change: Any, line: int, log: Log, tmp_path: Path) -> None:
    path = tmp_path / "logg.jsonl"
    path.write_text("\n".join(change(log.text.rstrip("\n").split("\n"))) + "\n", "utf-8")
    with pytest.raises(
        BrokenLogError, match=f"logg.jsonl, rad {line}: raden är inte som när den skrevs"
    ):
        Log.read(path)
    known = tmp_path / "known.jsonl"
    known.write_text(log.text[: log.text.index("\n") + 1], "utf-8")
    with pytest.raises(BrokenLogError, match=f"logg.jsonl, rad {line}: "):
        Log.read(path, Log.read(known))


def test_of_a_log_that_is_known_only_what_came_after_is_read(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "logg.jsonl"
    lines = log.text.splitlines(keepends=True)
    path.write_text("".join(lines[:2]), "utf-8")
    known = Log.read(path)
    path.write_text(log.text, "utf-8")
    whole, checked = Log.read(path), []
    one = log_lines._checked
    monkeypatch.setattr(log_lines, "_checked", lambda *of: checked.append(of[2]) or one(*of))
    on = Log.read(path, known)
    assert checked == [*range(3, len(lines) + 1)]
    assert (on.text, on.events, on.sha256) == (whole.text, whole.events, whole.sha256)
    assert len(known.events) == 2


def test_any_single_byte_changed_is_found(log: Log, tmp_path: Path) -> None:
    path, content = tmp_path / "logg.jsonl", log.text.encode()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BrokenLogError):
            Log.read(path)


def test_a_torn_last_line_is_found(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "logg.jsonl"
    path.write_text(log.text[:-1])
    with pytest.raises(BrokenLogError, match="avbruten"):
        Log.read(path)


def state(log: Log) -> ReportState:
    review = log.review(GRANT)
    assert review
    return review.state


def test_the_states_follow_one_another(log: Log) -> None:
    review = log.review(GRANT)
    assert review
    assert (review.state, review.version, review.run_by) == (ReportState.ATTESTED, 1, "Kim Kör")
    assert [(act.state, act.by, act.why) for act in review.acts] == [
        (ReportState.REVIEWED, "Gro Gransk", None),
        (ReportState.ATTESTED, "Alf Attest", "Allt är klart"),
    ]
    assert review.log_sha256 == log.events[-1].sha256
    stepped(log, "filed", "Ina In", ONE)
    assert state(log) is ReportState.FILED
    log.add("repaid", AT, by="Bo", grant=GRANT, on="2024-03-01")
    assert state(log) is ReportState.REPAID
    log.add("reopened", AT, by="Bo", grant=GRANT, on="2024-04-01")
    assert state(log) is ReportState.FILED


def test_there_is_no_state_before_a_final_run() -> None:
    log = Log()
    ran(log, ONE, is_final=False)
    assert log.review(GRANT) is None
    assert log.review("ett annat") is None


def test_a_run_with_the_same_figures_and_inputs_keeps_the_state(log: Log) -> None:
    before = log.review(GRANT)
    ran(log, ONE, by="Någon Annan")
    ran(log, TWO, is_final=False)
    assert (after := log.review(GRANT)) == before
    assert after is not None
    assert {runner.name for runner in after.runners} == {"Kim Kör", "Någon Annan"}


@pytest.mark.parametrize(("figures", "inputs"), [(TWO, "i1"), (ONE, "i2")])
def test_a_changed_figure_or_input_makes_it_a_draft_again(
    figures: dict[str, Any], inputs: str, log: Log
) -> None:
    ran(log, figures, inputs=inputs)
    review = log.review(GRANT)
    assert review
    assert (review.state, review.version, review.acts, review.log_sha256) == (
        ReportState.DRAFT,
        1,
        (),
        None,
    )
    if figures is TWO:
        assert review.moved == (
            Move("to_repay_sek", None, None, "5.00", "6.00"),
            Move("eligible_sek", "jarva", None, "10.00", "9.00"),
        )
    else:
        assert review.moved == ()
    ran(log, ONE)
    assert state(log) is ReportState.DRAFT, "what was attested does not come back by itself"


def test_a_change_after_filing_starts_a_correction_against_what_was_filed(log: Log) -> None:
    stepped(log, "filed", "Ina In", ONE)
    ran(log, TWO)
    stepped(log, "reviewed", "Gro Gransk", TWO)
    three = TWO | {"//to_repay_sek": "7.00"}
    ran(log, three)
    review = log.review(GRANT)
    assert review
    assert (review.state, review.version) == (ReportState.DRAFT, 2)
    assert Move("to_repay_sek", None, None, "5.00", "7.00") in review.moved
    ran(log, three)
    assert log.review(GRANT).version == 2  # type: ignore[union-attr]


def test_a_report_that_is_returned_is_a_draft_with_the_same_figures(log: Log) -> None:
    stepped(log, "returned", "Alf Attest", ONE, "Fel bilaga")
    review = log.review(GRANT)
    assert review
    assert (review.state, review.acts, review.log_sha256) == (ReportState.DRAFT, (), None)


def test_the_entries_of_the_ledger_come_back_as_they_were_entered() -> None:
    log = Log()
    log.add(
        "claimed",
        AT,
        by="Bo",
        grant=GRANT,
        entry="claim",
        board_id=None,
        amount="5 kr",
        amount_sek="5.00",
        on="2024-03-01",
        reference="MFoF 1",
        ground="not_used",
        due_on="2024-04-01",
        why=None,
    )
    (entry,) = log.entries(GRANT)
    assert isinstance(entry, Entry)
    assert (str(entry.amount_sek), entry.on.isoformat(), str(entry.due_on)) == (
        "5.00",
        "2024-03-01",
        "2024-04-01",
    )
    assert log.entries("ett annat") == []


def test_the_hash_of_figures_does_not_hang_on_the_day_of_the_run() -> None:
    one, other = {"as_of": "2024-01-20", "a": "1.00"}, {"as_of": "2024-01-21", "a": "1.00"}
    assert (
        fingerprints.figures_sha256(one)
        == fingerprints.figures_sha256(other)
        != fingerprints.figures_sha256({"a": "1.01"})
    )


def test_the_hash_of_inputs_does_not_hang_on_their_order() -> None:
    assert fingerprints.inputs_sha256([("a", "1"), ("b", "2")]) == fingerprints.inputs_sha256(
        [("b", "2"), ("a", "1")]
    )
    assert fingerprints.inputs_sha256([("a", "1")]) != fingerprints.inputs_sha256([("a", "2")])


def run_again(log: Log, figures: dict[str, Any], **how: Any) -> str:
    """The lines that one more run adds."""
    before = len(log.text)
    ran(log, figures, **how)
    tables = {f"main.table_{number}": "a" * 64 for number in range(50)} | {
        "main.run": f"{len(log.events):064}"
    }
    log.add(
        "run",
        AT,
        what="Kvartalsavstämning",
        as_of="2024-01-20",
        grants=[GRANT],
        database=tables,
        rules=RULES,
    )
    return log.text[before:]


MANY = {f"namnd_{number}//eligible_sek": f"{number}.00" for number in range(200)}
RULES = {room: room * 20 for room in ("flows", "sql")}


def test_a_run_with_nothing_new_says_no_figure_again(tmp_path: Path) -> None:
    log = Log()
    first, second = run_again(log, MANY), run_again(log, MANY)
    assert len(first) > 10_000
    assert len(second) < 1_500
    assert "namnd_" not in second
    assert '"as_in":{"figures":1}' in second
    read = Log.read(written(log, tmp_path / "logg.jsonl"))
    assert read.events == log.events
    assert [e.details["figures"] for e in read.events if e.kind == "reconciled"] == [MANY, MANY]
    assert (
        read.events[-1].details["database"]["main.run"]
        != read.events[1].details["database"]["main.run"]
    )
    assert len(read.events[-1].details["database"]) == 51
    assert all("as_in" not in e.details for e in read.events)


def test_figures_that_come_back_are_those_that_were_said_first(tmp_path: Path) -> None:
    log = Log()
    texts = [run_again(log, figures) for figures in (MANY, ONE, MANY, ONE)]
    assert ["figures" in json.loads(text.split("\n")[0])["details"] for text in texts] == [
        True,
        True,
        False,
        False,
    ]
    read = Log.read(written(log, tmp_path / "logg.jsonl"))
    assert [e.details["figures"] for e in read.events if e.kind == "reconciled"] == [
        MANY,
        ONE,
        MANY,
        ONE,
    ]


def test_a_table_that_is_gone_is_gone() -> None:
    log = Log()
    log.add("run", AT, what="x", as_of="x", grants=[], database={"main.a": "1", "main.b": "2"})
    event = log.add("run", AT, what="x", as_of="x", grants=[], database={"main.a": "1"})
    assert event.details["database"] == {"main.a": "1"}


def test_a_log_of_an_older_program_goes_on_and_is_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its lines says everything; those that come after refer to them."""
    old = Log()
    with monkeypatch.context() as older:
        older.setattr(audit_log, "_SAID_ONCE", {})
        older.setattr(audit_log, "_SAID_IN_PART", {})
        assert len(run_again(old, MANY)) == len(run_again(old, MANY)) > 10_000
    log = Log.read(written(old, tmp_path / "logg.jsonl"))
    assert log.events == old.events
    assert '"as_in":{"figures":1}' in run_again(log, MANY)
    assert log.text.startswith(old.text)
    read = Log.read(written(log, tmp_path / "logg.jsonl"))
    assert read.events == log.events
    assert read.review(GRANT) == log.review(GRANT)


def test_states_and_what_moved_are_those_of_a_log_that_says_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def played() -> Log:
        log = Log()
        for figures in (ONE, ONE, TWO, ONE):
            run_again(log, figures)
            stepped(log, "reviewed", "Gro Gransk", figures)
            stepped(log, "attested", "Alf Attest", figures)
            stepped(log, "filed", "Fia Fil", figures)
            run_again(log, figures, by="Kaj Kör")
        return log

    short = played()
    monkeypatch.setattr(audit_log, "_SAID_ONCE", {})
    monkeypatch.setattr(audit_log, "_SAID_IN_PART", {})
    whole = played()
    assert len(short.text) < len(whole.text)
    for number in range(1, len(whole.events) + 1):
        one, other = short.review(GRANT, until=number), whole.review(GRANT, until=number)
        assert one is not None
        assert other is not None
        assert replace(one, log_sha256=None) == replace(other, log_sha256=None)
        assert one.moved == other.moved


@pytest.mark.parametrize(
    "as_in",
    [{"figures": 9}, {"figures": 0}, {"figures": -1}, {"figures": 2}, {"figures": "1"}, {"figures": None}, ["figures"],
     "figures", {"nothing": 1}],
)  # fmt: skip
def test_a_line_that_refers_to_what_is_not_there_is_named(as_in: object, tmp_path: Path) -> None:
    log = Log()
    ran(log, ONE)
    log.add("written", AT, place="p", files={})
    ran(log, ONE)
    lines = log.text.rstrip("\n").split("\n")
    body = json.loads(lines[2])
    del body["sha256"]
    body["details"]["as_in"] = as_in
    forged = fingerprints.canonical(body | {"sha256": fingerprints.hash_of(body)})
    path = tmp_path / "logg.jsonl"
    path.write_text("\n".join([*lines[:2], forged]) + "\n", "utf-8")
    with pytest.raises(BrokenLogError, match="rad 3: raden är inte som när den skrevs"):
        Log.read(path)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000])
def test_a_line_that_nobody_could_have_written_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "logg.jsonl"
    path.write_text(f"{line}\n", "utf-8")
    with pytest.raises(BrokenLogError, match="rad 1: raden är inte som när den skrevs"):
        Log.read(path)
