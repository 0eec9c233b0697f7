"""The sandbox's clock: the one object that shells ask for the time and for wake-ups.

Cores never see it; they are given `now_ms`. Epoch milliseconds throughout.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Timer:
    """A wake-up that can be cancelled."""

    at_ms: int
    order: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class LiveClock:
    """The wall clock plus an offset that only grows (`advance`); timers follow the offset at once.

    Timers need a running event loop and fire on it; the clock belongs to the loop that first sets a timer.
    """

    def __init__(self) -> None:
        self._offset_ms = 0
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for: Timer | None = None

    def now_ms(self) -> int:
        """Epoch milliseconds on the sandbox's clock."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    @property
    def offset_ms(self) -> int:
        """How far the sandbox's clock is ahead of the machine's."""
        return self._offset_ms

    def call_at(self, at_ms: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` on the event loop when the sandbox's clock reaches `at_ms` (at once if it has)."""
        timer = Timer(at_ms=at_ms, order=next(self._order), callback=callback)
        heapq.heappush(self._timers, timer)
        self._arm()
        return timer

    async def sleep_until(self, at_ms: int) -> None:
        """Return when the sandbox's clock reaches `at_ms`."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def reach() -> None:
            if not reached.done():
                reached.set_result(None)

        timer = self.call_at(at_ms, reach)
        try:
            await reached
        finally:
            timer.cancel()

    def advance(self, by_ms: int) -> None:
        """Move the clock forward; timers that fall due fire on the loop's next turn. Raises ValueError below zero."""
        if by_ms < 0:
            raise ValueError(f"the clock only moves forward: expected 0 ms or more, got {by_ms}")
        self._offset_ms += by_ms
        self._disarm()
        if self._timers:
            self._arm()

    def _arm(self) -> None:
        """Wake at the first timer; a loop that will already is left as it is."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        first = self._timers[0] if self._timers else None
        if first is not None and first is self._armed_for:
            return
        self._disarm()
        if first is not None:
            delay_s = max(0, first.at_ms - self.now_ms()) / 1000
            self._handle, self._armed_for = asyncio.get_running_loop().call_later(delay_s, self._fire), first

    def _disarm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._armed_for = None

    def _fire(self) -> None:
        self._handle = self._armed_for = None
        now_ms = self.now_ms()
        while self._timers and self._timers[0].at_ms <= now_ms:
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                timer.callback()
        self._arm()
