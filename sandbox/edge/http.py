"""One HTTP request and its answer as plain data: what the edge's routes are given and return."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """A whole request. `path` is raw (escapes kept, no query); `host` has no port; header names keep their case."""

    method: str
    host: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str

    def header(self, name: str) -> str | None:
        """The first header of that name, in whatever case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """A whole answer; Content-Length is added when it is sent."""

    status: int
    headers: Headers = ()
    body: bytes = b""


Route = Callable[[HttpRequest], Awaitable[HttpResponse]]
