"""The feed: one document of definitions and its revision, for whoever follows."""

import ctypes
import dataclasses
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sandbox.definitions.model import Definitions, to_json

GIVE_BACK_AFTER_S = 1.0
WORTH_GIVING_BACK_BYTES = 160 << 20
"""What is loaded takes 100 MiB. Looking for what can go takes tens of milliseconds, in which calls wait."""


class Feed:
    """Holds the latest definitions; `changed` takes new ones and tells `apply`, `wait` answers those who follow."""

    def __init__(self, take: Callable[[int], Definitions], apply: Callable[[Definitions], None]) -> None:
        self._take = take
        self._apply = apply
        self._changed = threading.Condition()
        self._giving_back: threading.Timer | None = None
        self._current = take(0)
        apply(self._current)

    def changed(self) -> None:
        """Read the state again; the revision grows only when something that the data plane runs is different."""
        with self._changed:
            taken = self._take(self._current.revision)
            self._give_back_soon()
            if taken != self._current:
                self._current = dataclasses.replace(taken, revision=self._current.revision + 1)
                self._apply(self._current)
                self._changed.notify_all()

    def wait(self, *, after: int, wait_ms: int) -> bytes:
        """The document as JSON, once its revision is past `after` or `wait_ms` has passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._current.revision > after, timeout=wait_ms / 1000)
            return to_json(self._current).encode()

    def _give_back_soon(self) -> None:
        """Once for many changes, and after the last of them: looking through everything takes tens of milliseconds."""
        if self._giving_back is not None:
            self._giving_back.cancel()
        self._giving_back = threading.Timer(GIVE_BACK_AFTER_S, _give_back_memory)
        self._giving_back.daemon = True
        self._giving_back.start()


def _give_back_memory() -> None:
    """Archives of a hundred megabytes may have passed through: what the allocator holds of them goes back."""
    if sys.platform == "linux" and _resident_bytes() > WORTH_GIVING_BACK_BYTES:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)


def _resident_bytes() -> int:
    """Of this process (proc(5): the second number of `statm` is its resident set in pages)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
