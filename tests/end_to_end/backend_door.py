"""A backend seen through a door, at which something can be made to happen at a request of one's choice."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import urlsplit

_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Door(ThreadingHTTPServer):
    """Passes every request on to `backend`, a URL; `act` is called in front of the `at`th that makes a queue."""

    daemon_threads = True

    def __init__(self, backend: str, *, at: int, act: Callable[[], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.backend = urlsplit(backend).netloc
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._at, self._act = at, act
        self._made, self._counting = 0, Lock()

    def meets(self, operation: str) -> None:
        """A request for this operation is about to be passed on."""
        with self._counting:
            self._made += operation == "AmazonSQS.CreateQueue"
            strikes, self._at = self._made == self._at, 0 if self._made == self._at else self._at
        if strikes:
            self._act()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.meets(self.headers.get("X-Amz-Target", ""))
        backend = http.client.HTTPConnection(self.server.backend)
        try:
            backend.request(self.command, self.path, body, dict(self.headers.items()))
            answer = backend.getresponse()
            content = answer.read()
        except OSError:
            # Of a backend that has gone its client hears nothing more.
            self.close_connection = True
            return
        finally:
            backend.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _pass  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def door(backend: str, *, at: int, act: Callable[[], None]) -> Iterator[Door]:
    """One that is open while the block runs."""
    with Door(backend, at=at, act=act) as opened:
        Thread(target=opened.serve_forever, daemon=True).start()
        try:
            yield opened
        finally:
            opened.shutdown()
