"""Files that are on the disk itself when the call returns, whole or not at all."""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """One file in a folder that is there. Raises OSError when it can't be written; what stood there
    then still does."""
    beside = path.with_name(f".{path.name}.ny")
    try:
        beside.write_bytes(content)
        sync(beside)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(*paths: Path) -> None:
    """Files and folders, as they are now."""
    for path in paths:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
