"""The clients of a run: speakers and listeners of `sandbox.client`, playing a plan; the journal has what they see."""

import asyncio
import contextlib
from typing import Any

from sandbox.client.connection import ClosedError, Message, RefusedError
from sandbox.client.listener import Listener
from sandbox.client.recording import BYTES_PER_MS, CHUNK_MS
from sandbox.client.speaker import Speaker
from sandbox.sim.network import SimulatedSocket
from sandbox.sim.plan import ListenerPlan, Plan, SpeakerPlan
from sandbox.sim.world import SimulatedWorld
from sandbox.text import fold

SILENCE_MS = 2_500
"""Silence sent after the last word, as by a speaker who stops talking but stays on air."""
TRIES = 8
TRY_AGAIN_S = 1.0
LOOK_S = 0.25


class Cast:
    """Everybody who takes part."""

    def __init__(self, world: SimulatedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self.waiting_for = "the first speaker"

    async def play(self) -> None:
        """From the first connection until everything has been tidied away, or should have been."""
        speakers = [_SpeakerRole(self._world, one) for one in self._plan.speakers]
        await asyncio.gather(*(speaker.speak() for speaker in speakers))
        # Safety was watched with faults on; from here on there are none, and everything that was said must arrive.
        self._world.heal()
        self._note("run.healed", {})
        self.waiting_for = "the last words"
        await asyncio.gather(*(speaker.wait_for_words(self._plan.patience_ms) for speaker in speakers))
        self._note("run.heard", {})
        self.waiting_for = "the sessions' end"
        await asyncio.gather(*(speaker.end() for speaker in speakers))
        self.waiting_for = "everything to be tidied away"
        await self._rest()

    async def _rest(self) -> None:
        until_ms = self._world.clock.now_ms() + self._plan.rest_ms
        while self._world.clock.now_ms() < until_ms and not is_at_rest(self._world):  # noqa: ASYNC110 - it watches
            await asyncio.sleep(1)
        self._note("run.rested", {})

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, about)


def is_at_rest(world: SimulatedWorld) -> bool:
    """Nothing of any session is left, and nothing runs."""
    busy = any(one["phase"] in ("busy", "returning", "init") for one in world.functions.environments())
    return not (busy or leftovers(world))


def leftovers(world: SimulatedWorld) -> list[str]:
    """What sessions have left behind, by name."""
    found = [f"the queue {name}" for name in world.queues.names() if name.startswith("session-audio-")]
    for table in world.tables.table_names():
        if table.startswith("Connections-"):
            found += [f"the record of the connection {item['connectionId']['S']}" for item in world.tables.items(table)]
        if table.startswith("Sessions-"):
            found += [
                f"the live session {item['sessionId']['S']}"
                for item in world.tables.items(table)
                if item.get("status", {}).get("S") == "active"
            ]
    if world.transcribe.exchanges:
        found.append(f"{len(world.transcribe.exchanges)} Transcribe streams")
    if world.gateway.connection_count():
        found.append(f"{world.gateway.connection_count()} open connections")
    return found


