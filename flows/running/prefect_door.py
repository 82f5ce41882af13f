"""Prefect's server behind a door of ours, as a process of its own: `prefect_server` starts it.

Prefect itself asks for the key on every path of its API but the one that says that it is alive. It
takes web sockets first and looks at their key afterwards, route by route. So the door does that for
all of them, whatever a route does.
"""

import asyncio
import base64
import fcntl
import hmac
import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from uvicorn import Server

from ..base import collector
from . import door

LOCK = "start.las"
"""The file in Prefect's folder that a server holds while it starts."""


class Keyed:
    """An ASGI app that lets another talk in web sockets with those who have the key, and with
    nobody else.

    Prefect's clients show the key in a header when they connect, or in the first message that they
    send.
    """

    def __init__(self, app: door.App, key: str) -> None:
        self._app = app
        self._key = key.encode()
        self._header = b"Basic " + base64.b64encode(self._key)

    async def __call__(self, scope: door.Scope, receive: door.Receive, send: door.Send) -> None:
        """Answer one request, one web socket, or the start and the end of the server."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        shown = [value.encode("latin-1") for value in door.values_of(scope, b"authorization")]
        offered = ",".join(door.values_of(scope, b"sec-websocket-protocol")).split(",")
        if shown and all(hmac.compare_digest(value, self._header) for value in shown):
            await self._app(scope, receive, send)
        elif shown or "prefect" not in map(str.strip, offered):
            await door.refuse(scope, send)
        else:
            talk = _Talk(self, receive, send)
            await self._app(scope, talk.receive, talk.send)

    def is_shown_in(self, message: door.Message) -> bool:
        """Whether a message is the one that shows the key."""
        try:
            auth = json.loads(message.get("text") or "")
        except ValueError:
            return False
        token = auth.get("token") if isinstance(auth, dict) and auth.get("type") == "auth" else None
        return isinstance(token, str) and hmac.compare_digest(
            token.encode(errors="replace"), self._key
        )


class _Talk:
    """A web socket whose first message must show the key, soon; nothing is said before that."""

    def __init__(self, keyed: Keyed, receive: door.Receive, send: door.Send) -> None:
        self._keyed, self._receive, self._send = keyed, receive, send
        self._is_known = self._is_over = False

    async def receive(self) -> door.Message:
        if self._is_known:
            return await self._receive()
        if not self._is_over:
            try:
                message = await asyncio.wait_for(self._receive(), door.SILENCE_SECONDS)
            except TimeoutError:
                message = {"type": "websocket.receive"}
            self._is_known = message["type"] == "websocket.receive" and self._keyed.is_shown_in(
                message
            )
            if self._is_known or message["type"] != "websocket.receive":
                return message
            self._is_over = True
            await self._send({"type": "websocket.close", "code": 1008})
        return {"type": "websocket.disconnect", "code": 1008}

    async def send(self, message: door.Message) -> None:
        if self._is_known or (message["type"] != "websocket.send" and not self._is_over):
            await self._send(message)


def create_app() -> door.App:
    """Prefect's server, with its key. Raises RuntimeError when it has none: it is then not
    started."""
    from prefect.server.api.server import create_app as prefects_own
    from prefect.settings import get_current_settings

    key = get_current_settings().server.api.auth_string
    if key is None or not key.get_secret_value():
        raise RuntimeError("PREFECT_SERVER_API_AUTH_STRING is not set")
    return Keyed(prefects_own(), key.get_secret_value())


class _InTurn(Server):
    """A server that starts when no other does: two that make the same database at once spoil it for
    one another."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Prefect's database is made or brought up to date, and the port is opened."""
        with (Path(os.environ["PREFECT_HOME"]) / LOCK).open("ab") as lock:
            with suppress(OSError):  # a file system that has no locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            await super().startup(sockets)


def main(listener: int) -> None:
    """Serve on a socket that this process has been given, until it is told to stop."""
    with collector.loading():
        app = door.Door(create_app())
    _InTurn(door.config(app)).run(sockets=[socket.socket(fileno=listener)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
