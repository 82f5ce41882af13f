"""How the desk is opened for as long as `serve` runs, and by what address people come in."""

import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..base.folders import Folders
from ..base.listening import listen
from ..decisions import data_folder
from ..returns.workshop import Workshop
from ..running import door, pipeline
from . import desk_app
from .clerk import Clerk
from .desk_settings import DeskSettings, desk_settings
from .entrance import KEY
from .office import Office
from .sessions import Key, Sessions
from .work import Works

_IDLE_SECONDS_ALONE = 12 * 3600
"""After how long a session ends at a desk for one."""


@dataclass(frozen=True)
class Place:
    """Where a desk is to answer: its settings, and the socket that is its own from the start."""

    settings: DeskSettings | None
    listener: socket.socket

    @property
    def address(self) -> str:
        """Where people reach it."""
        if self.settings is not None:
            return self.settings.declared.adress
        return f"http://{door.HOST}:{self.listener.getsockname()[1]}"


def place(folders: Folders, port: int, now: Callable[[], str]) -> Place:
    """Take the port. Raises OSError when it is taken, and InputError for settings that are
    wrong."""
    decided = data_folder.load(folders.data, (), Office.day_of(now()))
    settings = desk_settings(folders.data, [board.board_id for board in decided.boards])
    host = door.HOST if settings is None else settings.declared.lyssna
    return Place(settings, listen(host, port))


@contextmanager
def opened(
    where: Place,
    folders: Folders,
    mail: Path,
    now: Callable[[], str],
    complain: Callable[[str], None],
) -> Iterator[str]:
    """While it lasts people can come in at the address that comes back.

    The children that read and validate, and what the flows load, are warm from the start, so that
    nobody waits for them.
    """
    settings = where.settings
    idle = _IDLE_SECONDS_ALONE if settings is None else settings.declared.tyst_minuter * 60
    with Workshop(keeps=True) as workshop:
        workshop.warm()
        pipeline.warm(workshop)
        office = Office(
            folders=folders,
            settings=settings,
            mail=mail,
            address=where.address,
            now=now,
            workshop=workshop,
            sessions=Sessions(idle),
            key=Key() if settings is None else None,
            clerk=Clerk(folders.out, complain),
            works=Works(complain),
            complain=complain,
        )
        office.works.afterwards = office.look_ahead
        gc.freeze()  # what is loaded now stays: the collector needn't go through it again and again
        try:
            with desk_app.showing(office, where.listener, complain):
                if office.key is None:
                    yield office.address
                else:
                    yield f"{office.address}/?{KEY}={office.key.text}"
        finally:
            office.close()