class _SpeakerRole:
    """One speaker and its listeners."""

    def __init__(self, world: SimulatedWorld, plan: SpeakerPlan) -> None:
        self._world = world
        self._plan = plan
        self._speaker: Speaker | None = None
        self._listeners = [_ListenerRole(world, one) for one in plan.listeners]
        self._following: list[asyncio.Task[None]] = []
        self._reading: asyncio.Task[None] | None = None

    async def speak(self) -> None:
        """Open a session, wait for those who stay, and say everything."""
        await asyncio.sleep(self._plan.begins_at_ms / 1_000)
        speaker = self._speaker = await self._open()
        self._note("client.session_created", {"sessionId": speaker.session_id, "speaker": self._plan.name})
        self._following = [asyncio.create_task(listener.take_part(speaker.session_id)) for listener in self._listeners]
        await asyncio.gather(*(one.joined.wait() for one in self._listeners if one.plan.stays))
        self._reading = asyncio.create_task(self._read(speaker))
        recording = self._plan.talk.recording
        about = {"sessionId": speaker.session_id}
        self._note("client.stream_began", about)
        words = [[word.word, word.start_ms, word.end_ms] for word in recording.words]
        self._note("client.recording", {**about, "name": recording.name, "atAudioMs": 0, "words": words})
        pcm = recording.pcm + bytes(SILENCE_MS * BYTES_PER_MS)
        step = CHUNK_MS * BYTES_PER_MS
        await speaker.stream(pcm[start : start + step] for start in range(0, len(pcm), step))

    async def wait_for_words(self, patience_ms: int) -> None:
        """Until everybody who stayed has every word, or patience ends."""
        wanted = sum(len(fold(word.word)) for word in self._plan.talk.words)
        until_ms = self._world.clock.now_ms() + patience_ms
        staying = [one for one in self._listeners if one.plan.stays]
        while self._world.clock.now_ms() < until_ms and any(one.words() < wanted for one in staying):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        # Whoever leaves while words are on their way has left before what follows is looked at.
        leaving = [task for task, one in zip(self._following, self._listeners, strict=True) if one.plan.leaves_at_ms]
        if leaving:
            await asyncio.wait(leaving, timeout=patience_ms / 1_000)
        await asyncio.sleep(2)

    async def end(self) -> None:
        """End the session; everybody's connection is closed by the server or by themselves."""
        assert self._speaker is not None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        with contextlib.suppress(ClosedError, TimeoutError):
            await self._speaker.end()
        await asyncio.wait(self._following, timeout=10)
        for listener in self._listeners:
            await listener.leave()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._speaker.connection.close()

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
                await asyncio.sleep(TRY_AGAIN_S * (attempt + 1))
        raise RuntimeError(f"expected {self._plan.name} to get a session in {TRIES} tries, got none")

    async def _read(self, speaker: Speaker) -> None:
        async for message in speaker.connection.messages():
            about = {"speaker": self._plan.name, "type": str(message.get("type"))}
            if "code" in message:
                about["code"] = message["code"]
            self._note("client.message", about)

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, about)


class _ListenerRole:
    """One listener."""

    def __init__(self, world: SimulatedWorld, plan: ListenerPlan) -> None:
        self._world = world
        self.plan = plan
        self.joined = asyncio.Event()
        self._listener: Listener | None = None

    def words(self) -> int:
        """How many words it has."""
        return len(fold(self._listener.transcript.source_text())) if self._listener is not None else 0

    async def take_part(self, session_id: str) -> None:
        """Join, follow, and leave when the plan says so."""
        await asyncio.sleep(self.plan.joins_at_ms / 1_000)
        listener = self._listener = await self._open(session_id)
        if listener is None:
            self.joined.set()
            return
        self._note("client.listener_joined", {"language": self.plan.language, "sessionId": session_id})
        self.joined.set()
        following = asyncio.create_task(listener.follow(self._receive))
        if self.plan.leaves_at_ms is not None:
            await asyncio.wait([following], timeout=(self.plan.leaves_at_ms - self.plan.joins_at_ms) / 1_000)
            self._note("client.listener_leaves", {"vanishes": self.plan.vanishes})
            socket: Any = listener.connection.socket
            if self.plan.vanishes and isinstance(socket, SimulatedSocket):
                socket.vanish()
            else:
                await listener.connection.close()
        await following

    async def leave(self) -> None:
        if self._listener is not None:
            await self._listener.connection.close()

    async def _open(self, session_id: str) -> Listener | None:
        for attempt in range(TRIES):
            try:
                return await Listener.open(
                    self._world.network.url,
                    session_id=session_id,
                    language=self.plan.language,
                    local_address=self.plan.address,
                )
            except (RefusedError, RuntimeError, ClosedError, TimeoutError) as error:
                self._note("client.refused", {"client": self.plan.name, "reason": str(error)})
                await asyncio.sleep(TRY_AGAIN_S * (attempt + 1))
        return None

    def _receive(self, message: Message, _received_ms: int, new: bool) -> None:
        if message.get("type") != "translation":
            self._note("client.message", {"type": str(message.get("type"))})
            return
        kept = ("sessionId", "segmentId", "sequence", "language", "text", "sourceText", "endMs", "correctionOf")
        about = {key: message[key] for key in kept if message.get(key) is not None}
        self._note("client.translation", {"new": new, **about})

    def _note(self, kind: str, about: dict[str, Any]) -> None:
        self._world.journal.write(kind, {"listener": self.plan.name, **about})
