"""Transcribe does not take audio: since when, what the speaker is told, and what is dropped. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audio_processor import limits
from audio_processor.ledger import HeldChunk


@dataclass(frozen=True, kw_only=True)
class Outage:
    """What a successor must know. `since_ms`: epoch time from which no audio is taken, 0 while it is; `told`: the
    speaker knows of it; `dropped_until_ms`: the place in the session's audio up to which dropped chunks are counted."""

    since_ms: int = 0
    told: bool = False
    dropped_until_ms: int = 0

    def after_a_crash(self) -> "Outage":
        """As the worker takes it that comes after one which died: what waited meanwhile waited for a worker, and
        nobody knows yet whether Transcribe would take it."""
        return replace(self, since_ms=0)


class OutageWatch:
    """One worker's view, begun where its predecessor's ended."""

    def __init__(self, start: Outage) -> None:
        self._since_ms = start.since_ms
        self._told = start.told
        self._dropped_until_ms = start.dropped_until_ms
        self._waits = False
        self.dropped = 0
        """Chunks dropped so far."""

    @property
    def state(self) -> Outage:
        return Outage(since_ms=self._since_ms, told=self._told, dropped_until_ms=self._dropped_until_ms)

    @property
    def drop_due_at_ms(self) -> int | None:
        """When what waits begins to be dropped; None while nothing waits."""
        return self._since_ms + limits.BUFFER_MS if self._waits else None

    def waits(self, now_ms: int) -> None:
        """There is audio that is not taken."""
        self._since_ms = self._since_ms or now_ms
        self._waits = True

    def taken(self) -> None:
        """A stream has been given all the audio there is; that it hears it, only its answer shows."""
        self._waits = False

    def answered(self) -> bool:
        """The service has spoken of the audio; whether the speaker is to be told that all is well again."""
        if self._waits:
            return False
        tell, self._told, self._since_ms = self._told, False, 0
        return tell

    def to_tell(self) -> bool:
        """Whether the speaker is to be told of the outage: once."""
        tell, self._told = not self._told, True
        return tell

    def overdue(self, waiting: Sequence[HeldChunk], now_ms: int) -> list[HeldChunk]:
        """The oldest of the chunks that wait, as many as there is no room for; they are counted, each once."""
        due_at_ms = self.drop_due_at_ms
        if due_at_ms is None or now_ms < due_at_ms or not waiting:
            return []
        kept_from_ms = waiting[-1].end_ms - limits.BUFFER_MS
        overdue = [held for held in waiting if held.end_ms <= kept_from_ms]
        for held in overdue:
            if held.end_ms > self._dropped_until_ms:
                self._dropped_until_ms = held.end_ms
                self.dropped += not held.silent
        return overdue
