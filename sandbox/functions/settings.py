"""Where functions run on this machine, and what they are given beside their own configuration."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.definitions.model import Function
from sandbox.functions.limits import FREEZE_AFTER_MS
from sandbox.functions.pool import PoolLimits

START_MS = 100
"""About what a start takes of a processor here."""


@dataclass(frozen=True, kw_only=True)
class Debugging:
    """One environment of a function waits for a debugger at a port of this machine; `lock` pins debugpy, and `say` is
    told of each environment that waits."""

    function: str
    port: int
    lock: Path
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """One world's functions."""

    region: str
    account_id: str
    cache_dir: Path
    runtime_lock: Path
    clock_file: Path
    base_environment: Callable[[Function], Mapping[str, str]]
    credentials: Callable[[Function], tuple[str, str, str]]
    may_log: Callable[[Function], bool] = lambda _: True
    """Whether the function's role lets Lambda write its log."""
    kept_paths: tuple[Path, ...] = ()
    """What functions are given by its path on this machine: certificates."""
    debugging: Debugging | None = None
    freeze_after_ms: int = FREEZE_AFTER_MS
    python: str = getattr(sys, "_base_executable", sys.executable)
    limits: PoolLimits = field(
        default_factory=lambda: PoolLimits(starting=max(2, os.cpu_count() or 2), start_ms=START_MS)
    )
