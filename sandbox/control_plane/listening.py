"""Sockets that listen before the control plane is loaded: whoever comes early waits, and is served."""

import socket
from typing import Any

from cheroot.wsgi import Server

QUEUED_CONNECTIONS = 512
FIRST_THREADS = 16
"""So many are started before the first call is answered, the others beside it: each takes a third of a millisecond."""


class SocketServer(Server):
    """cheroot's server on a socket that listens."""

    def __init__(self, listening: socket.socket, application: Any, *, threads: int, kept_connections: int) -> None:
        super().__init__(
            listening.getsockname(), application, numthreads=FIRST_THREADS, shutdown_timeout=1,
            request_queue_size=QUEUED_CONNECTIONS,
        )  # fmt: skip
        self.nodelay = True
        self.keep_alive_conn_limit = kept_connections
        self._listening = listening
        self._more_threads = max(0, threads - FIRST_THREADS)

    def start_all_threads(self) -> None:
        """Those that are left; after `prepare`."""
        self.requests.grow(self._more_threads)

    def bind(self, *_: Any) -> socket.socket:
        """The socket, in the place of a new one."""
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = self._listening
        return self._listening


def taken(descriptor: int | None, port: int = 0) -> socket.socket:
    """The socket that was handed over by its descriptor, or one that listens on loopback; port 0 takes a free one."""
    if descriptor is not None:
        return socket.socket(fileno=descriptor)
    return socket.create_server(("127.0.0.1", port), backlog=QUEUED_CONNECTIONS)
