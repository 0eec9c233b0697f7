"""`concurrent.futures` on fibers: the same promises, with a fiber in the place of each thread."""

import asyncio
import concurrent.futures
from collections import deque
from collections.abc import Callable
from concurrent.futures._base import PENDING
from functools import partial
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


class _Promise:
    """What an event loop awaits of a job. The loop's future is settled in a turn of its own."""

    __slots__ = ("_loop", "future")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()

    def cancel(self) -> bool:
        return self.future.cancel()

    def set_running_or_notify_cancel(self) -> bool:
        return not self.future.cancelled()

    def set_result(self, result: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_settle, self.future, self.future.set_result, result)

    def set_exception(self, error: BaseException) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_settle, self.future, self.future.set_exception, error)


def _settle(future: "asyncio.Future[Any]", settle: Callable[[Any], None], outcome: Any) -> None:
    if not future.done():
        settle(outcome)


class FiberExecutor(concurrent.futures.Executor):
    """At most `max_workers` jobs at once; the others wait in order."""

    DEFAULT_WORKERS = 6
    """`ThreadPoolExecutor`'s own default on Lambda's two processors."""

    def __init__(self, scheduler: Scheduler, max_workers: int | None = None) -> None:
        self._scheduler = scheduler
        self._max_workers = max_workers or self.DEFAULT_WORKERS
        self._waiting: deque[tuple[FiberFuture | _Promise, partial[Any]]] = deque()
        self._running = 0
        self._on_rest: list[Callable[[], object]] = []
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> FiberFuture:
        future = FiberFuture(self._scheduler)
        self._take(future, partial(fn, *args, **kwargs))
        return future

    def run_for(
        self, loop: asyncio.AbstractEventLoop, fn: Callable[..., Any], args: tuple[Any, ...]
    ) -> "asyncio.Future[Any]":
        """As `submit`, for an event loop to await: a future of the loop's own, in the place of two and a chain."""
        promise = _Promise(loop)
        self._take(promise, partial(fn, *args))
        return promise.future

    async def at_rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """Return when every job has ended."""
        if self._running:
            rests = loop.create_future()
            self._on_rest.append(partial(loop.call_soon_threadsafe, _settle, rests, rests.set_result, None))
            await rests

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True
        if cancel_futures:
            for future, _ in self._waiting:
                future.cancel()
            self._waiting.clear()
        if wait and self._running:
            self._on_rest.append(partial(self._scheduler.wake, self._scheduler.current()))
            while self._running:
                self._scheduler.park()

    def _take(self, future: FiberFuture | _Promise, job: partial[Any]) -> None:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self._waiting.append((future, job))
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self._running < self._max_workers:
            future, job = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            self._running += 1
            scheduler = self._scheduler
            name = getattr(job.func, "__name__", "job")
            scheduler.spawn(partial(self._run, future, job), name=name, confines=scheduler.current().confines)

    def _run(self, future: FiberFuture | _Promise, job: partial[Any]) -> None:
        try:
            result = job()
        except BaseException as error:
            self._running -= 1
            if not isinstance(error, Exception):
                raise
            future.set_exception(error)
        else:
            self._running -= 1
            future.set_result(result)
        self._fill()
        if not self._running:
            while self._on_rest:
                self._on_rest.pop(0)()
