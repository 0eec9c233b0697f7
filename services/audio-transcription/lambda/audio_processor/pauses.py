"""Which chunks were sent while the broadcast was paused or muted. Pure.

The worker sees the session's state now and then, with the time since which it has been so, and each chunk carries the
time at which ingest took it. What is sent in a pause is silent to the millisecond of the resume, and what is said right
after it is never lost. What is sent right after a pause is heard until the worker has seen the pause.
"""

from dataclasses import dataclass

KEPT = 8
"""Intervals kept: those that chunks still in the queue may fall into."""


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """Intervals [paused from, known to be paused until], epoch milliseconds, oldest first."""

    intervals: tuple[tuple[int, int], ...] = ()
    paused: bool = False

    def seen(self, paused: bool, at_ms: int, since_ms: int) -> "Pauses":
        """The broadcast's state as read at a time not before the last, and when it became so (0: not known)."""
        if self.paused:
            begin, end = self.intervals[-1]
            until_ms = at_ms if paused else max(end, min(since_ms - 1, at_ms))
            return Pauses(intervals=(*self.intervals[:-1], (begin, until_ms)), paused=paused)
        if not paused:
            return self
        begin_ms = min(since_ms or at_ms, at_ms)
        return Pauses(intervals=(*self.intervals, (begin_ms, at_ms))[-KEPT:], paused=True)

    def is_silent(self, received_at_ms: int) -> bool | None:
        """Whether a chunk of that time is silent; None when the state must be read once more to tell."""
        if any(begin <= received_at_ms <= end for begin, end in self.intervals):
            return True
        if self.paused and received_at_ms > self.intervals[-1][1]:
            return None
        return False
