"""Virtual time and the fibers that live in it.

A fiber is work that runs on a greenlet until it parks; the scheduler resumes fibers in the order of their moments, and
time moves only between two of them. Moments are integer microseconds since the epoch, so that drawn latencies rarely
tie; ties are resolved in the order of asking.
"""

import asyncio
import sys
from collections.abc import Callable
from contextvars import Context
from heapq import heappop, heappush
from typing import Protocol, TypeVar

import greenlet

Result = TypeVar("Result")

US_PER_MS = 1_000
US_PER_S = 1_000_000


class Confines(Protocol):
    """What a group of fibers shares: an execution environment's private world. It may be frozen, or gone."""

    name: str
    frozen: bool
    gone: bool
    deferred: list[tuple["Fiber", int]]

    def enter(self) -> None:
        """Put this world's process state in place."""
        ...

    def leave(self) -> None:
        """Put the simulator's own state back."""
        ...

    def lose(self) -> None:
        """End in the middle of what it does, as when a machine fails."""
        ...


class Fiber:
    """One thread of control. `turn` numbers its resumptions, so that a late wake-up is known as such."""

    __slots__ = ("carrier", "confines", "dead", "loop", "name", "parked", "turn", "woken", "work")

    def __init__(self, work: Callable[[], object], *, name: str, confines: Confines | None) -> None:
        self.work, self.name, self.confines = work, name, confines
        self.carrier: greenlet.greenlet | None = None
        """What it runs on, once it does."""
        self.loop: asyncio.BaseEventLoop | None = None
        """The event loop that it runs, while it does."""
        self.turn = 0
        self.parked = True
        self.woken = self.dead = False


class Alarm:
    """A callback at a moment unless it is cancelled, which begins another turn: what was due at this one is void."""

    __slots__ = ("callback", "turn")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.turn = 0

    def cancel(self) -> None:
        self.turn += 1


