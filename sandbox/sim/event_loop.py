"""asyncio in virtual time: an event loop whose selector parks its fiber until the next timer or wake-up.

Any number of them run in one thread; code written for asyncio runs unchanged.
"""

import asyncio
import itertools
from asyncio import base_events
from collections.abc import Callable, Coroutine
from typing import Any

from sandbox.sim.executor import FiberExecutor
from sandbox.sim.scheduler import US_PER_S, Scheduler

_serials = itertools.count(1)


class SerialTask(asyncio.Task):  # type: ignore[type-arg] # the result's type is the caller's
    """A task whose place in a set depends on when it was made and not on its address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._serial = next(_serials)
        super().__init__(*args, **kwargs)

    def __hash__(self) -> int:
        return self._serial

    def __eq__(self, other: object) -> bool:
        return self is other


class _Selector:
    """Knows no file, only time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            self._scheduler.park()
        elif timeout > 0:
            # Rounded up: the loop must not find its timer a fraction too early and turn on the spot.
            self._scheduler.park(self._scheduler.now_us + -int(-timeout * US_PER_S // 1))
        return []

    def close(self) -> None:
        """Nothing is held."""


class VirtualLoop(base_events.BaseEventLoop):
    """An event loop of the fiber that runs it."""

    _clock_resolution = 1 / US_PER_S

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        # asyncio fires what is due within the clock's resolution; epoch seconds in a float resolve no finer.
        self._clock_resolution = 1 / US_PER_S
        self._scheduler = scheduler
        self._fiber = scheduler.current()
        self._selector = _Selector(scheduler)
        self._workers = FiberExecutor(scheduler)
        self.set_task_factory(_make_task)  # type: ignore[arg-type] # typeshed's factory names its loop's type

    def time(self) -> float:
        return self._scheduler.now_us / US_PER_S

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """The function as a fiber of its own, within the executor's number of workers."""
        return asyncio.wrap_future((executor or self._workers).submit(func, *args), loop=self)

    def set_default_executor(self, executor: Any) -> None:
        self._workers = executor

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - asyncio's
        """Wait for the jobs under way, as closing a loop does."""
        await asyncio.gather(*map(asyncio.wrap_future, self._workers.pending()), return_exceptions=True)

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        self._scheduler.wake(self._fiber)


def _make_task(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any) -> SerialTask:
    return SerialTask(coroutine, loop=loop, **options)


class VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes every new event loop a virtual one."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return VirtualLoop(self._scheduler)
