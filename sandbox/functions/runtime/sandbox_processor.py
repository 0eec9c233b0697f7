"""One processor for the threads of a small function.

Lambda gives a function the time of a whole processor at 1,769 MB (Lambda developer guide, "Configure Lambda function
memory"). Here the threads of a smaller one share one: they take turns at the interpreter's lock, which costs twice
where each turn is on another processor. A function with one thread runs wherever the system likes.
"""

import ctypes
import os
import threading
from typing import Any

WHOLE_PROCESSOR_MB = 1769


class OneProcessor:
    """Binds this process when a second thread begins, to the processor where that happens."""

    def __init__(self) -> None:
        self._all = os.sched_getaffinity(0)
        self._bound = False
        self._current = ctypes.CDLL(None).sched_getcpu

    @staticmethod
    def is_enough(memory_mb: int) -> bool:
        """Whether a function of this size has no more; False where the system does not let a process choose."""
        return memory_mb < WHOLE_PROCESSOR_MB and hasattr(os, "sched_setaffinity")

    def watch(self) -> None:
        """Be there when a thread begins."""
        thread_type: Any = threading.Thread
        begin = thread_type.start

        def bind_and_begin(thread: threading.Thread) -> None:
            self._bind()
            begin(thread)

        thread_type.start = bind_and_begin

    def release(self) -> None:
        """Run anywhere again, unless there still are threads."""
        if self._bound and threading.active_count() == 1:
            self._bound = False
            os.sched_setaffinity(0, self._all)

    def _bind(self) -> None:
        if not self._bound:
            self._bound = True
            os.sched_setaffinity(0, {self._current()})