class Scheduler:
    """Runs fibers in virtual time. `on_time(now_us)` is told before anything runs at a new moment."""

    def __init__(self, *, began_us: int, on_time: Callable[[int], None] | None = None) -> None:
        self.now_us = began_us
        """The moment now, for everybody to read."""
        self._on_time = on_time
        # Tuples are compared in C; of two at one moment the one asked for first comes first. Each is for one turn of
        # a fiber or an alarm, and void when that has come to another.
        self._due: list[tuple[int, int, Fiber | Alarm, int]] = []
        self._order = 0
        self._hub = greenlet.getcurrent()
        self._running: Fiber | None = None
        self._spare: list[greenlet.greenlet] = []
        """Greenlets whose fibers have ended: making one costs more than most fibers do."""
        self._within: Confines | None = None
        self._loop: asyncio.BaseEventLoop | None = None
        self._failure: BaseException | None = None
        self.resumptions = 0

    @property
    def now_ms(self) -> int:
        return self.now_us // US_PER_MS

    # fibers

    def spawn(
        self, work: Callable[[], object], *, name: str, confines: Confines | None = None, delay_us: int = 0
    ) -> Fiber:
        """A fiber that begins after `delay_us`. What it raises ends the run."""
        fiber = Fiber(work, name=name, confines=confines)
        self._put(self.now_us + delay_us, fiber)
        return fiber

    def current(self) -> Fiber:
        """The fiber that runs. Raises RuntimeError outside of any."""
        fiber = self._running
        if fiber is None:
            raise RuntimeError("expected to be called in a fiber, got the scheduler itself")
        return fiber

    def park(self, until_us: int | None = None) -> None:
        """Rest until woken, or until a moment. Returns at once when woken since the last park."""
        fiber = self._running
        if fiber is None:
            fiber = self.current()
        if fiber.woken:
            fiber.woken = False
            return
        fiber.parked = True
        if until_us is not None:
            self._put(until_us, fiber)
        self._hub.switch()

    def sleep_us(self, duration_us: int) -> None:
        """Rest for a while, whoever wakes the fiber meanwhile."""
        until_us = self.now_us + max(0, duration_us)
        while True:
            self.park(until_us)
            if self.now_us >= until_us:
                return

    def wake(self, fiber: Fiber) -> None:
        """Let a parked fiber go on now; one that runs will not rest the next time."""
        if fiber.parked:
            self._order += 1
            heappush(self._due, (self.now_us, self._order, fiber, fiber.turn))
        else:
            fiber.woken = True

    def thaw(self, confines: Confines) -> None:
        """Let a frozen group go on: what fell due meanwhile happens now, in order."""
        confines.frozen = False
        deferred, confines.deferred = confines.deferred, []
        for fiber, turn in deferred:
            if fiber.turn == turn:
                self._put(self.now_us, fiber)

    # time

    def call_at(self, at_us: int, callback: Callable[[], None]) -> Alarm:
        """Call back at a moment, outside of any fiber: the callback may wake fibers and nothing else."""
        alarm = Alarm(callback)
        self._put(at_us, alarm)
        return alarm

    def run(self, *, until: Callable[[], object], limit_us: int) -> bool:
        """Run until `until()` is true, checked at each moment; False when nothing is left to happen or time is up."""
        due = self._due
        while not until():
            while due and due[0][2].turn != due[0][3]:
                heappop(due)
            if not due or due[0][0] > limit_us:
                return False
            at_us, _, what, _ = heappop(due)
            if at_us > self.now_us:
                self.now_us = at_us
                if self._on_time is not None:
                    self._on_time(at_us)
            if isinstance(what, Alarm):
                what.callback()
            else:
                self._resume(what)
        return True

    def _put(self, at_us: int, what: Fiber | Alarm) -> None:
        self._order += 1
        heappush(self._due, (at_us if at_us > self.now_us else self.now_us, self._order, what, what.turn))

    def _resume(self, fiber: Fiber) -> None:
        if fiber.dead:
            return
        confines = fiber.confines
        if confines is not None:
            if confines.gone:
                return
            if confines.frozen:
                confines.deferred.append((fiber, fiber.turn))
                return
        fiber.turn += 1
        fiber.parked = False
        if confines is not self._within:
            self._put_in_place(confines)
        if fiber.loop is not self._loop:
            self._put_loop_in_place(fiber.loop)
        self.resumptions += 1
        self._running = fiber
        carrier = fiber.carrier
        if carrier is None:
            carrier = fiber.carrier = self._spare.pop() if self._spare else greenlet.greenlet(self._carry, self._hub)
        try:
            carrier.switch()
        finally:
            self._running = None
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def run_loop(self, loop: asyncio.BaseEventLoop, turns: Callable[[], None]) -> None:
        """`turns` makes the turns of an event loop that the fiber runs from here on, until it returns."""
        fiber = self.current()
        fiber.loop = self._loop = loop
        try:
            turns()
        finally:
            fiber.loop = self._loop = None

    def _put_loop_in_place(self, loop: asyncio.BaseEventLoop | None) -> None:
        """The loop that runs and the hooks of asynchronous generators belong to the thread; here, to the fiber."""
        asyncio._set_running_loop(loop)
        if loop is None:
            sys.set_asyncgen_hooks(None, None)
        else:
            # asyncio's own, which typeshed leaves out.
            sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)  # type: ignore[attr-defined]
        self._loop = loop

    def _put_in_place(self, confines: Confines | None) -> None:
        if confines is self._within:
            return
        if self._within is not None:
            self._within.leave()
        if confines is not None:
            confines.enter()
        self._within = confines

    def _carry(self) -> None:
        """Run one fiber after another: the one that was resumed, to its end."""
        while True:
            fiber = self.current()
            try:
                fiber.work()
            except greenlet.GreenletExit:
                return
            except BaseException as error:
                self._failure = error
            finally:
                fiber.dead = True
            carrier = fiber.carrier
            assert carrier is not None
            # What the next one finds is as in a new thread.
            carrier.gr_context = Context()
            self._spare.append(carrier)
            del fiber, carrier
            self._hub.switch()

    def as_nobody(self, work: Callable[[], Result]) -> Result:
        """Do something of the simulator's own in a fiber: its confines' process state is out of place meanwhile."""
        confines = self._within
        self._put_in_place(None)
        try:
            return work()
        finally:
            self._put_in_place(confines)

    def outside(self) -> None:
        """Put the simulator's own process state in place, after the run."""
        self._put_in_place(None)
        if self._loop is not None:
            self._put_loop_in_place(None)
