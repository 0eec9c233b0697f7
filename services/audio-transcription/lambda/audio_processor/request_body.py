"""A request's body that waits for audio, where the client's own would be asked for it without end.

The AWS Common Runtime reads the body of an HTTP/2 request again at once when it has nothing to give. A stream that
is spoken into has nothing to give most of the time, so the runtime's event loop would keep a whole processor busy,
which on Lambda is more than a function of 512 MB has.
"""

import threading
from collections.abc import Awaitable, Callable
from io import BufferedIOBase
from typing import Any, Protocol

WAIT_S = 0.03
"""How late results may be read for it: both wait on the event loop's one thread. Audio that comes ends the wait."""


class Body(Protocol):
    """The client's body: bytes, b"" after its end, and BlockingIOError while there is nothing."""

    def read(self, size: int = -1, /) -> bytes | None: ...


class PatientBody(BufferedIOBase):
    """The client's body, except that it waits a moment for more before it says that there is nothing."""

    def __init__(self, body: Body) -> None:
        super().__init__()
        self._body = body
        self._more = threading.Event()

    def more(self) -> None:
        """Something was written into the client's body, or it has ended."""
        self._more.set()

    def read(self, size: int | None = -1, /) -> bytes:
        """What there is. Raises BlockingIOError when there is nothing after the wait either."""
        size = -1 if size is None else size
        self._more.clear()
        try:
            return self._body.read(size) or b""
        except BlockingIOError:
            self._more.wait(WAIT_S)
        return self._body.read(size) or b""

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size)


class PatientSession:
    """The client's session manager, with such a body in the one request that it makes."""

    def __init__(self, make_request: Callable[..., Awaitable[Any]]) -> None:
        self._make_request = make_request
        self._body: PatientBody | None = None

    async def make_request(self, url: str, *, body: Body, **request: Any) -> Any:
        self._body = PatientBody(body)
        return await self._make_request(url, body=self._body, **request)

    def more(self) -> None:
        """There is more to read in the request's body."""
        if self._body is not None:
            self._body.more()
