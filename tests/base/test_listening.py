"""How the ports of this machine answer."""

import socket

from statsbidrag.base.listening import listen


def test_what_is_written_to_those_who_come_is_sent_at_once() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        came, _ = listener.accept()
        with came:
            assert came.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
