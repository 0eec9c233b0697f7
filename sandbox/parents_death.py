"""Processes that end with their parent, however that ends; on Linux alone, elsewhere they must be ended."""

import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Run in a child before its program: it is told to end when its parent does."""
    _on_parents_death(signal.SIGTERM)


def die_with_parent() -> None:
    """The same for a process that may be stopped (frozen), which only SIGKILL reaches."""
    _on_parents_death(signal.SIGKILL)


def _on_parents_death(number: signal.Signals) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
