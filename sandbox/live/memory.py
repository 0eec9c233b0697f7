"""What the sandbox's processes take of this machine."""

import contextlib
from typing import NamedTuple

import psutil


class Taken(NamedTuple):
    """This process and all below it: how many, and their memory (PSS) in whole MiB, 0 where the system does not say."""

    processes: int
    pss_mib: int


def taken() -> Taken:
    """As it is now."""
    tree = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return Taken(len(tree), sum(map(_pss, tree)) // 1_048_576)


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, AttributeError):
        return int(process.memory_full_info().pss)
    return 0
