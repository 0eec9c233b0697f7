"""A sliding window of events. Pure."""

from collections import deque


class RateWindow:
    """Allows `limit` events in any `window_ms`."""

    def __init__(self, *, limit: int, window_ms: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._at_ms: deque[int] = deque()

    def allow(self, now_ms: int) -> bool:
        """Whether one more event may happen now; a refused one does not count."""
        while self._at_ms and self._at_ms[0] <= now_ms - self._window_ms:
            self._at_ms.popleft()
        if len(self._at_ms) >= self._limit:
            return False
        self._at_ms.append(now_ms)
        return True
