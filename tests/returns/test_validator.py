"""Several who have their returns validated at once: each hears of their own, as if alone."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from statsbidrag.base.children import Children
from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import suites, validation
from statsbidrag.returns.validator import Validator
from tests.support.way import PLANS, Sent

QUARTER = PLANS[False]


@pytest.fixture
def each(planted_faults: Mapping[str, Sent]) -> list[list[Return]]:
    """What several have sent: every fault there is, and all of their files of one name."""
    sent = []
    for one in planted_faults.values():
        sent.append([replace(returned, file="redovisning.xlsx") for returned in one.returns[:1]])
    return sent


def test_together_each_hears_what_is_said_alone(
    decisions: Rulebook, each: list[list[Return]]
) -> None:
    some = each[:60:6]
    twice = [*some, *some]
    alone = [validation.validate(returns, decisions, QUARTER) for returns in some]
    assert validation.validate_together(twice, decisions, QUARTER) == [*alone, *alone]
    assert len({repr(findings) for findings in alone}) > 5


def test_a_check_that_crashes_is_told_of_nobody_when_they_are_together(
    decisions: Rulebook, each: list[list[Return]], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = {
        "type": "expect_column_values_to_be_null",
        "kwargs": {"column": "finns_inte"},
        "meta": {"rule": "omrade-okant"},
    }
    monkeypatch.setattr(suites, "suite", lambda _: [missing])
    assert validation.validate_together(each[:2], decisions, QUARTER) is None


class Child(Children):
    """A child that does what it is told here, when it may, and remembers of whom it was asked."""

    def __init__(self) -> None:
        self.may_begin = threading.Event()
        self.has_begun = threading.Event()
        self.asked: list[int] = []
        self.fault: Callable[[Any], bool] = lambda _: False

    def submit(self, function: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Answer with the names of the files, grouped as they were asked for."""
        self.has_begun.set()
        self.may_begin.wait(10)
        answer: Future[Any] = Future()
        together = function is validation.validate_together
        each: Sequence[Sequence[Return]] = args[0] if together else [args[0]]
        self.asked.append(len(each))
        if any(self.fault(returns) for returns in each):
            answer.set_exception(ValueError(each[0][0].file))
        else:
            said: list[list[Any]] = [[returned.file for returned in returns] for returns in each]
            placed = [validation.Placed((0, 0), file) for file in said[0]]
            answer.set_result(said if together else placed)
        return answer


@pytest.fixture
def child() -> Child:
    return Child()


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(12) as people:
        yield people


def returns(number: int) -> list[Return]:
    return [Return(f"{number}.xlsx", "", 0, "other")]


def ask_at_once(
    child: Child, people: ThreadPoolExecutor, decisions: Rulebook, final: int | None = None
) -> "list[Future[list[Finding]]]":
    """Have one asked for, and ten more while that one is."""
    validator = Validator(child)
    asked = []
    for number in range(11):
        plan = PLANS[number == final]
        asked.append(people.submit(validator.validate, returns(number), decisions, plan))
        assert child.has_begun.wait(10)
    while len(validator._waiting) < 10:
        pass
    child.may_begin.set()
    return asked


def test_those_who_wait_are_taken_together(
    child: Child, people: ThreadPoolExecutor, decisions: Rulebook
) -> None:
    asked = ask_at_once(child, people, decisions)
    assert [one.result(10) for one in asked] == [[f"{number}.xlsx"] for number in range(11)]
    assert child.asked == [1, 10]


def test_many_returns_are_validated_in_parts(
    child: Child, decisions: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "_MOST_ROWS", 0)
    monkeypatch.setattr(Return, "row_count", 1)
    child.may_begin.set()
    sent = [*returns(1), *returns(2), *returns(3)]
    found = Validator(child).validate(sent, decisions, QUARTER)
    assert found == ["1.xlsx", "2.xlsx", "3.xlsx"]
    assert child.asked == [1, 1, 1]


def test_only_those_are_together_who_ask_the_same(
    child: Child, people: ThreadPoolExecutor, decisions: Rulebook
) -> None:
    asked = ask_at_once(child, people, decisions, final=4)
    assert [one.result(10) for one in asked] == [[f"{number}.xlsx"] for number in range(11)]
    assert sorted(child.asked) == [1, 1, 9]


def test_a_fault_in_one_harms_no_other(
    child: Child, people: ThreadPoolExecutor, decisions: Rulebook
) -> None:
    child.fault = lambda sent: sent[0].file == "7.xlsx"
    asked = ask_at_once(child, people, decisions)
    for number, one in enumerate(asked):
        if number == 7:
            with pytest.raises(ValueError, match=r"7\.xlsx"):
                one.result(10)
        else:
            assert one.result(10) == [f"{number}.xlsx"]
    assert child.asked == [1, 10, *[1] * 10]
