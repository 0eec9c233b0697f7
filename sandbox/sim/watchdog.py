"""Ends a run whose code holds on to the one thread: it waits for something real, or turns on the spot."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from sandbox.sim.errors import EscapeError
from sandbox.sim.scheduler import Scheduler

PATIENCE_S = 20.0
"""Far longer than any one turn of a fiber takes."""


@contextlib.contextmanager
def watched(scheduler: Scheduler, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Raise EscapeError, in the code that runs, when no fiber was resumed for so long. Only in a main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = -1

    def look(_number: int, frame: FrameType | None) -> None:
        nonlocal seen
        if scheduler.resumptions == seen and frame is not None:
            where = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
            raise EscapeError(what=f"{patience_s:g} s without end", caller=where)
        seen = scheduler.resumptions

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, patience_s, patience_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
