"""A speaker: opens a session and sends audio on the clock's beat."""

import asyncio
import base64
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.client.connection import Connection, url_with
from sandbox.client.recording import BYTES_PER_MS


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
        answer = await connection.opening(request, "connectionRefreshComplete")
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
        """
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
        await self.connection.send({"action": "sendAudio", "seq": self.next_seq, "audio": audio})
        self.next_seq += 1

    async def end(self) -> None:
        """End the session and close."""
        answer = await self.connection.request(
            {"action": "speakerControl", "command": "endSession"}, "speakerControlAck"
        )
        if answer["type"] == "error":
            raise SessionRefusedError("speakerControlAck", answer["code"], answer["message"])
        await self.connection.close()
