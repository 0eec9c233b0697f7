"""Who does what in a run, as data: a scenario draws it, the cast plays it, and the invariants know it."""

from dataclasses import dataclass

from sandbox.sim.speech import Talk


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

    @property
    def stays(self) -> bool:
        """It is there from the first word to the last."""
        return self.joins_at_ms == 0 and self.leaves_at_ms is None


@dataclass(frozen=True, kw_only=True)
class SpeakerPlan:
    """One speaker, what it says, and who listens. It begins to speak when those who stay have joined."""

    name: str
    address: str
    talk: Talk
    listeners: tuple[ListenerPlan, ...]
    begins_at_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. After the last word, `patience_ms` is how long words may still take to come once faults have ended."""

    speakers: tuple[SpeakerPlan, ...]
    patience_ms: int = 60_000
    rest_ms: int = 240_000
    """How long after the sessions' end everything must have been tidied away."""

    @property
    def longest_ms(self) -> int:
        """When a run that has not ended is stuck."""
        speech = max(one.begins_at_ms + one.talk.recording.duration_ms for one in self.speakers)
        return speech + self.patience_ms + self.rest_ms + 180_000
