"""Extracts of the accounts (huvudboksutdrag) in the folder of returns: found, told apart and read.

They are read in the same children and within the same bounds as returns. Whatever is wrong with one
costs that one alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path, PurePath

from ...base import swedish
from ...base.children import Children, StoppedError
from ...model.evidence import Extract, ExtractForms
from ...model.returns import NUMBER_RULE, Problem
from .. import file_names, inbox, intake
from ..readers import of_file
from ..refusal import RefusedError
from .booking_list import read_list
from .sie import is_sie, read_sie

_TOO_MUCH_SEK = Decimal(10) ** 13
"""More than any accounts hold, in kronor: from here on the sums of several extracts could be too
large for the database."""
_NUMBER_IN_NAME = Problem(NUMBER_RULE, details={"where": "i filens namn"})


class Extracts:
    """Extracts being read in child processes from the moment this is made."""

    def __init__(
        self,
        files: Sequence[tuple[Path, str]],
        forms: ExtractForms,
        readers: Children,
    ) -> None:
        self._paths = [path for path, _ in files]
        self._names = inbox.shown_names(name for _, name in files)
        about = _said(forms)
        self._readings = [
            of_file(readers, read, path, name, forms, about=f"{name} {about}")
            for path, name in files
        ]

    @classmethod
    def of_folder(cls, folder: Path, forms: ExtractForms, readers: Children) -> "Extracts":
        """Every extract under a folder of returns, by its name there."""
        files: list[tuple[Path, str]] = []
        for path in inbox.listing(folder):
            name = path.relative_to(folder).as_posix()
            if file_names.is_extract(name):
                files.append((path, name))
        return cls(files, forms, readers)

    def extracts(self) -> list[Extract]:
        """What each file says, in the order of the names, but for those that programs leave
        behind."""
        found = []
        for path, name, reading in zip(self._paths, self._names, self._readings, strict=True):
            if file_names.is_nobodys(path.name):
                continue
            try:
                found.append(replace(reading.result(), file=name))
            except StoppedError as stopped:
                found.append(_stopped(path, name, stopped))
        return found


def _said(forms: ExtractForms) -> str:
    """Forms as a text that is the same from run to run."""
    return f"{forms.layouts} {forms.sie} {sorted(forms.codes)}"


def _stopped(path: Path, name: str, stopped: StoppedError) -> Extract:
    """That the reader of an extract was stopped."""
    try:
        taken = intake.take(path)
    except (OSError, RefusedError):
        return _out_of_reach(name)
    problem = intake.stopped_reading(stopped)
    return Extract(name, taken.sha256, taken.size_bytes, "other", (problem,))


def _out_of_reach(name: str) -> Extract:
    return Extract(name, "", 0, "other", (Problem("fil-otillganglig"),))


def read(source: inbox.Source, name: str, forms: ExtractForms) -> Extract:
    """One file as an extract, of the grant in whose folder it lies. Whatever is wrong with it is
    told in `problems`; nothing is raised for bad content."""
    shown = file_names.tellable(name)
    try:
        taken = intake.take(source)
    except RefusedError as refused:
        return Extract(shown, "", 0, "other", (refused.problem,))
    except OSError:
        return _out_of_reach(shown)
    unread = Extract(shown, taken.sha256, taken.size_bytes, "other")
    if swedish.mask_personal_numbers(name)[1]:
        unread = replace(unread, problems=(_NUMBER_IN_NAME,))
    try:
        taken.must_be_read()
        if is_sie(taken.content):
            bookings, problems = read_sie(
                taken.content,
                project_dimension=forms.sie.project,
                responsibility_dimension=forms.sie.responsibility,
                activity_dimension=forms.sie.activity,
                known_codes=forms.codes,
            )
            kind = "sie"
        else:
            own_name = PurePath(name).name
            bookings, problems = read_list(taken.content, own_name, forms.layouts, forms.codes)
            kind = "list"
        if sum(abs(booking.amount_sek) for booking in bookings) >= _TOO_MUCH_SEK:
            raise RefusedError("huvudbok-orimligt")
    except RefusedError as refused:
        return replace(unread, problems=(*unread.problems, refused.problem))
    except MemoryError:
        raise
    except Exception:
        # Whatever the guard let through and a reader stumbles on costs this file and no other.
        return replace(unread, problems=(*unread.problems, Problem("fil-trasig")))
    return replace(
        unread,
        kind="sie" if kind == "sie" else "list",
        problems=(*unread.problems, *problems),
        bookings=bookings,
    )
