"""Plays a plan against a running sandbox: one speaker, its listeners, and what each of them saw, as events."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.client.connection import Message
from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, CHUNK_MS
from sandbox.client.speaker import Speaker
from sandbox.demo.plan import DemoPlan

Show = Callable[[dict[str, Any]], None]

LAST_WORDS_S = 20.0
"""How long after the end listeners are followed at most: they are dismissed once the last words are out."""

SILENCE_MS = 1500
"""Silence sent after the last word, as a speaker who stops talking but stays on air."""


def epoch_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(kw_only=True)
class Performance:
    """One playing of a plan; `events` are the clients' part of the journal."""

    plan: DemoPlan
    url: str
    token: str
    show: Show
    events: list[dict[str, Any]] = field(default_factory=list)

    async def run(self) -> str:
        """Play everything; returns the session's id."""
        speaker = await Speaker.open(
            self.url, token=self.token, language=self.plan.source_language, local_address="127.0.10.1"
        )
        self._note("client.session_created", {"sessionId": speaker.session_id})
        listeners = {}
        for number, language in enumerate(self.plan.listen):
            listener = await Listener.open(
                self.url, session_id=speaker.session_id, language=language, local_address=f"127.0.20.{number + 1}"
            )
            listeners[f"{language}-{number + 1}"] = listener
            self._note("client.listener_joined", {"listener": f"{language}-{number + 1}", "language": language})
        following = [asyncio.create_task(listener.follow(self._receiver(name))) for name, listener in listeners.items()]
        try:
            await self._speak(speaker)
            await speaker.end()
            await asyncio.wait(following, timeout=LAST_WORDS_S)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            for listener in listeners.values():
                await listener.connection.close()
            await speaker.connection.close()
        return speaker.session_id

    async def _speak(self, speaker: Speaker) -> None:
        placed = self.plan.placed()
        pcm = b"".join(one.pcm for _, one in placed) + bytes(SILENCE_MS * BYTES_PER_MS)
        began_ms = epoch_ms()
        self._note("client.stream_began", {"sessionId": speaker.session_id}, at_ms=began_ms)
        for at_audio_ms, one in placed:
            words = [[word.word, word.start_ms, word.end_ms] for word in one.words]
            about = {"sessionId": speaker.session_id, "name": one.name, "atAudioMs": at_audio_ms, "words": words}
            self._note("client.recording", about, at_ms=began_ms + at_audio_ms)
        step = CHUNK_MS * BYTES_PER_MS
        await speaker.stream(pcm[start : start + step] for start in range(0, len(pcm), step))

    def _receiver(self, name: str) -> Callable[[Message, int, bool], None]:
        def receive(message: Message, received_ms: int, new: bool) -> None:
            if message.get("type") != "translation":
                self._note("client.message", {"listener": name, "type": str(message.get("type"))}, at_ms=received_ms)
                return
            kept = ("segmentId", "sequence", "language", "text", "sourceText", "endMs", "correctionOf")
            about = {key: message[key] for key in kept if message.get(key) is not None}
            self._note("client.translation", {"listener": name, "new": new, **about}, at_ms=received_ms)

        return receive

    def _note(self, kind: str, about: dict[str, Any], *, at_ms: int | None = None) -> None:
        event = {"kind": kind, "atMs": at_ms or epoch_ms(), **about}
        self.events.append(event)
        self.show(event)
