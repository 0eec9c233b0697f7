"""Who does what in a run, as data: a scenario draws it, the cast plays it, and the invariants know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.sim.speech import Talk

HEARTBEAT_MS = 4 * 60_000
"""How often a client says that it is there: API Gateway ends a connection that is idle for 10 minutes."""


@dataclass(frozen=True, kw_only=True)
class ListenerPlan:
    """One listener; moments are milliseconds since the session's creation, None for never."""

    name: str
    language: str
    address: str
    joins_at_ms: int = 0
    leaves_at_ms: int | None = None
    vanishes: bool = False
    """It leaves without a word, as a telephone in a tunnel."""
    refreshes_at_ms: tuple[int, ...] = ()
    """When it goes over to a new connection, besides when it is told to."""
    refresh_times: int = 1
    """How often it sends each refresh, as a client does that hears nothing for a while."""

    drops_first: bool = False
    """Its connection breaks off before it refreshes, so that it misses what is said meanwhile."""

    @property
    def stays(self) -> bool:
        """It is there from the first word to the last."""
        return self.joins_at_ms == 0 and self.leaves_at_ms is None and not self.drops_first


@dataclass(frozen=True, kw_only=True)
class Burst:
    """A piece of the talk, said from `at_ms` after the first word may be said."""

    at_ms: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, kw_only=True)
class SpeakerPlan:
    """One speaker, what it says, and who listens. It begins to speak when those who stay have joined."""

    name: str
    address: str
    talk: Talk
    listeners: tuple[ListenerPlan, ...]
    begins_at_ms: int = 0
    bursts: tuple[Burst, ...] = ()
    """The talk's pieces; between them nothing is sent. None: the talk in one piece."""
    refreshes_at_ms: tuple[int, ...] = ()
    """When it goes over to a new connection, after the first word may be said, besides when it is told to."""
    ends_at_once: bool = False
    """It ends the session with the last word, and waits for nobody to have heard it."""
    chunk_ms: int = CHUNK_MS

    @cached_property
    def chunks(self) -> Sequence[bytes]:
        """The talk as it is sent, silence between pieces and behind them left out."""
        return tuple(self.talk.recording.chunks(self.chunk_ms))

    @cached_property
    def sounds(self) -> Mapping[str, int]:
        """Which chunk each is by the digest of its audio, but for those that are silent and so all alike."""
        return {digest(chunk): seq for seq, chunk in enumerate(self.chunks) if any(chunk)}

    @property
    def pieces(self) -> tuple[Burst, ...]:
        """What is said when."""
        return self.bursts or (Burst(at_ms=0, from_ms=0, to_ms=self.talk.recording.duration_ms),)

    @property
    def speaks_for_ms(self) -> int:
        """From the first word to the last."""
        last = self.pieces[-1]
        return last.at_ms + last.to_ms - last.from_ms


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. After the last word, `patience_ms` is how long words may still take to come once faults have ended."""

    speakers: tuple[SpeakerPlan, ...]
    patience_ms: int = 90_000
    rest_ms: int = 420_000
    """How long after the sessions' end everything must have been tidied away."""

    @property
    def has_latencies(self) -> bool:
        """The report follows one session that is spoken in one piece; of others, figures would mean nothing."""
        return len(self.speakers) == 1 and not self.speakers[0].bursts

    @property
    def longest_ms(self) -> int:
        """When a run that has not ended is stuck."""
        speech = max(one.begins_at_ms + one.speaks_for_ms for one in self.speakers)
        return speech + self.patience_ms + self.rest_ms + 180_000
