"""What is done beside something else."""

import threading

import pytest

from statsbidrag.base.beside import beside


def test_whoever_asks_goes_on_meanwhile() -> None:
    may_end = threading.Event()

    def answer(number: int) -> int:
        assert may_end.wait(10)
        return number + 1

    asked = beside(answer, 1)
    assert not asked.done()
    may_end.set()
    assert asked.result(10) == 2


def test_what_goes_wrong_is_told_to_whoever_asks() -> None:
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 // 0).result(10)
