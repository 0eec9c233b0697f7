"""A sliding window of events in one environment's memory. Pure."""

from broadcast.sliding_window import admit


class RateWindow:
    """Allows `limit` events in any `window_ms`."""

    def __init__(self, *, limit: int, window_ms: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._at_ms: list[int] = []

    def allow(self, now_ms: int) -> bool:
        """Whether one more event may happen now; a refused one does not count."""
        admitted = admit(self._at_ms, now_ms=now_ms, limit=self._limit, window_ms=self._window_ms)
        if admitted is None:
            return False
        self._at_ms = admitted
        return True
