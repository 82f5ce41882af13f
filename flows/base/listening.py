"""The ports of this machine at which we answer."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """A port that is ours, 0 for any that is free; what is written to those who come is sent at
    once. Raises OSError when it is taken.

    Without that the end of an answer waits some 40 ms for them to say that they have its beginning
    (Nagle's algorithm and the delayed acknowledgement); asyncio sees to it for its own sockets
    alone. Those who come inherit it.
    """
    listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
