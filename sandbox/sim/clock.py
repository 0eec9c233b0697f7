"""The sandbox's clock in a simulation."""

from sandbox.clock import LiveClock
from sandbox.sim.scheduler import US_PER_MS, Scheduler


class VirtualClock(LiveClock):
    """`LiveClock` that asks the scheduler for the time, and not Python's `time` on which the scheduler moves it."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def now_ms(self) -> int:
        return self._scheduler.now_us // US_PER_MS + self._offset_ms
