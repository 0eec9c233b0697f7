"""A WebSocket whose other side is the test."""

import asyncio
import json
from typing import Any, cast

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedOK
from websockets.frames import Close

from sandbox.client.connection import Connection


class FakeSocket:
    """`sent`: what the client sent, as values. `answers(message)` gives what the server says to it."""

    def __init__(self, answers: Any = lambda message: ()) -> None:
        self.sent: list[dict[str, Any]] = []
        self._answers = answers
        self._coming: asyncio.Queue[str | None] = asyncio.Queue()

    def connection(self) -> Connection:
        return Connection(socket=cast(ClientConnection, self))

    def say(self, message: dict[str, Any]) -> None:
        self._coming.put_nowait(json.dumps(message))

    async def send(self, text: str) -> None:
        message = json.loads(text)
        self.sent.append(message)
        for answer in self._answers(message):
            self.say(answer)

    async def recv(self, *, decode: bool) -> str:
        assert decode
        text = await self._coming.get()
        if text is None:
            raise ConnectionClosedOK(Close(1000, ""), None)
        return text

    async def close(self) -> None:
        self._coming.put_nowait(None)
