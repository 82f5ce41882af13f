"""Who is at the desk now: sessions, which live in this process and end when nobody has asked for a
while, and the key of a desk for one."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .rights import Person

MOST_SESSIONS = 1000
"""How many there are at once; the one that has been idle longest makes room."""


@dataclass
class Session:
    """Somebody who has come in, until they leave or are idle for too long."""

    session_id: str
    person: Person
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What every form carries, so that no page from elsewhere can send one."""
    notice: str = ""
    """What the next page is to say has been done."""
    stated_name: str = ""
    """What whoever is alone at a desk of their own calls themselves."""
    asked_at: float = 0.0
    """When they last asked for something, by the clock that only goes forward."""

    def has_token(self, shown: str) -> bool:
        """Whether a form that has been sent is one of ours."""
        return hmac.compare_digest(shown.encode(), self.form_token.encode())


class Sessions:
    """The sessions there are; an id that nobody can guess leads to each."""

    def __init__(self, idle_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_seconds, self._clock = idle_seconds, clock
        self.cookie_secret = secrets.token_urlsafe(32)
        """With what cookies are signed, so that those of an earlier process are nobody's."""
        self._by_id: dict[str, Session] = {}
        self._lock = threading.Lock()

    def begin(self, person: Person) -> Session:
        """A new session, by an id that no request has had before."""
        session = Session(secrets.token_urlsafe(32), person, asked_at=self._clock())
        with self._lock:
            self._forget_idle()
            if len(self._by_id) >= MOST_SESSIONS:
                longest = min(self._by_id.values(), key=lambda one: one.asked_at)
                del self._by_id[longest.session_id]
            self._by_id[session.session_id] = session
        return session

    def of(self, session_id: object) -> Session | None:
        """The session of an id, which goes on by being asked for; None when there is none or it has
        ended."""
        with self._lock:
            self._forget_idle()
            session = self._by_id.get(session_id) if isinstance(session_id, str) else None
            if session is not None:
                session.asked_at = self._clock()
            return session

    def of_person(self, person: Person) -> Session | None:
        """A session that somebody has already, which goes on by being asked for."""
        with self._lock:
            self._forget_idle()
            for session in self._by_id.values():
                if session.person == person:
                    session.asked_at = self._clock()
                    return session
        return None

    def end(self, session: Session) -> None:
        """Somebody leaves."""
        with self._lock:
            self._by_id.pop(session.session_id, None)

    def end_all(self) -> None:
        """Everybody leaves."""
        with self._lock:
            self._by_id.clear()

    def _forget_idle(self) -> None:
        oldest = self._clock() - self._idle_seconds
        for session in [one for one in self._by_id.values() if one.asked_at < oldest]:
            del self._by_id[session.session_id]


class Key:
    """The key of a desk for one: new at each start, and good while this process lives."""

    def __init__(self) -> None:
        self.text = secrets.token_urlsafe(32)

    def is_shown(self, text: str) -> bool:
        """Whether a text is the key."""
        return hmac.compare_digest(text.encode(errors="replace"), self.text.encode())
