"""A speaker in a run: `sandbox.client`'s, playing its plan; the journal has what it sees."""

import asyncio
import contextlib
import time
from typing import Any

from sandbox.client.connection import ClosedError, Connection, RefusedError
from sandbox.client.recording import BYTES_PER_MS
from sandbox.client.speaker import SessionRefusedError, Speaker
from sandbox.sim.errors import StuckError
from sandbox.sim.hearing import ListenerRole
from sandbox.sim.plan import HEARTBEAT_MS, Burst, SpeakerPlan
from sandbox.sim.world import SimulatedWorld
from sandbox.text import fold

SILENCE_MS = 2_500
"""Silence sent after the last word, as by a speaker who stops talking but stays on air."""
TRIES = 20
TRY_AGAIN_S, LONGEST_WAIT_S = 1.0, 8.0
"""A session whose creation was not answered is in the way of the next until its speaker counts as gone."""
LOOK_S = 0.25


class SpeakerRole:
    """One speaker and its listeners."""

    def __init__(self, world: SimulatedWorld, plan: SpeakerPlan) -> None:
        self._world = world
        self._plan = plan
        self._speaker: Speaker | None = None
        self._listeners = [ListenerRole(world, one) for one in plan.listeners]
        self._following: list[asyncio.Task[None]] = []
        self._running: list[asyncio.Task[None]] = []
        self._chunks: list[bytes] = []
        self._sending = asyncio.Lock()
        self._refreshing = asyncio.Lock()
        self._began_s = 0.0

    async def speak(self) -> None:
        """Open a session, wait for those who stay, and say everything."""
        await asyncio.sleep(self._plan.begins_at_ms / 1_000)
        speaker = self._speaker = await self._open()
        about = {"sessionId": speaker.session_id}
        self._note("client.session_created", {**about, "speaker": self._plan.name})
        self._following = [asyncio.create_task(listener.take_part(speaker.session_id)) for listener in self._listeners]
        await asyncio.gather(*(one.joined.wait() for one in self._listeners if one.plan.stays))
        self._read(speaker.connection)
        self._note("client.stream_began", about)
        self._began_s = time.perf_counter()
        recording = self._plan.talk.recording
        if not self._plan.bursts:
            words = [[word.word, word.start_ms, word.end_ms] for word in recording.words]
            self._note("client.recording", {**about, "name": recording.name, "atAudioMs": 0, "words": words})
        self._running += [
            asyncio.create_task(self._beat()),
            *(asyncio.create_task(self._refresh_at(at_ms)) for at_ms in self._plan.refreshes_at_ms),
        ]
        for piece in self._plan.pieces:
            await self._say(piece)
        if self._plan.ends_at_once:
            await self._end_session()

    async def _say(self, piece: Burst) -> None:
        await asyncio.sleep(max(0.0, self._began_s + piece.at_ms / 1_000 - time.perf_counter()))
        pcm = self._plan.talk.recording.pcm[piece.from_ms * BYTES_PER_MS : piece.to_ms * BYTES_PER_MS]
        if not self._plan.ends_at_once:
            pcm += bytes(SILENCE_MS * BYTES_PER_MS)
        began_s, step = time.perf_counter(), self._plan.chunk_ms * BYTES_PER_MS
        for start in range(0, len(pcm), step):
            chunk = pcm[start : start + step]
            due_s = began_s + (start + len(chunk)) / BYTES_PER_MS / 1_000
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            self._chunks.append(chunk)
            await self._send_what_is_due()

    async def _send_what_is_due(self) -> None:
        """Every chunk that has been said and not sent; after a refresh, some for the second time."""
        speaker = self._speaker
        assert speaker is not None
        async with self._sending:
            while speaker.next_seq < len(self._chunks):
                try:
                    await speaker.send_audio(self._chunks[speaker.next_seq])
                except ClosedError as error:
                    self._note("client.refused", {"client": self._plan.name, "reason": str(error)})
                    await self._refresh()

    # connections

    async def _refresh_at(self, at_ms: int) -> None:
        await asyncio.sleep(max(0.0, self._began_s + at_ms / 1_000 - time.perf_counter()))
        await self._refresh()

    async def _refresh(self) -> None:
        """Go over to a new connection, as often as it takes."""
        if self._refreshing.locked():
            return
        async with self._refreshing:
            await self._go_over()

    async def _go_over(self) -> None:
        speaker = self._speaker
        assert speaker is not None
        for attempt in range(TRIES):
            try:
                next_seq = await speaker.refresh(
                    self._world.network.url,
                    token=self._world.token(self._plan.name),
                    local_address=self._plan.address,
                )
            except (RefusedError, SessionRefusedError, ClosedError, TimeoutError) as error:
                self._note("client.refused", {"client": self._plan.name, "reason": str(error)})
                await asyncio.sleep(min(TRY_AGAIN_S * (attempt + 1), LONGEST_WAIT_S))
                continue
            self._note("client.refreshed", {"client": self._plan.name, "nextSeq": next_seq})
            self._read(speaker.connection)
            return

    async def _beat(self) -> None:
        speaker = self._speaker
        assert speaker is not None
        while True:
            await asyncio.sleep(HEARTBEAT_MS / 1_000)
            with contextlib.suppress(ClosedError):
                await speaker.connection.send({"action": "heartbeat"})

    def _read(self, connection: Connection) -> None:
        self._running.append(asyncio.create_task(self._read_all(connection)))

    async def _read_all(self, connection: Connection) -> None:
        assert self._speaker is not None
        async for message in connection.messages():
            # A previous connection is refused audio from the moment at which another is the session's own.
            is_previous = connection is not self._speaker.connection or self._refreshing.locked()
            if is_previous and message.get("code") == "UNAUTHORIZED_ACTION":
                continue
            about = {"speaker": self._plan.name, "type": str(message.get("type"))}
            if "code" in message:
                about["code"] = message["code"]
            self._note("client.message", about)
            if about["type"] == "connectionRefreshRequired":
                self._running.append(asyncio.create_task(self._refresh()))

    # the end

    async def wait_for_words(self, patience_ms: int) -> None:
        """Until everybody who stayed has every word, or patience ends; where nobody did, until all audio was taken."""
        wanted = sum(len(fold(word.word)) for word in self._plan.talk.words)
        until_ms = self._world.clock.now_ms() + patience_ms
        staying = [one for one in self._listeners if one.plan.stays and one.hears]
        while self._world.clock.now_ms() < until_ms and (  # noqa: ASYNC110 - it watches
            any(one.words() < wanted for one in staying) if staying else self._audio_waits()
        ):
            await asyncio.sleep(LOOK_S)
        # Whoever leaves while words are on their way has left before what follows is looked at.
        leaving = [task for task, one in zip(self._following, self._listeners, strict=True) if one.plan.leaves_at_ms]
        if leaving:
            await asyncio.wait(leaving, timeout=patience_ms / 1_000)
        await asyncio.sleep(2)

    def _audio_waits(self) -> bool:
        """Whether the session's queue still has chunks."""
        assert self._speaker is not None
        queues = self._world.queues
        names = [name for name in queues.names() if name.endswith(f"-{self._speaker.session_id}")]
        return any(sum(queues.counts(name)) for name in names)

    async def end(self) -> None:
        """End the session; everybody's connection is closed by the server or by themselves."""
        assert self._speaker is not None
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if not self._plan.ends_at_once:
            await self._end_session()
        await asyncio.wait(self._following, timeout=10)
        for listener in self._listeners:
            await listener.leave()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._speaker.connection.close()

    async def _end_session(self) -> None:
        assert self._speaker is not None
        self._world.hosts.session_ends(self._speaker.session_id)
        with contextlib.suppress(ClosedError, TimeoutError):
            await self._speaker.end()

    async def _open(self) -> Speaker:
        """A session; with faults on, refusals are tried again as a browser's user would."""
        for attempt in range(TRIES):
            try:
                return await Speaker.open(
                    self._world.network.url,
                    token=self._world.token(self._plan.name),
                    language="en",
                    local_address=self._plan.address,
                )
            except (RefusedError, RuntimeError, ClosedError, TimeoutError) as error:
                self._note("client.refused", {"client": self._plan.name, "reason": str(error)})
                await asyncio.sleep(min(TRY_AGAIN_S * (attempt + 1), LONGEST_WAIT_S))
        waiting = f"a session for {self._plan.name}, in {TRIES} tries"
        raise StuckError(at_ms=self._world.journal_ms(), waiting=waiting)

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, about)
