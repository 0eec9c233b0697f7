"""Faults that a stand-in is told to have, and the rate at which it refuses. Pure."""

from collections import Counter
from dataclasses import dataclass

_MS = 1_000


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Requests a second, and how many may come at once after a pause."""

    per_s: int
    burst: int


class TokenBucket:
    """A quota in use: full at the beginning, refilled evenly, one thousandth of a request at a time."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._thousandths = quota.burst * _MS
        self._filled_ms: int | None = None

    def take(self, now_ms: int) -> bool:
        """True when a request at this time is within the quota; a refused request uses up nothing."""
        if self._filled_ms is not None:
            more = max(0, now_ms - self._filled_ms) * self._quota.per_s
            self._thousandths = min(self._quota.burst * _MS, self._thousandths + more)
        self._filled_ms = now_ms
        if self._thousandths < _MS:
            return False
        self._thousandths -= _MS
        return True


class Faults:
    """Errors that the next requests get, whatever they ask."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()

    def add(self, code: str, *, times: int = 1) -> None:
        """Have this many more requests refused with the code."""
        self._left[code] += times

    def next(self) -> str | None:
        """The error of this request, or None."""
        code = next(iter(self._left), None)
        if code is None:
            return None
        self._left[code] -= 1
        if self._left[code] <= 0:
            del self._left[code]
        return code
