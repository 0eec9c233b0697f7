"""The journal: one event a line, the same in every world; report, trace and console are views of it."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Protocol, TextIO

Event = dict[str, Any]

_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Now(Protocol):
    """The part of a clock that the journal needs."""

    def now_ms(self) -> int: ...


class Journal:
    """Appends events to `journal.jsonl` and hands each to its subscribers.

    An event is `{"t_ms": <integer, since the run began>, "kind": <dotted name>, **data}`. `data` holds JSON values with
    integers only (no floats), never a token and never audio.
    """

    def __init__(self, clock: Now, path: Path | None = None) -> None:
        self._clock = clock
        self._began_ms = clock.now_ms()
        self._subscribers: list[tuple[Callable[[Event], None], Collection[str] | None]] = []
        self._told: dict[str, list[Callable[[Event], None]]] = {}
        """Who is told of the events of a kind."""
        self.count = 0
        """How many events were written."""
        self._file: TextIO | None = None
        if path is not None:
            self.begin(path)

    def begin(self, path: Path) -> None:
        """Begin a new run: events go to `path` from now on and `t_ms` starts at zero, which `run.began` gives as epoch
        milliseconds."""
        self.close()
        self._began_ms = self._clock.now_ms()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half a surrogate pair, which JSON may carry and UTF-8 may not, is written as JSON's own escape.
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        self.write("run.began", {"atMs": self._began_ms})

    def events(self) -> list[Event]:
        """Those of the run so far; none without a file."""
        if self._file is None:
            return []
        self.flush()
        return read(Path(self._file.name))

    @property
    def began_ms(self) -> int:
        """Epoch milliseconds of the run's beginning: `t_ms` is relative to it."""
        return self._began_ms

    def write(self, kind: str, data: Mapping[str, Any], *, at_ms: int | None = None) -> None:
        """Record what happened now, or at `at_ms` (epoch) when the moment was taken elsewhere."""
        moment_ms = self._clock.now_ms() if at_ms is None else at_ms
        event: Event = {"t_ms": moment_ms - self._began_ms, "kind": kind, **data}
        if self._file is not None:
            self._file.write(_written(event) + "\n")
        self.count += 1
        told = self._told.get(kind)
        if told is None:
            told = self._told[kind] = [one for one, kinds in self._subscribers if kinds is None or kind in kinds]
        for subscriber in told:
            subscriber(event)

    def subscribe(self, subscriber: Callable[[Event], None], *, kinds: Collection[str] | None = None) -> None:
        """Call `subscriber` with each event from now on, or with each of these kinds."""
        self._subscribers.append((subscriber, kinds))
        self._told = {}

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read(path: Path) -> list[Event]:
    """The events of a journal file, in the order they were written (moments may be out of order).

    A last line that is not written to its end is left out.
    """
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]
