"""Recipients out of the lists that somebody else keeps, such as that of all municipalities, in
CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..base import swedish
from ..base.errors import InputError
from ..model.boards import Board
from .declaration import RecipientListFile, RecipientNoteFile

CodesOfLevel = dict[tuple[str, str], str]
"""Level and code -> the id of whoever has the code there."""


def recipients_of(
    listed: Sequence[RecipientListFile],
    contents: Mapping[str, bytes],
    notes: Sequence[RecipientNoteFile],
) -> Iterator[Board]:
    """The recipients of some lists, in their order, with what else is known of them. A list that
    names whom its recipients are a part of comes after the list of those.

    Raises InputError, which names the file and the row, for what can't be read.
    """
    codes: CodesOfLevel = {}
    more = {note.id: note for note in notes}
    for one in listed:
        for number, row in enumerate(_rows(one, contents[one.fil]), start=2):
            board = _recipient(one, number, row, codes)
            codes[one.niva, _cell(one, number, row, one.kod)] = board.board_id
            yield _with_note(board, more.pop(board.board_id, None))
    for unknown in more:
        raise InputError(
            f"boards.toml, mottagare: {unknown} står inte i någon förteckning. Rätta id."
        )


def _rows(listed: RecipientListFile, content: bytes) -> Iterator[Mapping[str, str | None]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            f"{listed.fil}: filen går inte att läsa. Kontrollera att den är en textfil i UTF-8."
        ) from None
    yield from csv.DictReader(io.StringIO(text))


def _cell(
    listed: RecipientListFile, number: int, row: Mapping[str, str | None], column: str
) -> str:
    """What stands in a row under a header."""
    if column not in row:
        raise InputError(
            f"{listed.fil}: kolumnen {column} finns inte. Rätta namnet i boards.toml, lista."
        )
    text = swedish.tidy(row[column] or "")
    if not text:
        raise InputError(f"{listed.fil}, rad {number}: {column} är tom. Fyll i den.")
    return text


def _recipient(
    listed: RecipientListFile, number: int, row: Mapping[str, str | None], codes: CodesOfLevel
) -> Board:
    name, code = _cell(listed, number, row, listed.namn), _cell(listed, number, row, listed.kod)
    short = _cell(listed, number, row, listed.kort) if listed.kort else name
    above_id = listed.over
    if listed.over_kod and listed.over_niva:
        above_code = _cell(listed, number, row, listed.over_kod)
        above_id = codes.get((listed.over_niva, above_code))
        if above_id is None:
            raise InputError(
                f"{listed.fil}, rad {number}: ingen på nivån {listed.over_niva} har koden "
                f"{above_code}. Rätta koden, eller sätt den förteckningen före i boards.toml."
            )
    return Board(
        board_id=f"{swedish.ident(short)}-{swedish.ident(code)}",
        name=name,
        number=None,
        valid_from_on=None,
        valid_to_on=None,
        successor_id=None,
        spellings=() if short == name else (short,),
        level_id=listed.niva,
        above_id=above_id,
    )


def _with_note(board: Board, note: RecipientNoteFile | None) -> Board:
    """A recipient with what the user's own file says of it beside the list."""
    if note is None:
        return board
    return replace(
        board,
        spellings=(*board.spellings, *note.stavningar),
        same_as_id=note.samma_som,
        email=note.epost,
    )
