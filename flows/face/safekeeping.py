"""The commands that make a backup and restore one, and what they answer."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.folders import Folders
from . import terminal

if TYPE_CHECKING:
    from ..case.backup import Backup
    from ..case.restoring import Restored


def done(asked: argparse.Namespace, at: str) -> bool:
    """Make a backup or restore one, as was asked; whether all is as it should be."""
    return backup(asked, at) if asked.command == "backup" else restore(asked)


def backup(asked: argparse.Namespace, at: str) -> bool:
    """Make a backup; whether all is in it."""
    from ..case import backup

    made = backup.make(Folders(asked.data, asked.returns, asked.out), asked.to, at)
    terminal.say(*_backed_up(made))
    return not made.manifest.left_out


def restore(asked: argparse.Namespace) -> bool:
    """Restore a backup; whether it is as it was, and holds."""
    from ..case import restoring

    restored = restoring.restore(asked.file, asked.to)
    terminal.say(*_restored(restored, asked.to))
    return restored.holds


def _backed_up(made: "Backup") -> Iterator[str]:
    """Where a backup lies, what it holds, and what it doesn't."""
    if made.repaired:
        yield made.repaired
    yield f"Säkerhetskopia: {made.path}"
    yield f"  {made.manifest.contents}, program {made.manifest.version}"
    if made.manifest.log_sha256:
        yield f"  Loggens sista hash: {made.manifest.log_sha256}"
    yield from made.manifest.left_out


def _restored(restored: "Restored", to: Path) -> Iterator[str]:
    """What has been laid out, and what was found in it."""
    manifest, verdict = restored.manifest, restored.verdict
    made = swedish.to_the_minute(manifest.made_at)
    yield f"Återställt i {to}: säkerhetskopian från {made}, {manifest.contents}."
    yield from restored.faults
    if restored.returns.name == "returns":
        yield f"Redovisningarna ligger i {restored.returns}: ange den mappen med --returns."
    for sentence in manifest.left_out:
        yield f"När kopian gjordes: {sentence}"
    if verdict is None:
        yield "Det finns ingen händelselogg i kopian: inget hade körts när den gjordes."
    else:
        yield from (*(verdict.faults or [verdict.summary]), *verdict.notes, verdict.last)
