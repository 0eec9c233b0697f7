"""The latest lines of every function's log, as they were written."""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.clock import LiveClock
from sandbox.journal import Journal

LINES_KEPT = 5000


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of a function's log; `number` counts all lines of this sandbox."""

    number: int
    function: str
    stream: str
    at_ms: int
    line: str
    request_id: str | None


class LogBook:
    """Keeps a few thousand lines; the journal has all of them."""

    def __init__(self, *, clock: LiveClock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._numbers = itertools.count(1)
        self._lines: deque[LogLine] = deque(maxlen=LINES_KEPT)
        self._followers: list[Callable[[LogLine], None]] = []

    def follow(self, on_line: Callable[[LogLine], None]) -> None:
        """Have `on_line` told of every line from now on."""
        self._followers.append(on_line)

    def write(self, function: str, stream: str, line: str, request_id: str | None) -> None:
        """A function, or Lambda itself, has written a line."""
        written = LogLine(
            number=next(self._numbers), function=function, stream=stream, at_ms=self._clock.now_ms(), line=line,
            request_id=request_id,
        )  # fmt: skip
        self._lines.append(written)
        about: dict[str, Any] = {"function": function, "line": line}
        if request_id is not None:
            about["requestId"] = request_id
        self._journal.write("lambda.log", about)
        for on_line in self._followers:
            on_line(written)

    def lines(self, function: str | None = None) -> list[LogLine]:
        """The latest lines, of one function or of all."""
        return [line for line in self._lines if function is None or line.function == function]

    def after(self, number: int) -> list[LogLine]:
        """The lines after this one, as far as they are kept."""
        newest = self._lines[-1].number if self._lines else 0
        return list(itertools.islice(self._lines, max(0, len(self._lines) - (newest - number)), None))
