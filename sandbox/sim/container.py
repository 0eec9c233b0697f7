"""One execution environment's private world within the simulator's one process.

Its own modules, variables, standard output and loggers are in place while its code runs, and another's are when
another's does; so code that keeps something in its process keeps it in its environment, and nowhere else.
"""

import io
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from sandbox.sim.private_modules import PrivateFinder, PrivateModules
from sandbox.sim.scheduler import Fiber


class LineStream(io.TextIOBase):
    """A standard output that hands on whole lines."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._part = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._part = (self._part + text).split("\n")
        for line in lines:
            self._on_line(line)
        return len(text)


@dataclass(kw_only=True)
class Container:
    """`scheduler.Confines` of an environment's fibers."""

    name: str
    modules: PrivateModules
    finder: PrivateFinder
    environment: dict[str, str]
    output: LineStream
    frozen: bool = False
    gone: bool = False
    deferred: list[tuple[Fiber, int]] = field(default_factory=list)
    on_gone: list[Callable[[], None]] = field(default_factory=list)
    on_lost: Callable[[], None] = lambda: None
    set_skew: Callable[[int], None] = lambda _: None
    """Told by how many microseconds this environment's clock differs, whenever its code begins or ceases to run."""
    skew_us: int = 0
    _loggers: logging.Manager = field(init=False)
    _host: "tuple[os._Environ[str], TextIO, logging.Manager, logging.RootLogger] | None" = None
    """What is in their place outside."""

    def __post_init__(self) -> None:
        self._loggers = logging.Manager(logging.RootLogger(logging.WARNING))

    def enter(self) -> None:
        if self.skew_us:
            self.set_skew(self.skew_us)
        self._host = (os.environ, sys.stdout, logging.Logger.manager, logging.root)
        if self.finder.active is not self.modules:
            self.finder.use(self.modules)
        os.environ, sys.stdout = self.environment, self.output  # type: ignore[assignment] # what code uses of them
        loggers = logging.Logger.manager = self._loggers
        logging.Logger.root = logging.root = loggers.root

    def leave(self) -> None:
        # Its modules stay in place until another environment's come: the simulator itself imports none of them.
        assert self._host is not None
        os.environ, sys.stdout, logging.Logger.manager, root = self._host
        logging.Logger.root = logging.root = root
        if self.skew_us:
            self.set_skew(0)

    def step(self, skew_us: int) -> None:
        """The clock jumps, as when it is set; outside of the environment's code."""
        self.skew_us = skew_us

    def lose(self) -> None:
        """It ends in the middle of what it does, and its host is told."""
        if not self.gone:
            self.end()
            self.on_lost()

    def end(self) -> None:
        """Its fibers never run again, and what it had open to the outside is closed."""
        if self.gone:
            return
        self.gone = True
        for callback in self.on_gone:
            callback()
