"""A request's body that waits for audio, where the client's own would be asked for it without end.

The AWS Common Runtime reads the body of an HTTP/2 request again at once when it has nothing to give. A stream that
is spoken into has nothing to give most of the time, so the runtime's event loop would keep a whole processor busy,
which on Lambda is more than a function of 512 MB has.
"""

import time
from collections.abc import Awaitable, Callable
from io import BufferedIOBase
from typing import Any, Protocol

WAIT_S = 0.01
"""How late audio may leave for it, and results may be read: both wait on the event loop's one thread."""


class Body(Protocol):
    """The client's body: bytes, b"" after its end, and BlockingIOError while there is nothing."""

    def read(self, size: int = -1, /) -> bytes | None: ...


class PatientBody(BufferedIOBase):
    """The client's body, except that it waits a moment before it says that there is nothing."""

    def __init__(self, body: Body, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._body = body
        self._wait = wait

    def read(self, size: int | None = -1, /) -> bytes:
        """What there is. Raises BlockingIOError when there is nothing after the wait either."""
        for last in (False, True):
            try:
                return self._body.read(-1 if size is None else size) or b""
            except BlockingIOError:
                if last:
                    raise
                self._wait(WAIT_S)
        raise AssertionError

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size)


class PatientSession:
    """The client's session manager, with such bodies."""

    def __init__(self, make_request: Callable[..., Awaitable[Any]]) -> None:
        self._make_request = make_request

    async def make_request(self, url: str, *, body: Body, **request: Any) -> Any:
        return await self._make_request(url, body=PatientBody(body), **request)
