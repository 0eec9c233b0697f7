"""What simulated code finds in the place of this machine's time, randomness, threads and network.

Time and randomness are virtual; threads are fibers; whatever else is real refuses, and names who asked.
"""

import asyncio
import concurrent.futures
import concurrent.futures.thread
import contextlib
import os
import random
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import time_machine

from sandbox.sim import chance
from sandbox.sim.errors import EscapeError
from sandbox.sim.event_loop import VirtualPolicy
from sandbox.sim.executor import FiberExecutor
from sandbox.sim.scheduler import US_PER_S, Scheduler
from sandbox.sim.waiting import FiberLock

OWN = f"{os.sep}sandbox{os.sep}sim{os.sep}"


class Traveller:
    """Moves `time` and `datetime`, in C code too, to the scheduler's moment."""

    def __init__(self) -> None:
        self._coordinates: Any = None
        self._at_us = self._skew_us = 0

    def begin(self, at_us: int) -> "time_machine.travel":
        self._at_us = at_us
        return time_machine.travel(at_us / US_PER_S, tick=False)

    def attach(self, coordinates: Any) -> None:
        self._coordinates = coordinates

    def move(self, at_us: int) -> None:
        self._at_us = at_us
        if self._coordinates is not None:
            # It is asked whenever somebody asks for the time, by which it is to take no call of Python's.
            self._coordinates.time_ns = repeat((at_us + self._skew_us) * 1_000).__next__

    def skew(self, by_us: int) -> None:
        """Show another time than the scheduler's, by so much; from now on."""
        self._skew_us = by_us
        self.move(self._at_us)


@contextlib.contextmanager
def confined(scheduler: Scheduler, *, seed: int, traveller: Traveller, fetch: Callable[[Any], Any]) -> Iterator[None]:
    """Everything real out of reach, for as long as the context lasts. `fetch` answers `urllib.request`."""
    bytes_of = chance.stream(seed, "os.urandom")

    class BoundExecutor(FiberExecutor):
        """`ThreadPoolExecutor` on this scheduler's fibers."""

        def __init__(self, max_workers: int | None = None, *_: Any, **__: Any) -> None:
            super().__init__(scheduler, max_workers)

    def sleep(seconds: float) -> None:
        scheduler.sleep_us(int(seconds * US_PER_S))

    def monotonic() -> float:
        return scheduler.now_us / US_PER_S

    def monotonic_ns() -> int:
        return scheduler.now_us * 1_000

    replaced: list[tuple[Any, str, Any]] = [
        (time, "sleep", sleep),
        (time, "monotonic", monotonic),
        (time, "monotonic_ns", monotonic_ns),
        (time, "perf_counter", monotonic),
        (time, "perf_counter_ns", monotonic_ns),
        (os, "urandom", bytes_of.randbytes),
        (random, "_urandom", bytes_of.randbytes),
        (concurrent.futures, "ThreadPoolExecutor", BoundExecutor),
        (concurrent.futures.thread, "ThreadPoolExecutor", BoundExecutor),
        (urllib.request.OpenerDirector, "open", lambda _, url, *__, **___: fetch(url)),
        (threading.Thread, "start", _escape("a thread")),
        # What a condition's waiter waits on: a real one would rest for as long as it says, with everybody else.
        (threading, "_allocate_lock", lambda: FiberLock(scheduler)),
        (socket.socket, "connect", _escape("a connection")),
        (socket.socket, "connect_ex", _escape("a connection")),
        (socket.socket, "bind", _escape("a listening socket")),
        (socket, "getaddrinfo", _escape("a name look-up")),
        (subprocess, "Popen", _escape("a process")),
    ]
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in replaced]
    policy, state = asyncio.get_event_loop_policy(), random.getstate()
    with traveller.begin(scheduler.now_us) as coordinates:
        traveller.attach(coordinates)
        random.seed(chance.stream(seed, "random").getrandbits(64))
        for holder, name, value in replaced:
            setattr(holder, name, value)
        asyncio.set_event_loop_policy(VirtualPolicy(scheduler))
        try:
            yield
        finally:
            scheduler.outside()
            asyncio.set_event_loop_policy(policy)
            for holder, name, value in before:
                setattr(holder, name, value)
            random.setstate(state)


def _escape(what: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise EscapeError(what=what, caller=_caller())

    return refuse


def _caller() -> str:
    """Whose code asked: the nearest frame outside of Python's own library and of this package."""
    library = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib would resolve symbolic links that frames keep
    for frame in reversed(traceback.extract_stack(sys._getframe())):
        inside = frame.filename.startswith(library) and "site-packages" not in frame.filename
        if not inside and OWN not in frame.filename and not frame.filename.startswith("<"):
            return f"{frame.filename}:{frame.lineno} in {frame.name}"
    return "an unknown caller"
