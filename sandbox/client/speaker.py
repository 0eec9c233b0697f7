"""A speaker: opens a session and sends audio on the clock's beat."""

import asyncio
import base64
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.client.connection import REFRESH_ASKS, ClosedError, Connection, Message, url_with
from sandbox.client.recording import BYTES_PER_MS

KEPT_CHUNKS = 100
"""Chunks that may still be refused, and are sent again then; twenty seconds of the usual ones."""
AGAIN_AFTER_S = 0.1
"""Rest before what was refused is sent again: the service was not there a moment ago."""
LAST_REFUSAL_S = 1.0
"""After a refusal, how long the end of a stream waits for another."""
LAST_REFUSALS_S = 15.0
"""And how long in all."""


class SessionRefusedError(RuntimeError):
    """An action of the speaker's was answered with an error."""

    def __init__(self, expected: str, code: str, message: str) -> None:
        super().__init__(f"expected {expected}, got {code}: {message}")
        self.code = code


@dataclass(kw_only=True)
class Speaker:
    """An open session and the next sequence number of its audio."""

    connection: Connection
    session_id: str
    next_seq: int = 0
    sent_again: int = 0
    """Chunks that were refused with SERVICE_UNAVAILABLE and sent once more."""
    _sent: dict[int, str] = field(default_factory=dict)
    _refused_at: float | None = None

    @classmethod
    async def open(
        cls, url: str, *, token: str, language: str, local_address: str | None = None, within_s: float = 10
    ) -> "Speaker":
        """Connect with a token and create a session, which is waited for this long."""
        connection = await Connection.open(url_with(url, {"token": token}), local_address=local_address)
        create = {"action": "createSession", "sourceLanguage": language}
        answer = await connection.opening(create, "sessionCreated", within_s=within_s)
        if answer["type"] == "error":
            await connection.close()
            raise SessionRefusedError("sessionCreated", answer["code"], answer["message"])
        return cls(connection=connection, session_id=answer["sessionId"])

    async def refresh(self, url: str, *, token: str, local_address: str | None = None) -> int:
        """Go on with a new connection; returns the number of the first chunk that must be sent again.

        Audio may be sent meanwhile, and should: a pause of a second tears the word apart that is being said. What the
        previous connection is refused from then on is sent again. Raises RefusedError for the handshake, and
        SessionRefusedError.
        """
        connection = await Connection.open(url_with(url, {"token": token}), local_address=local_address)
        request = {"action": "refresh", "sessionId": self.session_id}
        answer = await connection.opening(request, "connectionRefreshComplete", asks=REFRESH_ASKS)
        if answer["type"] == "error":
            await connection.close()
            raise SessionRefusedError("connectionRefreshComplete", answer["code"], answer["message"])
        previous, self.connection = self.connection, connection
        next_seq = int(answer["nextSeq"])
        self.next_seq = min(self.next_seq, next_seq)
        await previous.close()
        return next_seq

    async def stream(self, chunks: Iterable[bytes], *, on_chunk: Callable[[int, int], None] | None = None) -> int:
        """Send each chunk when its audio would have been spoken; returns the epoch ms of the first sample.

        `on_chunk(seq, bytes)` is told of each chunk sent. Chunks that fell due while the machine was busy go at once.
        A chunk that could not be taken is sent again, until the service answers.
        """
        minding = asyncio.create_task(self._send_refused_again())
        try:
            began_ms = await self._send_on_the_beat(chunks, on_chunk)
            await self._last_refusals()
        finally:
            minding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await minding
        return began_ms

    async def _send_on_the_beat(self, chunks: Iterable[bytes], on_chunk: Callable[[int, int], None] | None) -> int:
        began = time.perf_counter()
        began_ms = time.time_ns() // 1_000_000
        spoken_bytes = 0
        for chunk in chunks:
            spoken_bytes += len(chunk)
            due = began + spoken_bytes / BYTES_PER_MS / 1000
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self.send_audio(chunk)
            if on_chunk is not None:
                on_chunk(self.next_seq - 1, len(chunk))
        return began_ms

    async def send_audio(self, chunk: bytes) -> None:
        """Send one chunk under the next sequence number."""
        audio = base64.b64encode(chunk).decode()
        self._sent[self.next_seq] = audio
        self._sent.pop(self.next_seq - KEPT_CHUNKS, None)
        await self.connection.send({"action": "sendAudio", "seq": self.next_seq, "audio": audio})
        self.next_seq += 1

    async def _send_refused_again(self) -> None:
        """Each chunk that a failing service refuses, under its own number."""
        with contextlib.suppress(ClosedError):
            while True:
                refusal = await self.connection.take(_names_a_chunk, "a refusal")
                self._refused_at = time.perf_counter()
                seq = int(refusal["details"]["seq"])
                if seq in self._sent:
                    await asyncio.sleep(AGAIN_AFTER_S)
                    self.sent_again += 1
                    await self.connection.send({"action": "sendAudio", "seq": seq, "audio": self._sent[seq]})

    async def _last_refusals(self) -> None:
        """Wait until what was sent is taken, as far as one can tell: nobody says so."""
        ends_at = time.perf_counter() + LAST_REFUSALS_S
        while self._refused_at is not None and time.perf_counter() < ends_at:
            rest_s = self._refused_at + LAST_REFUSAL_S - time.perf_counter()
            if rest_s <= 0:
                return
            await asyncio.sleep(rest_s)

    async def end(self) -> None:
        """End the session and close."""
        answer = await self.connection.request(
            {"action": "speakerControl", "command": "endSession"}, "speakerControlAck"
        )
        if answer["type"] == "error":
            raise SessionRefusedError("speakerControlAck", answer["code"], answer["message"])
        await self.connection.close()


def _names_a_chunk(message: Message) -> bool:
    """Whether it says that a chunk was not taken because a service did not answer."""
    details = message.get("details") or {}
    return message.get("code") == "SERVICE_UNAVAILABLE" and "seq" in details
