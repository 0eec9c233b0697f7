"""One session of a bench: a speaker who also steers and asks, its listeners, and how late each word was."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.client.connection import ClosedError, Message
from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, CHUNK_MS
from sandbox.client.speaker import Speaker
from sandbox.demo.plan import DemoPlan
from sandbox.report.words import compare
from sandbox.text import fold

SILENCE_MS = 1500
STEER_EVERY_S = 5.0
BEGIN_APART_S = 0.37
"""Speakers do not speak in step, nor on the same beat: each begins this much after the one before."""
WAIT_FOR_WORDS_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one listener got: each word's lateness, and how many were omitted, said twice or wrong."""

    late_ms: Sequence[int]
    omitted: int
    duplicated: int
    wrong: int


@dataclass(kw_only=True)
class Broadcast:
    """Plays a plan; `number` sets it apart from the others of the bench: its user and its addresses in 127/8.

    It opens `opens_after_s` after the first, for that is not what is measured; all wait at `ready` until every listener
    of each has joined.
    The plan's first recordings, `rehearsed` of them, are a rehearsal in which environments start: its words must come,
    and how late they are, or an answer in it, is not counted.
    """

    url: str
    number: int
    token: str
    plan: DemoPlan
    rehearsed: int
    opens_after_s: float
    ready: asyncio.Barrier
    acknowledged_ms: list[int] = field(default_factory=list)
    told_ms: list[int] = field(default_factory=list)

    async def run(self) -> list[Heard]:
        """Play everything; one result a listener."""
        hosts = (f"127.0.{100 + self.number}.{host}" for host in itertools.count(1))
        await asyncio.sleep(self.opens_after_s)
        speaker = await Speaker.open(self.url, token=self.token, language="en", local_address=next(hosts))
        listeners = [
            await Listener.open(self.url, session_id=speaker.session_id, language=language, local_address=next(hosts))
            for language in self.plan.listen
        ]
        following = [asyncio.create_task(listener.follow()) for listener in listeners]
        await self.ready.wait()
        await asyncio.sleep(self.number * BEGIN_APART_S)
        steering = asyncio.create_task(self._steer(speaker))
        try:
            began_ms = await self._speak(speaker)
            await self._wait_for_words(listeners)
        finally:
            steering.cancel()
            await asyncio.gather(steering, return_exceptions=True)
            # How soon a crowd's ends are acknowledged is not what is measured, and must not cost what was.
            with contextlib.suppress(TimeoutError, ClosedError):
                await speaker.end()
            await asyncio.wait(following, timeout=5)
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            for listener in listeners:
                await listener.connection.close()
        return [self._heard(listener, began_ms) for listener in listeners]

    async def _speak(self, speaker: Speaker) -> int:
        pcm = b"".join(one.pcm for one in self.plan.recordings) + bytes(SILENCE_MS * BYTES_PER_MS)
        step = CHUNK_MS * BYTES_PER_MS
        return await speaker.stream(pcm[start : start + step] for start in range(0, len(pcm), step))

    async def _steer(self, speaker: Speaker) -> None:
        """Set the volume and ask for the status, again and again, each answer after the rehearsal timed."""
        measured_from = time.monotonic() + self._rehearsal_ms / 1000
        try:
            while True:
                await asyncio.sleep(STEER_EVERY_S)
                control: Message = {"action": "speakerControl", "command": "setVolume", "volume": 1.0}
                counts = time.monotonic() > measured_from
                acknowledged_ms = await _timed(speaker, control, {"type": "speakerControlAck"})
                asked = {"type": "sessionStatus", "updateReason": "requested"}
                told_ms = await _timed(speaker, {"action": "sessionStatus"}, asked)
                if counts:
                    self.acknowledged_ms.append(acknowledged_ms)
                    self.told_ms.append(told_ms)
        except ClosedError:
            return

    @property
    def _rehearsal_ms(self) -> int:
        return sum(one.duration_ms for one in self.plan.recordings[: self.rehearsed])

    def _spoken(self) -> list[tuple[str, int]]:
        """Each folded word with the millisecond of the session's audio at which it ends."""
        return [
            (part, at_ms + word.end_ms)
            for at_ms, one in self.plan.placed()
            for word in one.words
            for part in fold(word.word)
        ]

    async def _wait_for_words(self, listeners: list[Listener]) -> None:
        expected = len(self._spoken())
        deadline = time.monotonic() + WAIT_FOR_WORDS_S
        while time.monotonic() < deadline:
            if all(len(fold(one.transcript.source_text())) >= expected for one in listeners):
                return
            await asyncio.sleep(0.2)

    def _heard(self, listener: Listener, began_ms: int) -> Heard:
        spoken = self._spoken()
        arrived = [(part, line.received_ms) for line in listener.transcript.lines() for part in fold(line.source_text)]
        found = compare([word for word, _ in spoken], [word for word, _ in arrived])
        late = [
            arrived[there][1] - began_ms - spoken[here][1]
            for here, there in found.matched
            if spoken[here][1] > self._rehearsal_ms
        ]
        return Heard(late_ms=late, omitted=found.omitted, duplicated=found.duplicated, wrong=found.wrong)


async def _timed(speaker: Speaker, message: Message, answer: Message) -> int:
    """Milliseconds until an answer with these fields; what the speaker is told meanwhile unasked is another message."""
    began = time.perf_counter()
    await speaker.connection.send(message)
    while True:
        told = await speaker.connection.expect(str(answer["type"]))
        if told.items() >= answer.items():
            return round((time.perf_counter() - began) * 1000)
