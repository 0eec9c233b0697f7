"""A speaker with one listener in a running sandbox, for tests of what becomes of what is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, load
from sandbox.client.speaker import Speaker
from sandbox.live.client import ask
from sandbox.report.words import compare
from sandbox.testing.running import RunningSandbox
from sandbox.text import fold

RECORDING = load(Path(__file__).resolve().parents[2] / "audio_samples" / "austen-0870.wav")
EXPECTED = [part for word in RECORDING.words for part in fold(word.word)]
CHUNK = 100 * BYTES_PER_MS
FAILS_AT_CHUNK = 20
SILENT_CHUNKS = 15
HEARD_WITHIN_S = 30


class Hall:
    """What the speaker is told stays in its connection; what the listener has heard is in its transcript."""

    def __init__(self, speaker: Speaker, listener: Listener, sandbox: RunningSandbox) -> None:
        self.speaker, self.listener, self.sandbox = speaker, listener, sandbox
        self._came = asyncio.Event()
        self._times = 0
        self.finals: list[bool] = []
        self.news: list[dict] = []
        self.following = asyncio.create_task(listener.follow(self._note))

    def _note(self, message: dict, _at_ms: int, is_new: bool) -> None:
        if message.get("type") == "translation" and is_new:
            self.finals.append(message["isFinal"])
        self.news.append(message)
        self._came.set()

    async def told(self, kind: str) -> dict:
        """The listener's message of this type, which has come or will. Raises TimeoutError."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while True:
                for message in self.news:
                    if message.get("type") == kind:
                        return message
                self._came.clear()
                await self._came.wait()

    async def order(self, **fault) -> None:
        """Have a service fail, or with `clear` all of them answer again."""
        await asyncio.to_thread(ask, self.sandbox.state, "POST", "faults", fault)

    async def speak(self, **fault) -> None:
        """The recording and some silence; after its second second a service may fail."""
        self._times += 1
        pcm = RECORDING.pcm + bytes(SILENT_CHUNKS * CHUNK)
        pieces = [pcm[start : start + CHUNK] for start in range(0, len(pcm), CHUNK)]
        await self.speaker.stream(pieces[:FAILS_AT_CHUNK])
        if fault:
            await self.order(**fault)
        await self.speaker.stream(pieces[FAILS_AT_CHUNK:])

    async def everything_heard(self) -> None:
        """Wait until as many words as were spoken have come; they must be those, each once. Raises TimeoutError."""
        expected = EXPECTED * self._times
        async with asyncio.timeout(HEARD_WITHIN_S):
            while len(fold(self.listener.transcript.source_text())) < len(expected):
                self._came.clear()
                await self._came.wait()
        found = compare(expected, fold(self.listener.transcript.source_text()))
        assert (found.omitted, found.duplicated, found.wrong) == (0, 0, 0)

    async def lambdas_next_try(self) -> None:
        """An asynchronous event that failed is tried again after a minute, which the sandbox's clock makes short."""
        await asyncio.to_thread(self.sandbox.advance_clock, 61_000)


@asynccontextmanager
async def hall(sandbox: RunningSandbox, *, user: str, network: int) -> AsyncIterator[Hall]:
    """Open it; in the end every service answers and nothing of it is left."""
    host = f"127.0.{network}."
    speaker = await Speaker.open(sandbox.url, token=sandbox.token(user), language="en", local_address=f"{host}1")
    listener = await Listener.open(sandbox.url, session_id=speaker.session_id, language="es", local_address=f"{host}2")
    opened = Hall(speaker, listener, sandbox)
    try:
        yield opened
    finally:
        await opened.order(clear=True)
        await speaker.end()
        await asyncio.wait([opened.following], timeout=10)
        await opened.listener.connection.close()
