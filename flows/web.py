"""The out folder's pages on this machine, so that Prefect's pages can lead to them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
_SHOWN = {".html", ".pdf", ".docx", ".xlsx", ".json", ".txt", ".ics"}
"""Reports and calendars. The database, the log and the letters are for those who may open the folder itself."""


@contextmanager
def showing(out: Path, port: int) -> Iterator[str]:
    """While it lasts the pages can be read at the address that comes back, from this machine only; nothing is written.

    Raises OSError when the port is taken; 0 is any port that is free.
    """
    server = _Server((HOST, port), partial(_Page, directory=str(out)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever asked went away before the answer: nothing to tell anybody."""


class _Page(SimpleHTTPRequestHandler):
    """A file of the out folder, never a list of what there is."""

    def send_head(self) -> object:  # type: ignore[override]
        port = self.connection.getsockname()[1]
        # Another site's name may have been made to lead to this machine.
        if self.headers.get("Host") not in {f"{HOST}:{port}", f"localhost:{port}"}:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        place = PurePosixPath(unquote(urlsplit(self.path).path))
        if str(place) != "/" and (place.suffix not in _SHOWN or any(part.startswith(".") for part in place.parts)):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: object) -> None:  # noqa: ARG002
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass
