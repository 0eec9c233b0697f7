"""One WebSocket connection of a client: JSON messages out and in, a loopback address of its own."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

Message = dict[str, Any]

REFRESH_ASKS = 3
"""How often a new connection asks for the place of another: what was done and not answered is answered then."""


class Watcher(Protocol):
    """Sees every frame of the connections that are opened while it is set."""

    def sent(self, connection: object, text: str) -> None: ...

    def received(self, connection: object, text: str) -> None: ...


WATCHER: ContextVar[Watcher | None] = ContextVar("WATCHER", default=None)
"""Set by tests, which hold the traffic against the contract's schemas."""


class RefusedError(ConnectionError):
    """The handshake was answered with a status other than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(f"expected the connection to be accepted, got HTTP {status}")
        self.status = status


class ClosedError(ConnectionError):
    """The connection ended while a message was expected."""

    def __init__(self, expected: str, code: int | None) -> None:
        super().__init__(f"expected {expected}, got the connection's close ({code})")
        self.code = code


def url_with(url: str, parameters: Mapping[str, str]) -> str:
    """The URL with a query string."""
    return f"{url}?{urlencode(parameters)}"


@dataclass(kw_only=True)
class Connection:
    """An open connection. Messages that nobody waits for are kept in order for `messages()`.

    Several may wait at once, each for messages of its own; it is read only while somebody waits.
    """

    socket: ClientConnection
    watcher: Watcher | None = None
    _kept: list[Message] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None
    _ended: ConnectionClosed | None = None

    @classmethod
    async def open(cls, url: str, *, local_address: str | None = None) -> "Connection":
        """Connect, from `local_address` (in 127/8) when given. Raises RefusedError with the handshake's status."""
        options: dict[str, Any] = {"local_addr": (local_address, 0)} if local_address else {}
        try:
            socket = await connect(url, proxy=None, compression=None, ping_interval=None, **options)
        except InvalidStatus as error:
            raise RefusedError(error.response.status_code) from None
        return cls(socket=socket, watcher=WATCHER.get())

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send one message as JSON text. Raises ClosedError after the connection's end."""
        await self.send_text(json.dumps(message, separators=(",", ":")))

    async def send_text(self, text: str) -> None:
        """Send any text. Raises ClosedError after the connection's end."""
        if self.watcher is not None:
            self.watcher.sent(self, text)
        try:
            await self.socket.send(text)
        except ConnectionClosed as error:
            raise ClosedError("to send", error.rcvd.code if error.rcvd else None) from None

    async def request(self, message: Mapping[str, Any], answer: str, *, within_s: float = 10) -> Message:
        """Send and wait for a message of type `answer`, or for an `error`, which is returned as it came."""
        await self.send(message)
        return await self.expect(answer, "error", within_s=within_s)

    async def opening(self, message: Mapping[str, Any], answer: str, *, within_s: float = 10, asks: int = 1) -> Message:
        """`request` for a connection that is of no use without its answer: it is closed where none comes, or where
        nobody waits for it any more. A message that may be carried out twice is sent as often as `asks` says."""
        try:
            for _ in range(asks - 1):
                with contextlib.suppress(TimeoutError):
                    return await self.request(message, answer, within_s=within_s / asks)
            return await self.request(message, answer, within_s=within_s / asks)
        except (ClosedError, TimeoutError, asyncio.CancelledError):
            await self.close()
            raise

    async def expect(self, *types: str, within_s: float = 10) -> Message:
        """The next message of one of `types`; others are kept. Raises TimeoutError or ClosedError."""
        async with asyncio.timeout(within_s):
            return await self.take(lambda message: message.get("type") in types, " or ".join(types))

    async def take(self, is_wanted: Callable[[Message], bool], expected: str) -> Message:
        """The next message that is wanted; others are kept. Raises ClosedError, which says what was `expected`."""
        while True:
            for index, kept in enumerate(self._kept):
                if is_wanted(kept):
                    return self._kept.pop(index)
            await self._read(expected)

    async def messages(self) -> AsyncIterator[Message]:
        """Every message not yet taken, until the connection ends."""
        while True:
            try:
                yield await self.take(lambda _: True, "a message")
            except ClosedError:
                return

    async def close(self) -> None:
        await self.socket.close()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def _read(self, expected: str) -> None:
        """Wait until a message more is kept. Whoever stops waiting takes none away from the others."""
        if self._ended is None:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._keep_one())
            await asyncio.shield(self._reading)
        if self._ended is not None:
            raise ClosedError(expected, self._ended.rcvd.code if self._ended.rcvd else None)

    async def _keep_one(self) -> None:
        try:
            text = await self.socket.recv(decode=True)
        except ConnectionClosed as error:
            self._ended = error
            return
        if self.watcher is not None:
            self.watcher.received(self, text)
        self._kept.append(json.loads(text))
