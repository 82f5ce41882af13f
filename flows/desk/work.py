"""What takes more than a moment at the desk, one thing at a time: how far it has come, and what it
came to."""

import queue
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from ..base.errors import FigureError, InputError
from ..running.errand import Ran
from .desk_words import at_the_desk

_MOST_KEPT = 100
"""How many pieces of work are remembered."""


@dataclass
class Work:
    """A piece of work that somebody has asked for; hears how far it has come."""

    number: int
    title: str
    by: str
    grant_id: str | None
    stage_name: str = "Väntar på sin tur"
    done: int = 0
    of: int | None = None
    sentences: list[str] = field(default_factory=list)
    """What a person must know of it."""
    failure: str = ""
    """Why it came to nothing, as a sentence."""
    ran: Ran | None = None
    is_over: bool = False

    def say(self, sentence: str) -> None:
        """Something that a person must know."""
        self.sentences.append(at_the_desk(sentence))

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are."""
        self.stage_name, self.done, self.of = name, done, of

    def come_to(self, ran: Ran) -> None:
        """What it has come to stands in the out folder: nobody needs to wait any longer."""
        self.ran = ran
        self.is_over = True

    def go_wrong(self, sentence: str) -> None:
        """It came to nothing; or something went wrong when what it came to was there already."""
        if self.ran is None:
            self.failure = at_the_desk(sentence)
        else:
            self.say(f"Allt är uträknat och skrivet. {sentence}")


class Works:
    """The work that has been asked for since the desk opened."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self.afterwards: Callable[[], None] = lambda: None
        """What is done when a piece of work has changed something, before it is told to be over."""
        self._complain = complain
        self._all: dict[int, Work] = {}
        self._last = 0
        self._lock = threading.Lock()
        self._waiting: queue.Queue[tuple[Work, Callable[[Work], Ran | None]] | None] = queue.Queue()
        threading.Thread(target=self._go_on, daemon=True).start()

    def begin(
        self,
        title: str,
        by: str,
        grant_id: str | None,
        function: Callable[[Work], Ran | None],
    ) -> Work:
        """Have a function called when those before it are done; the work comes back at once."""
        with self._lock:
            self._last += 1
            work = Work(self._last, title, by, grant_id)
            self._all[work.number] = work
            for number in [*self._all][:-_MOST_KEPT]:
                if self._all[number].is_over:
                    del self._all[number]
        self._waiting.put((work, function))
        return work

    def of(self, number: int) -> Work | None:
        """A piece of work by its number; None when it is not known, or forgotten."""
        return self._all.get(number)

    @property
    def under_way(self) -> list[Work]:
        """What is being done now or waits."""
        with self._lock:
            return [work for work in self._all.values() if not work.is_over]

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting.put(None)

    def _go_on(self) -> None:
        while (next_one := self._waiting.get()) is not None:
            work, function = next_one
            try:
                ran = function(work)
                work.ran = work.ran or ran
            except (InputError, FigureError) as error:
                work.go_wrong(str(error))
            except Exception:
                self._complain(traceback.format_exc())
                work.go_wrong(
                    "Något gick fel i programmet. Säg till den som sköter det: vad som hände står "
                    "i utskriften från statsbidrag serve."
                )
            finally:
                self.afterwards()
                work.is_over = True
