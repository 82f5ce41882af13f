"""The desk as a whole: its folders, its settings, who is there, and what is under way."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ..base import places
from ..base.children import StoppedError
from ..base.errors import InputError
from ..base.folders import Folders
from ..case import casefile, state_of_grants, store
from ..case.audit_log import LOG, OF_THE_DESK, Log
from ..decisions import data_folder
from ..model.levels import PLAIN, Wording
from ..model.returns import Return
from ..model.rulebook import Rulebook
from ..money.results import GrantResult
from ..money.tables import Sender
from ..returns import inbox, intake
from ..returns.workshop import Workshop
from ..running import arrivals
from ..year.overview import Standing, by_risk
from .clerk import Clerk
from .desk_settings import SETTINGS, DeskSettings, desk_settings
from .rights import Person
from .sessions import Key, Sessions
from .uploads import Under
from .work import Works

Seen = tuple[list[Standing], Rulebook]


@dataclass
class Office:
    """The desk as a whole. Each part of it can be asked from several threads at once."""

    folders: Folders
    settings: DeskSettings | None
    """None at a desk for one person, on their own machine."""
    mail: Path
    """The file with the mail's settings, if there is one."""
    address: str
    """Where people reach it, such as http://127.0.0.1:4201."""
    now: Callable[[], str]
    """The moment that the log gets, in Swedish time."""
    workshop: Workshop
    """Children that are warm."""
    sessions: Sessions
    key: Key | None
    """What opens a desk for one; None where people log in."""
    clerk: Clerk
    works: Works
    complain: Callable[[str], None]
    """Says something to whoever runs the desk."""
    uploads: Under = field(default_factory=Under)
    _seen: tuple[object, Seen] | None = None
    _decided: tuple[object, Rulebook] | None = None
    _results: tuple[object, Rulebook, Sequence[GrantResult]] | None = None
    _log: tuple[object, Log] | None = None
    _new: tuple[object, list[str]] | None = None
    _looking: threading.Lock = field(default_factory=threading.Lock)
    _rights: object = None
    _complained_of: object = None
    _renewing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def has_login_page(self) -> bool:
        """Whether people log in by going to a page, rather than being named by a proxy."""
        return self.settings is not None and self.settings.declared.openid is not None

    def renew_rights(self) -> None:
        """Who may do what, read anew when its file has changed; whoever is in then comes in anew.

        While the file can't be read, what it said before holds. Where people log in and the address
        are read when the desk opens.
        """
        now = _stand(self.folders.data / SETTINGS)
        if self.settings is None or now == self._rights:
            return
        with self._renewing:
            try:
                boards = data_folder.boards(self.folders.data)
                fresh = desk_settings(self.folders.data, [board.board_id for board in boards])
                if fresh is None:
                    raise InputError(f"{SETTINGS} är borta.")
            except (InputError, OSError) as error:
                self._complain_once(now, error)
                return
            people = {"person": fresh.declared.person, "grupp": fresh.declared.grupp}
            declared = self.settings.declared.model_copy(update=people)
            if declared != self.settings.declared:
                self.settings = replace(self.settings, declared=declared)
                self.sessions.end_all()
            self._rights = now

    def _complain_once(self, stand: object, error: Exception) -> None:
        if self._complained_of != (stand, str(error)):
            self._complained_of = (stand, str(error))
            self.complain(f"{error} De rättigheter som gällde förut gäller tills det är rättat.")

    @property
    def today(self) -> date:
        """The day, in Sweden."""
        return self.day_of(self.now())

    @staticmethod
    def day_of(moment: str) -> date:
        """The day of a moment of the log, in Sweden."""
        return date.fromisoformat(moment[:10])

    def decided(self) -> Rulebook:
        """All that is decided, as of today."""
        return self.seen()[1]

    @property
    def wording(self) -> Wording:
        """In which words the pages are told; a city's until it is known what is decided."""
        return self._decided[1].organisation.wording if self._decided else PLAIN

    def occasion(self, person: Person) -> casefile.Occasion:
        """Where a case lies, and the moment and the login for what somebody does with it now."""
        return casefile.Occasion(
            self.folders.data, self.folders.returns, self.folders.out, self.now(), person.login
        )

    def seen(self) -> Seen:
        """Where every grant stands today, the most money at risk first, and what is decided.

        It is looked up anew when the log, the database or a file of the data folder has changed.
        """
        with self._looking:
            now = self._mark()
            if self._seen is None or self._seen[0] != now:
                self._seen = (now, self._look())
            return self._seen[1]

    def look_ahead(self) -> None:
        """Look up what the next page will ask for, when something has just been changed."""
        with suppress(Exception):  # the page that asks says what is wrong
            self.seen()

    def _look(self) -> Seen:
        """Where every grant stands. What is decided is read anew when a file of it is another, and
        the results when the database is: most that happens changes only the log."""
        now = [self.today, *self._files_of_data()]
        if self._decided is None or self._decided[0] != now:
            self._decided = (now, data_folder.load(self.folders.data, (), self.today))
        decided = self._decided[1]
        out = self.folders.out
        database = out / places.DATABASE
        with store.reading(out):
            stand = _stand(database)
            known: Sequence[GrantResult] = ()
            if self._results is not None and self._results[:2] == (stand, decided):
                known = self._results[2]
            standings = state_of_grants.standings(
                out, database, self.log(), decided, self.today, known
            )
        results = [standing.result for standing in standings if standing.result]
        self._results = (stand, decided, results)
        return by_risk(standings), decided

    def log(self) -> Log:
        """The log as it is now; read anew when its file has changed. Nobody adds to it here."""
        now = _stand(self.folders.out / LOG)
        kept = self._log
        if kept is None or kept[0] != now:
            kept = (now, Log.read(self.folders.out / LOG, kept[1] if kept else None))
            self._log = kept
        return kept[1]

    def new_files(self) -> list[str]:
        """The files in the folder of returns that no run has taken in, by the names that may be
        told. They are read anew when a file or the log has changed."""
        stand = [_stand(path) for path in inbox.listing(self.folders.returns)]
        now = (stand, _stand(self.folders.out / LOG))
        kept = self._new
        if kept is None or kept[0] != now:
            files = arrivals.not_taken_in(self.folders.returns, self.log())
            kept = (now, [name for name, sha256 in files.items() if sha256])
            self._new = kept
        return kept[1]

    def sent_last(self, grant_id: str, only: str | None = None) -> dict[str, Return]:
        """What each board sent last of those returns that a run has read, or one of them alone, by
        its id; not what isn't there any more."""
        standings, _ = self.seen()
        senders: dict[str, Sender] = {}
        for standing in standings:
            if standing.grant.grant_id == grant_id and standing.result is not None:
                for sender in standing.result.tables.sender:
                    senders.setdefault(sender.sender_id, sender)
        files = inbox.fingerprints(self.folders.returns)
        sent: dict[str, Return] = {}
        for board_id, sender in senders.items():
            path, sha256 = files.get(sender.file, (None, ""))
            if path is None or sha256 != sender.sha256 or only not in {None, board_id}:
                continue
            with suppress(StoppedError):
                sent[board_id] = intake.reading(self.workshop.readers, path, sender.file).result()
        return sent

    def _mark(self) -> object:
        """What is another as soon as anything that the standings are read from is: who comes and
        goes changes none of it."""
        events = reversed(self.log().events)
        last = next((event.number for event in events if event.kind not in OF_THE_DESK), 0)
        return [self.today, last, *self._files_of_data()]

    def _files_of_data(self) -> list[object]:
        return [_stand(path) for path in sorted(self.folders.data.rglob("*.toml"))]

    def close(self) -> None:
        """Write what is left in the log, and begin nothing more."""
        self.works.close()
        self.clerk.close()


def _stand(path: Path) -> object:
    """What is another as soon as a file is; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return str(path), status.st_mtime_ns, status.st_size, status.st_ino
