"""What the desk's pages are dressed in: their style, and a little script that they can do
without."""

import functools
from importlib.resources import files

from starlette.responses import Response

_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
NAMES = ("stil.css", "skrivbord.js")
"""The files that everybody may have."""


def still_file(name: str) -> Response:
    """A file, the same as long as the program is."""
    headers = {"cache-control": "max-age=300", "content-security-policy": "default-src 'none'"}
    return Response(_content(name), headers=headers, media_type=_KINDS[name.rpartition(".")[2]])


@functools.cache
def _content(name: str) -> bytes:
    own = files("statsbidrag.reports.desk").joinpath(name).read_bytes()
    if name == "stil.css":
        # The desk looks as the reports do.
        return files("statsbidrag.reports").joinpath("report.css").read_bytes() + own
    return own
