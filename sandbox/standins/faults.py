"""Faults that a stand-in is told to have, and the rate at which it refuses. Pure."""

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


@dataclass(kw_only=True)
class _Fault:
    """An error for the next `left` requests (None: however many), no later than `until_ms`, of one operation or all."""

    code: str
    left: int | None
    until_ms: int | None
    operation: str


class Faults:
    """Errors that the next requests get, whatever they ask, in the order in which they were wished."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def add(self, code: str, *, times: int | None = 1, until_ms: int | None = None, operation: str = "") -> None:
        """Have requests refused with the code: this many, or all until a moment, of one operation or of every one."""
        self._faults.append(_Fault(code=code, left=times, until_ms=until_ms, operation=operation))

    def next(self, *, now_ms: int, operation: str = "") -> str | None:
        """The error of this request, or None."""
        self._faults = [one for one in self._faults if one.until_ms is None or now_ms < one.until_ms]
        for fault in self._faults:
            if fault.operation in ("", operation):
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left == 0:
                        self._faults.remove(fault)
                return fault.code
        return None

    def clear(self) -> None:
        """Have no more of them."""
        self._faults.clear()
