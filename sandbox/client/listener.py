"""A listener: joins a session in one language and keeps what it hears."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.client.connection import REFRESH_ASKS, ClosedError, Connection, Message, url_with
from sandbox.client.transcript import Transcript

OnMessage = Callable[[Message, int, bool], None]
"""Is told of each message, when it was received (epoch ms), and whether it is new."""


@dataclass(kw_only=True)
class Listener:
    """A joined listener and its transcript."""

    connection: Connection
    language: str
    joined: Message
    transcript: Transcript = field(default_factory=Transcript)

    @classmethod
    async def open(cls, url: str, *, session_id: str, language: str, local_address: str | None = None) -> "Listener":
        """Connect and join. Raises RefusedError for the handshake, and RuntimeError when the join is refused."""
        parameters = {"sessionId": session_id, "targetLanguage": language}
        connection = await Connection.open(url_with(url, parameters), local_address=local_address)
        joined = await connection.opening({"action": "joinSession", **parameters}, "sessionJoined")
        if joined["type"] == "error":
            await connection.close()
            raise RuntimeError(f"expected sessionJoined, got {joined['code']}: {joined['message']}")
        return cls(connection=connection, language=language, joined=joined)

    async def refresh(
        self, url: str, *, local_address: str | None = None, times: int = 1, on_message: OnMessage | None = None
    ) -> Connection:
        """Go on with a new connection; returns the previous one, which is the caller's to follow and to close.

        The request is sent `times` times, as by a client that hears nothing. Raises RefusedError for the handshake,
        RuntimeError when the refresh is refused, and ClosedError or TimeoutError when it is not answered; what came on
        the new connection all the same, `on_message` is told of.
        """
        about = {
            "sessionId": str(self.joined["sessionId"]),
            "targetLanguage": self.language,
            "previousConnectionId": str(self.joined["connectionId"]),
        }
        connection = await Connection.open(url_with(url, about), local_address=local_address)
        for _ in range(times - 1):
            await connection.send({"action": "refresh", **about})
        try:
            answer = await connection.opening(
                {"action": "refresh", **about}, "connectionRefreshComplete", asks=REFRESH_ASKS
            )
        except (ClosedError, TimeoutError):
            # It may have stood in the other's place for as long as it was open.
            await self._take_all(connection, on_message)
            raise
        if answer["type"] == "error":
            await connection.close()
            raise RuntimeError(f"expected connectionRefreshComplete, got {answer['code']}: {answer['message']}")
        previous, self.connection = self.connection, connection
        self.joined = self.joined | {"connectionId": answer["connectionId"]}
        return previous

    async def follow(self, on_message: OnMessage | None = None) -> None:
        """Take the connection's messages until it ends."""
        await self._take_all(self.connection, on_message)

    async def _take_all(self, connection: Connection, on_message: OnMessage | None) -> None:
        async for message in connection.messages():
            received_ms = time.time_ns() // 1_000_000
            new = message.get("type") != "translation" or self.transcript.receive(message, received_ms)
            if on_message is not None:
                on_message(message, received_ms, new)
