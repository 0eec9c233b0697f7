"""asyncio in virtual time: an event loop that parks its fiber until something is due.

Any number of them run in one thread; code written for asyncio runs unchanged.
"""

import asyncio
import itertools
from asyncio import base_events, format_helpers
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any

from sandbox.sim.executor import FiberExecutor
from sandbox.sim.scheduler import US_PER_S, Alarm, Scheduler

_serials = itertools.count(1)


class SerialTask(asyncio.Task):  # type: ignore[type-arg] # the result's type is the caller's
    """A task whose place in a set depends on when it was made and not on its address."""

    _serial = 0

    def __hash__(self) -> int:
        # Asked for first while the task is made, when asyncio puts it among all tasks.
        if not self._serial:
            self._serial = next(_serials)
        return self._serial

    def __eq__(self, other: object) -> bool:
        return self is other


class _NoSelector:
    """Closed with its loop, and used by nobody."""

    def close(self) -> None:
        """Nothing is held."""


class _Handle(asyncio.Handle):
    """A call that is due."""

    def __init__(
        self, callback: Callable[..., Any], args: tuple[Any, ...], loop: "VirtualLoop", context: Context | None
    ) -> None:
        # As asyncio's own, which asks the loop each time whether it debugs; a simulation never does.
        self._callback, self._args, self._loop = callback, args, loop
        self._context = copy_context() if context is None else context
        self._cancelled, self._repr, self._source_traceback = False, None, None


class _Timer(_Handle):
    """A call at a moment, which the scheduler keeps."""

    def __init__(
        self,
        when: float,
        callback: Callable[..., Any],
        args: tuple[Any, ...],
        loop: "VirtualLoop",
        context: Context | None,
    ) -> None:
        super().__init__(callback, args, loop, context)
        self._when = when
        # Rounded up: nothing is due before its moment.
        self._alarm: Alarm | None = loop._scheduler.call_at(-int(-when * US_PER_S // 1), self._fall_due)

    def when(self) -> float:
        """As `asyncio.TimerHandle`."""
        return self._when

    def cancel(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        super().cancel()

    def _fall_due(self) -> None:
        # The two hold on to each other no longer.
        self._alarm = None
        self._loop._ready.append(self)
        self._loop._write_to_self()


class VirtualLoop(base_events.BaseEventLoop):
    """An event loop of the fiber that runs it. Its timers are the scheduler's: it turns only for what is due."""

    _ready: deque[Any]
    _stopping: bool
    _closed: bool
    get_debug = bool
    """Futures and tasks ask each time. A simulation never debugs: `bool()` is False, and no call of Python's."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler
        self._fiber = scheduler.current()
        self._selector = _NoSelector()
        self._workers = FiberExecutor(scheduler)
        self.set_task_factory(_make_task)  # type: ignore[arg-type] # typeshed's factory names its loop's type

    def run_forever(self) -> None:
        self._scheduler.run_loop(self, super().run_forever)

    def time(self) -> float:
        return self._scheduler.now_us / US_PER_S

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> _Timer:  # type: ignore[override] # the arguments' types, and a timer of its own
        return _Timer(when, callback, args, self, context)

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> _Timer:  # type: ignore[override] # the arguments' types, and a timer of its own
        return _Timer(self._scheduler.now_us / US_PER_S + delay, callback, args, self, context)

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> asyncio.Handle:  # type: ignore[override] # the arguments' types
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = _Handle(callback, args, self, context)
        self._ready.append(handle)
        if self._fiber.parked:
            self._scheduler.wake(self._fiber)
        return handle

    # All of a simulation is in one thread.
    call_soon_threadsafe = call_soon  # type: ignore[assignment] # the arguments' types

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """The function as a fiber of its own, within the executor's number of workers."""
        return (executor or self._workers).run_for(self, func, args)

    def set_default_executor(self, executor: Any) -> None:
        self._workers = executor

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - asyncio's
        """Wait for the jobs under way, as closing a loop does."""
        await self._workers.at_rest(self)

    def _run_once(self) -> None:
        """One turn: rest until something is due, then everything that is due now."""
        ready = self._ready
        while not (ready or self._stopping):
            self._scheduler.park()
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                # As `handle._run()`, which is one more call for each of them.
                try:
                    handle._context.run(handle._callback, *handle._args)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:
                    self._tell(handle, error)

    def _tell(self, handle: Any, error: BaseException) -> None:
        about = f"Exception in callback {format_helpers._format_callback_source(handle._callback, handle._args)}"
        self.call_exception_handler({"message": about, "exception": error, "handle": handle})

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
