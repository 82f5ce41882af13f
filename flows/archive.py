"""Zip files whose bytes follow from what is in them alone."""

import io
import zipfile
from collections.abc import Iterable


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of named parts in their order, each with the same time: the same parts give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
