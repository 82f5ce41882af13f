"""Work beside: a function called in a thread of its own, for libraries that let others go on
meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


def beside(function: Callable[..., Answer], *args: object) -> "Future[Answer]":
    """Call a function while whoever asks goes on; the future raises what it raised.

    It ends by itself also when nobody asks any more, so it must change nothing.
    """
    answer: Future[Answer] = Future()

    def call() -> None:
        try:
            answer.set_result(function(*args))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return answer
