"""`concurrent.futures` on fibers: the same promises, with a fiber in the place of each thread."""

import concurrent.futures
from collections import deque
from collections.abc import Callable
from concurrent.futures._base import PENDING
from typing import Any

from sandbox.sim.scheduler import US_PER_S, Fiber, Scheduler


class _Alone:
    """A future's condition where there is one thread: nobody else holds it, and nobody waits for it."""

    def __enter__(self) -> None:
        """It is free."""

    def __exit__(self, *_: object) -> None:
        """It stays free."""

    def notify_all(self) -> None:
        """Waiters park, and are woken by a callback."""


_ALONE = _Alone()


class FiberFuture(concurrent.futures.Future[Any]):
    """A future whose waiters park."""

    def __init__(self, scheduler: Scheduler) -> None:
        # As the base class, whose condition is half of the cost of a job.
        self._condition: Any = _ALONE
        self._state = PENDING
        self._result = self._exception = None
        self._waiters: list[Any] = []
        self._done_callbacks: list[Any] = []
        self._scheduler = scheduler

    def result(self, timeout: float | None = None) -> Any:
        self._wait(timeout)
        return super().result(0)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._wait(timeout)
        return super().exception(0)

    def _wait(self, timeout: float | None) -> None:
        if self.done():
            return
        waiting: Fiber = self._scheduler.current()
        self.add_done_callback(lambda _: self._scheduler.wake(waiting))
        until_us = None if timeout is None else self._scheduler.now_us + int(timeout * US_PER_S)
        while not self.done():
            self._scheduler.park(until_us)
            if until_us is not None and self._scheduler.now_us >= until_us:
                return


class FiberExecutor(concurrent.futures.Executor):
    """At most `max_workers` jobs at once; the others wait in order."""

    DEFAULT_WORKERS = 6
    """`ThreadPoolExecutor`'s own default on Lambda's two processors."""

    def __init__(self, scheduler: Scheduler, max_workers: int | None = None) -> None:
        self._scheduler = scheduler
        self._max_workers = max_workers or self.DEFAULT_WORKERS
        self._waiting: deque[tuple[FiberFuture, Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = deque()
        self._running: list[FiberFuture] = []
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> FiberFuture:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = FiberFuture(self._scheduler)
        self._waiting.append((future, fn, args, kwargs))
        self._fill()
        return future

    def pending(self) -> list[FiberFuture]:
        """What is not done, in order."""
        return [*self._running, *(job[0] for job in self._waiting)]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True
        if cancel_futures:
            for future, *_ in self._waiting:
                future.cancel()
            self._waiting.clear()
        if wait:
            for future in self.pending():
                future.exception()

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self._max_workers:
            future, fn, args, kwargs = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            self._running.append(future)
            confines = self._scheduler.current().confines
            self._scheduler.spawn(
                lambda one=future, run=fn, a=args, k=kwargs: self._run(one, run, a, k),  # type: ignore[misc]
                name=getattr(fn, "__name__", "job"),
                confines=confines,
            )

    def _run(self, future: FiberFuture, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:
            self._running.remove(future)
            if not isinstance(error, Exception):
                raise
            future.set_exception(error)
        else:
            self._running.remove(future)
            future.set_result(result)
        self._fill()
