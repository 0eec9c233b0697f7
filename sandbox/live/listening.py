"""Sockets that listen before whoever serves them is there: who comes early waits, and is served."""

import socket

QUEUED_CONNECTIONS = 128


def listening() -> socket.socket:
    """A free loopback port, listened on."""
    made = socket.create_server(("127.0.0.1", 0), backlog=QUEUED_CONNECTIONS)
    # Whoever connects inherits it, and may before anybody serves: an answer's second part would wait 40 ms for the
    # receipt of its first.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made
