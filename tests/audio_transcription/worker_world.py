"""A world for stream workers, in virtual time: queue, lease, Transcribe and translation that we own."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from audio_processor import limits
from audio_processor.assignment import Assignment, Ending, Ports
from audio_processor.core_adapter import make_core
from audio_processor.core_port import CoreFactory
from audio_processor.lease import Lease
from audio_processor.worker import StreamWorker
from broadcast.segments import SegmentRequest

from tests.audio_transcription import worker_ports
from tests.audio_transcription.fake_stream import FakeStream
from tests.audio_transcription.spoken import Utterance, audio
from tests.audio_transcription.virtual_time import EPOCH_MS, VirtualClock

SESSION = "calm-otter-123"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What may go wrong, all none by default. Probabilities are of 1; calls are counted over one worker's ports."""

    shuffled: float = 0.0
    doubled: float = 0.0
    redelivered: float = 0.0
    stream_fails_at_ms: tuple[int, ...] = ()
    opening_fails: int = 0
    forward_fails: int = 0
    successor_fails: int = 0
    queue_down_ms: tuple[int, int] = (0, 0)
    """From and to, milliseconds of the run: receives are not answered."""
    ingest_late_ms: tuple[int, int] = (0, 0)
    """From and to, milliseconds of the run: what the gateway takes then comes to the queue at the end."""
    look_takes_ms: int = 5
    """How long the table takes to say what a session is."""
    answer_lost_at_ms: int | None = None
    """Of the run: the next messages are received and their answer is lost, once."""
    slow_ms: tuple[int, int] = (0, 0)
    """From and to, milliseconds of the run: Transcribe's window has no room."""

    def unread_ms(self, now_ms: int) -> int:
        begin, end = self.slow_ms
        return limits.SEND_AHEAD_MS + 1 if begin <= now_ms - EPOCH_MS < end else 0


@dataclass(kw_only=True)
class Mortal:
    """A worker's life: it may die at its n-th call to the world, before the call takes effect or after."""

    dies_at_call: int | None = None
    before_effect: bool = False
    dies_at_first_save: bool = False
    """It has the lease, and has not yet written anything."""
    calls: int = 0
    dead: bool = False


@dataclass(kw_only=True)
class Message:
    body: dict[str, Any]
    message_id: str
    visible_at_ms: int
    receipt: int = 0


