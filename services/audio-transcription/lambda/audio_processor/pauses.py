"""Which chunks were sent while the broadcast was paused or muted. Pure.

The worker sees the session's state now and then, and each chunk carries the time at which ingest took it. A chunk is
silent when both the state seen before it and the state seen after it say so: what is said right after a resume is never
lost. What is sent right after a pause is heard until the worker has seen the pause.
"""

from dataclasses import dataclass

KEPT = 8
"""Intervals kept: those that chunks still in the queue may fall into."""


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """Intervals [first seen paused, last seen paused], epoch milliseconds, oldest first."""

    intervals: tuple[tuple[int, int], ...] = ()
    paused: bool = False

    def seen(self, paused: bool, at_ms: int) -> "Pauses":
        """The broadcast's state as read at a time not before the last."""
        if not paused:
            return Pauses(intervals=self.intervals, paused=False)
        if self.paused:
            begin, _ = self.intervals[-1]
            return Pauses(intervals=(*self.intervals[:-1], (begin, at_ms)), paused=True)
        return Pauses(intervals=(*self.intervals, (at_ms, at_ms))[-KEPT:], paused=True)

    def is_silent(self, received_at_ms: int) -> bool | None:
        """Whether a chunk of that time is silent; None when the state must be read once more to tell."""
        if any(begin <= received_at_ms <= end for begin, end in self.intervals):
            return True
        if self.paused and received_at_ms > self.intervals[-1][1]:
            return None
        return False
