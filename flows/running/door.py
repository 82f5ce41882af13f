"""The door of a server on this machine: who may ask it, how long it waits for them, and how many it
has at once.

A web page of anywhere can let the browser of whoever reads it ask what listens on this machine, and
a name of anywhere can be made to lead here. So only requests that name this machine and this port
are let in, and only from pages that come from there too; a link that somebody follows into a tab of
its own is let in as well.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import h11
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
SILENCE_SECONDS = 30
"""How long a connection may take to give a whole request, or to take the next piece of an
answer."""
MOST_CONNECTIONS = 100
"""How many connections there are at once."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_OURS_ALONE = (
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
"""What tells a browser that no page from elsewhere may show, load or steer what it gets here."""


class Door:
    """An ASGI app that lets another answer those who may ask, on every path, and refuses the
    others.

    `origin` is the address that people know the server by when a proxy stands before it, such as
    https://bidrag.example.org; it is then one of its own, beside those of this machine. An app that
    `has_policy` says itself what its pages may load.
    """

    def __init__(self, app: App, origin: str | None = None, *, has_policy: bool = False) -> None:
        self._app = app
        self._origin = origin
        self._has_policy = has_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, one web socket, or the start and the end of the server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif not may_ask(scope, self._origin):
            await refuse(scope, send)
        else:
            port = scope["server"][1]
            ours = _OURS_ALONE if self._has_policy else (*_OURS_ALONE, _policy(port))
            await self._app(scope, receive, _marked(send, ours))


def may_ask(scope: Scope, origin: str | None = None) -> bool:
    """Whether a request names this machine and this port, or the address that it is known by, and
    comes from a page of it or from no page at all."""
    own_origins = {f"http://{name}:{scope['server'][1]}" for name in NAMES}
    if origin is not None:
        own_origins.add(origin)
    own = {address.partition("://")[2] for address in own_origins}
    hosts, origins = values_of(scope, b"host"), values_of(scope, b"origin")
    if len(hosts) != 1 or hosts[0] not in own or not scope["path"].startswith("/"):
        return False  # a path that is a whole address names a host, too
    if origins:
        return len(origins) == 1 and origins[0] in own_origins
    # Pictures, scripts and frames have no origin, but browsers tell where the page is that they are
    # on.
    if values_of(scope, b"sec-fetch-site") in ([], ["same-origin"], ["none"]):
        return True
    into = values_of(scope, b"sec-fetch-mode"), values_of(scope, b"sec-fetch-dest")
    return scope.get("method") in {"GET", "HEAD"} and into == (["navigate"], ["document"])


def values_of(scope: Scope, header: bytes) -> list[str]:
    """Every value that a request gives a header."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


async def refuse(scope: Scope, send: Send) -> None:
    """Say no to a request, or to a web socket before it is one."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = "Nekad: frågan kommer inte från den här datorns egna sidor.\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": [*headers, *_OURS_ALONE]})
    await send({"type": "http.response.body", "body": body})


def _policy(port: int) -> tuple[bytes, bytes]:
    """What pages of an app that doesn't say may load: what comes from here."""
    own = " ".join(f"http://{name}:{port}" for name in NAMES)
    # Prefect's pages tell its makers who opens them until somebody has shown the key, and would
    # load scripts from afar.
    only = (
        f"default-src {own} data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; "
        f"form-action {own}"
    )
    return b"content-security-policy", only.encode()


def _marked(send: Send, ours: Iterable[tuple[bytes, bytes]]) -> Send:
    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *ours]}
        await send(message)

    return marking


class Connection(H11Protocol):
    """A connection that is cut when it is silent for too long, or when others need its place and it
    asks nothing.

    The time runs from when the connection is made, or its last answer was given, until the head of
    the next request is here, and then anew until the whole of it is: bytes that trickle in don't
    lengthen it. It runs again while an answer isn't taken.
    """

    _silence: asyncio.TimerHandle | None = None
    _has_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, if there is room."""
        if len(self.connections) >= MOST_CONNECTIONS and not self._has_made_room():
            self.transport = transport
            transport.abort()
            return
        super().connection_made(transport)
        self._look()

    def _has_made_room(self) -> bool:
        """Cut the one of all connections that has waited longest without asking; False when all are
        being served."""
        waiting = [
            (c._silence.when(), c)
            for c in self.connections
            if isinstance(c, Connection) and c._silence
        ]
        if not waiting:
            return False
        _, longest = min(waiting, key=lambda one: one[0])
        self.connections.discard(longest)
        longest._cut()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """See whether what has come is a whole request."""
        super().handle_events()
        self._look()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A web socket has its own ways to find out that nobody is there."""
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request, and for this answer to be taken."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """What has been answered isn't taken."""
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        """It is."""
        super().resume_writing()
        self._look()

    def _look(self) -> None:
        """Let the time run when it should and doesn't, or stop it."""
        if self.transport.get_protocol() is not self:
            return
        has_head = self.conn.their_state is h11.SEND_BODY
        is_begun = has_head and not self._has_head
        self._has_head = has_head
        if is_begun or self._is_served():
            self._stop_waiting()
        if self._is_served():
            return
        if self._silence is None:
            self._silence = self.loop.call_later(SILENCE_SECONDS, self._cut)

    def _is_served(self) -> bool:
        """Whether a whole request is being answered, and the answer is taken."""
        is_asked = self.cycle is not None and not self.cycle.response_complete
        is_whole = self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}
        return is_asked and is_whole and not self.flow.write_paused

    def _stop_waiting(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _cut(self) -> None:
        self._stop_waiting()
        self.transport.abort()


def config(app: Door, **more: Any) -> Config:
    """How a server behind a door is run: what proxies say is not believed, and only errors are
    told."""
    return Config(
        app,
        http=Connection,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=SILENCE_SECONDS,
        **more,
    )


@contextmanager
def serving(app: Door, listener: socket.socket) -> Iterator[None]:
    """While it lasts the app answers, in a thread of its own, on a socket that listens already."""
    server = Server(
        config(app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
