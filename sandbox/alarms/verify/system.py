"""The system under test, as a client, an operator and a clock meet it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.client.connection import ClosedError, Connection, RefusedError, url_with
from sandbox.client.recording import BYTES_PER_MS
from sandbox.client.speaker import SessionRefusedError, Speaker
from sandbox.live.client import ask
from sandbox.live.state import SandboxState

CHUNK_MS = 100
POLL_S = 0.25
CREATED_WITHIN_S = 60.0
"""Sessions are created while functions start anew, and a hundred at a time."""


class NeverSettledError(RuntimeError):
    """The system did not come to rest in time."""


@dataclass(kw_only=True)
class System:
    """A sandbox of its own: its clock is moved and its functions are broken."""

    state: SandboxState
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        """One of the sandbox's own routes."""
        return await asyncio.to_thread(ask, self.state, method, name, body)

    async def advance(self, by_ms: int) -> None:
        """Move the clock."""
        await self.ask("POST", "clock", {"advanceMs": by_ms})

    async def slow_down(self, operation: str, *, delay_ms: int, times: int) -> None:
        """Have AWS answer late."""
        await self.ask("POST", "slowness", {"operation": operation, "delayMs": delay_ms, "times": times})

    async def hurry(self) -> None:
        """Have AWS answer at once again."""
        await self.ask("POST", "slowness", {})

    async def at_rest(self, function: str, *, within_s: float) -> None:
        """Wait until the function serves nothing. Raises NeverSettledError."""
        deadline = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < deadline:
            environments = (await self.ask("GET", "status"))["environments"]
            if not any(one["requestId"] for one in environments if one["function"] == function):
                return
            await asyncio.sleep(POLL_S)
        raise NeverSettledError(f"expected {function} to come to rest within {within_s:g} s, it still works")

    # clients

    def address(self) -> str:
        """A loopback address that nobody else has, so that no rate limit by address is met."""
        number = next(self._numbers)
        return f"127.3.{number // 200}.{number % 200 + 1}"

    async def speaker(self) -> Speaker:
        """A speaker of its own, with a session."""
        return await Speaker.open(
            self.state.webSocketUrl, token=await self._token(), language="en", local_address=self.address(),
            within_s=CREATED_WITHIN_S,
        )  # fmt: skip

    async def connection(self) -> Connection:
        """A speaker's connection without a session."""
        url = url_with(self.state.webSocketUrl, {"token": await self._token()})
        return await Connection.open(url, local_address=self.address())

    async def listener(self, session_id: str) -> Connection:
        """A listener's connection that has not joined."""
        url = url_with(self.state.webSocketUrl, {"sessionId": session_id, "targetLanguage": "es"})
        return await Connection.open(url, local_address=self.address())

    async def locked_out(self) -> None:
        """A good token that is not let in all the same."""
        await self.refused(await self._token())

    async def refused(self, token: str) -> None:
        """A connection that is expected to be refused, whatever for."""
        with contextlib.suppress(RefusedError):
            url = url_with(self.state.webSocketUrl, {"token": token})
            await (await Connection.open(url, local_address=self.address())).close()

    async def speak(self, pcm: bytes, *, silent_ms: int) -> None:
        """Open a session, say this in real time, stay silent for a while, end the session."""
        speaker = await self.speaker()
        step = CHUNK_MS * BYTES_PER_MS
        whole = pcm + bytes(silent_ms * BYTES_PER_MS)
        async with _drained(speaker.connection):
            await speaker.stream(whole[start : start + step] for start in range(0, len(whole), step))
        await self.leave(speaker)

    async def leave(self, speaker: Speaker) -> None:
        """End a session; one that cannot be ended now is ended by the minute's pass."""
        with contextlib.suppress(ClosedError, SessionRefusedError, TimeoutError):
            await speaker.end()

    async def _token(self) -> str:
        user = f"operator-{next(self._numbers)}"
        return str((await self.ask("POST", "token", {"user": user}))["token"])


@contextlib.asynccontextmanager
async def _drained(connection: Connection) -> AsyncIterator[None]:
    """What arrives meanwhile is read and forgotten, so that the gateway never waits for us."""

    async def read() -> None:
        async for _ in connection.messages():
            continue

    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
