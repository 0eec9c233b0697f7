"""Which chunks were sent while the broadcast was paused or muted. Pure.

The session keeps when sound last stopped and began again, and each chunk carries the time at which ingest took it: a
worker that comes late, or looks at the session only now and then, silences the same chunks as one that saw each command
at once. What is sent in a pause is silent to the millisecond of the resume, and what is said right after it is never
lost. What is sent right after a pause is heard until the worker was told of the pause, or has seen it by itself; from
when it was told until it has looked, it lets nothing be heard of which it cannot know.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """The broadcast's silences as read from its session.

    `ended`: intervals [from, until), epoch milliseconds. `since_ms`: when the one that goes on began, or None.
    `seen_at_ms`: a time at which this was true. `doubted_from_ms`: since when another change holds, which was not seen.
    """

    ended: tuple[tuple[int, int], ...] = ()
    since_ms: int | None = None
    seen_at_ms: int = 0
    doubted_from_ms: int | None = None

    def is_silent(self, received_at_ms: int) -> bool | None:
        """Whether a chunk of that time is silent; None when the session must be read once more to tell."""
        if any(begin <= received_at_ms < end for begin, end in self.ended):
            return True
        if self.doubted_from_ms is not None and received_at_ms >= self.doubted_from_ms:
            return None
        if self.since_ms is None or received_at_ms < self.since_ms:
            return False
        return True if received_at_ms <= self.seen_at_ms else None
