"""Waiting for another thread, on fibers: what `threading`'s conditions, and all that is made of them, wait on."""

from collections import deque

from sandbox.sim.scheduler import US_PER_S, Fiber, Scheduler


class FiberLock:
    """`threading.Lock` whose waiters park. `Event`, `Condition`, `Semaphore` and `queue.Queue` wait on one of these."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._held = False
        self._waiting: deque[Fiber] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, or rest until it is free; False when it is not within `timeout` seconds of virtual time."""
        if self._held and blocking:
            self._rest(None if timeout < 0 else self._scheduler.now_us + int(timeout * US_PER_S))
        if self._held:
            return False
        self._held = True
        return True

    def release(self) -> None:
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        if self._waiting:
            self._scheduler.wake(self._waiting[0])

    def locked(self) -> bool:
        return self._held

    def _rest(self, until_us: int | None) -> None:
        scheduler = self._scheduler
        fiber = scheduler.current()
        self._waiting.append(fiber)
        try:
            while self._held and (until_us is None or scheduler.now_us < until_us):
                scheduler.park(until_us)
        finally:
            self._waiting.remove(fiber)
