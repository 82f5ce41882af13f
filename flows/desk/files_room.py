"""What the program has written, read in the browser: reports for those who may read all, and a
board's own pages for the board."""

import os
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ..documents import evidence_names
from .asking import Ask, MissingError
from .rights import Right
from .written import PIECE_BYTES, opened_file

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""What a report may load: it holds all that it needs."""


def written(ask: Ask) -> Response:
    """A file of the out folder. Raises MissingError for what isn't there, and for what isn't theirs
    to read: whoever asks is not told which."""
    path = ask.part("path")
    opened = opened_file(ask.office.folders.out, path) if _may_read(ask, path) else None
    if opened is None:
        raise MissingError("Sidan finns inte.")
    file, kind = opened
    size = os.fstat(file.fileno()).st_size
    headers = {
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
        "content-length": str(size),
    }
    return StreamingResponse(_pieces(file, size), headers=headers, media_type=kind)


async def _pieces(file: BinaryIO, size: int) -> AsyncIterator[bytes]:
    """As much of a file as has been promised, or all that there still is of it."""
    with file:
        left = size
        while left and (piece := await run_in_threadpool(file.read, min(left, PIECE_BYTES))):
            left -= len(piece)
            yield piece


def _may_read(ask: Ask, path: str) -> bool:
    if ask.person.may(Right.READ):
        return True
    pure = PurePosixPath(path)
    if pure.parent.name != "boards":
        return False
    own = ask.person.boards
    units = [board.board_id for board in ask.office.decided().boards]
    if pure.name in {evidence_names.list_name(board_id) for board_id in own}:
        return True
    # A predecessor's workbook is called by the unit that it counts under, too.
    return pure.stem in own or pure.stem in {f"{unit}-{one}" for unit in units for one in own}
