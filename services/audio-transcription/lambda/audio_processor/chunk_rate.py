"""How fast each connection sends, over all execution environments: the stream worker sees every accepted chunk. Pure.

Each message says when it came to the gateway, on which connection, and how many chunks that environment has refused on
it since the last one it took. So the count is whole without a call to any table; what it costs is that the excess over
what one environment takes is noticed a moment after it was accepted, and is transcribed until the connection is closed.
"""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from audio_processor import limits
from audio_processor.chunk import Chunk

CONNECTIONS = 8
"""Connections kept: a speaker has one, and for a moment two when it refreshes."""


class Verdict(Enum):
    """What a connection's rate calls for."""

    TOO_FAST = auto()
    """More than the limit within the last second."""
    CLOSE = auto()
    """It has been too fast for RATE_PATIENCE_MS."""


@dataclass(kw_only=True)
class _Sender:
    """One connection. `events`: times of the last second's chunks and how many each stands for."""

    events: list[tuple[int, int]] = field(default_factory=list)
    excess_since_ms: int | None = None
    excess_at_ms: int = 0
    is_closed: bool = False


class ChunkRate:
    """Sliding windows, one for each connection."""

    def __init__(self) -> None:
        self._senders: dict[str, _Sender] = {}

    def saw(self, chunks: Iterable[Chunk]) -> dict[str, Verdict]:
        """Count deliveries, repeats of the speaker's included; returns the connections that are too fast."""
        verdicts = {}
        for chunk in chunks:
            verdict = self._count(chunk)
            if verdict is not None:
                verdicts[chunk.connection_id] = verdict
        return verdicts

    def _count(self, chunk: Chunk) -> Verdict | None:
        sender = self._sender(chunk.connection_id)
        at_ms = chunk.arrived_at_ms
        newest_ms = max(at_ms, sender.events[-1][0] if sender.events else 0)
        if sender.is_closed or at_ms < newest_ms - limits.RATE_LATE_MS:
            return None
        insort(sender.events, (at_ms, 1 + chunk.refused_before))
        while sender.events[0][0] <= newest_ms - limits.RATE_LATE_MS - limits.RATE_WINDOW_MS:
            del sender.events[0]
        within = (count for taken_ms, count in sender.events if at_ms - limits.RATE_WINDOW_MS < taken_ms <= at_ms)
        if sum(within) <= limits.CHUNKS_PER_S + limits.RATE_SPARE:
            return None
        if sender.excess_since_ms is None or at_ms - sender.excess_at_ms > limits.RATE_FORGOTTEN_MS:
            sender.excess_since_ms = at_ms
        sender.excess_at_ms = max(sender.excess_at_ms, at_ms)
        sender.is_closed = sender.excess_at_ms - sender.excess_since_ms >= limits.RATE_PATIENCE_MS
        return Verdict.CLOSE if sender.is_closed else Verdict.TOO_FAST

    def _sender(self, connection_id: str) -> _Sender:
        sender = self._senders.pop(connection_id, None) or _Sender()
        self._senders[connection_id] = sender
        if len(self._senders) > CONNECTIONS:
            del self._senders[next(iter(self._senders))]
        return sender
