"""Everything that one connection receives, with the moment, for whoever waits for some of it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.client.connection import Connection, Message
from sandbox.smoke.steps import StepFailedError


def now_ms() -> int:
    """A clock for durations."""
    return time.perf_counter_ns() // 1_000_000


@dataclass(kw_only=True)
class Mailbox:
    """Reads a connection until it ends. `name` is whose connection it is."""

    name: str
    connection: Connection
    letters: list[tuple[int, Message]] = field(default_factory=list)
    _taken: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to read."""
        self._reading = asyncio.create_task(self._read())

    def of(self, *types: str) -> list[Message]:
        """The messages of these types so far."""
        return [message for _, message in self.letters if message.get("type") in types]

    def mark(self) -> None:
        """What has arrived by now answers nothing that is asked later."""
        self._taken = len(self.letters)

    async def expect(self, *types: str, within_s: float) -> Message:
        """The first message of one of these types since the mark. Raises StepFailedError, also for an `error`."""
        wanted = " or ".join(types)

        def found() -> Message | None:
            for _, message in self.letters[self._taken :]:
                if message.get("type") in types:
                    return message
                if message.get("type") == "error":
                    raise StepFailedError(
                        f"expected {wanted}, the {self.name} got {message.get('code')}: {message.get('message')}"
                    )
            return None

        return await self.until(found, wanted, within_s=within_s)

    async def until(self, found: Callable[[], Message | None], wanted: str, *, within_s: float) -> Message:
        """What `found` finds as soon as it does; it is asked after each message. Raises StepFailedError."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    self._arrived.clear()
                    message = found()
                    if message is not None:
                        return message
                    if self._reading is None or self._reading.done():
                        raise StepFailedError(f"expected {wanted}, the {self.name}'s connection ended")
                    await self._arrived.wait()
        except TimeoutError:
            raise StepFailedError(f"expected {wanted} within {within_s:g} s, the {self.name} got none") from None

    async def close(self) -> None:
        """End the connection."""
        await self.connection.close()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self.connection.messages():
                self.letters.append((now_ms(), message))
                self._arrived.set()
        finally:
            self._arrived.set()
