"""A sliding window of events, as a list that is kept anywhere. Pure."""

from collections.abc import Sequence


def admit(events_ms: Sequence[int], *, now_ms: int, limit: int, window_ms: int) -> list[int] | None:
    """The events of the window with one more at `now_ms`, or None when `limit` of them are in it already.

    A refused event does not count, so whoever is refused may come again as soon as the oldest has left the window.
    """
    within = [at_ms for at_ms in events_ms if at_ms > now_ms - window_ms]
    return [*within, now_ms] if len(within) < limit else None