@dataclass(kw_only=True)
class World:
    script: list[Utterance]
    faults: Faults = field(default_factory=Faults)
    seed: int = 1
    lifetime_ms: int = 60_000
    cold_start_ms: int = 800
    chunk_ms: int = 100
    quiet_after_ms: int = 1_000
    sound: Callable[[int, int], bytes] = audio
    """What the speaker sends: by its place and its length in milliseconds."""
    make_core: CoreFactory = make_core
    mortals: list[Mortal] = field(default_factory=list)
    """The lives of the workers in the order of their starts; the rest live for ever."""

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.chance = random.Random(self.seed)
        self.messages: list[Message] = []
        self.arrived = asyncio.Event()
        self.queue_exists = True
        self.item: dict[str, Any] = {
            "active": True,
            "ended_at_ms": 0,
            "words_are_out": False,
            "silent_since_ms": None,
            "silences": (),
            "volume": 1.0,
            "lease": Lease(),
            "checkpoint": None,
        }
        self.parameter: Mapping[str, Any] | None = {}
        self.switched_at_ms = 0
        self.answers_lost = 0
        self.forwarded: list[SegmentRequest] = []
        self.warnings: list[Mapping[str, Any]] = []
        self.warned_at_ms: list[int] = []
        self.closed: list[str] = []
        self.levels: dict[str, list[float]] = {}
        self.endings: list[Ending | BaseException] = []
        self.streams: list[FakeStream] = []
        self.fed: list[tuple[int, int]] = []
        self.counts: dict[str, int] = {}
        self.workers: list[asyncio.Task[None]] = []
        self.failed_streams: set[int] = set()
        self.over = asyncio.Event()
        self._ids = itertools.count()

    # the speaker and ingest

    async def speak(self, *, seqs: Sequence[int] | None = None) -> None:
        """Send the whole script, and some quiet after it, in real time."""
        end_ms = self.script[-1].end_ms + self.quiet_after_ms
        for seq, start_ms in enumerate(range(0, end_ms, self.chunk_ms)):
            await asyncio.sleep(self.chunk_ms / 1_000)
            if seqs is None or seq in seqs:
                self.ingest(seq, self.sound(start_ms, self.chunk_ms))

    def ingest(self, seq: int, sound: bytes) -> None:
        for _ in range(2 if self.chance.random() < self.faults.doubled else 1):
            body = {"seq": seq, "audio": sound, "receivedAtMs": self.clock.now_ms(), "connectionId": "speaker"}
            late_ms = self.chance.randrange(50, 400) if self.chance.random() < self.faults.shuffled else 0
            begin, end = self.faults.ingest_late_ms
            if begin <= self.clock.now_ms() - EPOCH_MS < end:
                late_ms = end - (self.clock.now_ms() - EPOCH_MS)
            message = Message(body=body, message_id=f"m{next(self._ids)}", visible_at_ms=self.clock.now_ms() + late_ms)
            self.messages.append(message)
        self.arrive()
        lease: Lease = self.item["lease"]
        if not lease.is_live(self.clock.now_ms()):
            self.start_worker_soon()

    def change(self, *, silent: bool | None = None, **state: Any) -> None:
        """A command of the speaker's: the session's item, then the message that tells the worker."""
        now_ms = self.clock.now_ms()
        self.item |= state
        if silent:
            self.item["silent_since_ms"] = now_ms
        elif silent is not None:
            self.item["silences"] += ((self.item["silent_since_ms"], now_ms),)
            self.item["silent_since_ms"] = None
        self.tell_of_change(since_ms=now_ms)

    def tell_of_change(self, since_ms: int | None = None) -> None:
        """The message that has the worker look at the session's item."""
        body = {"kind": "stateChanged"} | ({} if since_ms is None else {"sinceMs": since_ms})
        message = Message(body=body, message_id=f"m{next(self._ids)}", visible_at_ms=self.clock.now_ms())
        self.messages.append(message)
        self.arrive()

    def arrive(self) -> None:
        self.arrived.set()
        self.arrived = asyncio.Event()

    def start_worker_soon(self) -> None:
        """Ingest's start of a worker, at most one under way."""
        if all(task.done() for task in self.workers[-1:]) or self._last_is_dead():
            self.start_worker(predecessor_token=None, generation=0)

    def _last_is_dead(self) -> bool:
        return len(self.mortals) >= len(self.workers) and self.mortals[len(self.workers) - 1].dead

    def start_worker(self, *, predecessor_token: int | None, generation: int) -> None:
        number = len(self.workers)
        mortal = self.mortals[number] if number < len(self.mortals) else Mortal()
        self.workers.append(asyncio.create_task(self._work(number, mortal, predecessor_token, generation)))

    async def _work(self, number: int, mortal: Mortal, predecessor_token: int | None, generation: int) -> None:
        await asyncio.sleep(self.cold_start_ms / 1_000)
        port = Port(self, mortal)
        assignment = Assignment(
            worker=f"worker-{number}",
            session_id=SESSION,
            callback_url="https://api.example/prod",
            generation=generation,
            predecessor_token=predecessor_token,
            ends_at_ms=self.clock.now_ms() + self.lifetime_ms,
        )
        ports = Ports(
            store=worker_ports.FakeStore(port),
            queue=worker_ports.FakeQueue(port),
            transcriber=worker_ports.FakeTranscriber(port),
            outside=worker_ports.FakeOutside(port),
            settings=worker_ports.FakeSettings(self),
            meter=worker_ports.FakeMeter(self),
            clock=self.clock,
            make_core=self.make_core,
            jitter=self.chance.random,
        )
        try:
            self.endings.append(await StreamWorker(assignment=assignment, ports=ports).run())
        except Exception as error:
            self.endings.append(error)

    def end(self) -> None:
        """The speaker ends the session, whatever was heard of it."""
        self.item |= {"active": False, "ended_at_ms": self.clock.now_ms()}

    async def finish(self, *, within_s: float = 90) -> None:
        """End the session and wait for the last worker; dead ones are buried."""
        self.end()
        living = [
            task
            for number, task in enumerate(self.workers)
            if not (number < len(self.mortals) and self.mortals[number].dead)
        ]
        await asyncio.wait_for(asyncio.gather(*living), within_s)
        self.over.set()
        await asyncio.gather(*self.workers, return_exceptions=True)

    # what must hold

    def spoken_words(self) -> list[str]:
        return [word.text for utterance in self.script for word in utterance.words]

    def segments(self) -> list[SegmentRequest]:
        """By number, each once. Fails when one number was given to different words."""
        unique: dict[int, SegmentRequest] = {}
        for segment in self.forwarded:
            kept = unique.setdefault(segment.sequence, segment)
            assert kept.sourceText == segment.sourceText, f"{segment.segmentId} has two texts"
            assert segment.segmentId == f"{SESSION}-{segment.sequence}"
        return [unique[number] for number in sorted(unique)]

    def forwarded_words(self) -> list[str]:
        texts = " ".join(one.sourceText for one in self.segments() if one.correctionOf is None)
        return texts.replace(".", "").replace(",", "").split()


class Port:
    """Every call of a worker goes through here: it takes time, and may be its last."""

    def __init__(self, world: World, mortal: Mortal) -> None:
        self.world = world
        self.mortal = mortal

    async def call(self, effect: Callable[[], Awaitable[T] | T], *, takes_ms: int = 5) -> T:
        if self.mortal.dead:
            await self.for_ever()
        self.mortal.calls += 1
        dying = self.mortal.calls == self.mortal.dies_at_call
        if dying and self.mortal.before_effect:
            self.mortal.dead = True
            await self.for_ever()
        await asyncio.sleep(takes_ms / 1_000)
        answer = effect()
        result = await answer if isinstance(answer, Awaitable) else answer
        if dying or self.mortal.dead:
            self.mortal.dead = True
            await self.for_ever()
        return result

    async def for_ever(self) -> None:
        await self.world.over.wait()
        raise asyncio.CancelledError
