"""Chunks in order of `seq`. Pure.

A standard queue delivers out of order and more than once. A chunk that is missing is waited for; when the wait is over,
the numbers that did not come are counted as lost and the rest goes on. What a predecessor has received is in the queue,
and comes once it is no longer hidden: a receive whose answer is lost hides what it would have brought.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audio_processor.chunk import Chunk
from audio_processor.spans import Span, count_outside, joined


@dataclass(frozen=True, kw_only=True)
class Before:
    """What a predecessor says: every chunk up to `heard_seq` has been received, but for those in `given_up`.

    `is_counted`: those are known to be counted as lost.
    """

    heard_seq: int = -1
    given_up: tuple[Span, ...] = ()
    is_counted: bool = True


NOTHING = Before()


class Reorder:
    """Puts chunks in order from `next_seq` on.

    A gap is waited for `gap_wait_ms` from when it showed, `hidden_wait_ms` where it has chunks that are sure to come,
    and never given up before `patient_until_ms`.
    """

    def __init__(
        self,
        *,
        next_seq: int,
        gap_wait_ms: int,
        hidden_wait_ms: int,
        patient_until_ms: int = 0,
        before: Before = NOTHING,
    ) -> None:
        self._next_seq = next_seq
        self._before = before
        self._gap_wait_ms = gap_wait_ms
        self._hidden_wait_ms = hidden_wait_ms
        self._patient_until_ms = patient_until_ms
        self._waiting: dict[int, Chunk] = {}
        self._gap_since_ms: int | None = None
        self.lost = 0
        """Sequence numbers given up so far, each counted once."""
        self.given_up = before.given_up
        """Which they are, and those before."""

    @property
    def next_seq(self) -> int:
        """The number that comes next; lower ones have been passed on or given up."""
        return self._next_seq

    @property
    def next_deadline_ms(self) -> int | None:
        """When the gap at hand is given up."""
        if self._gap_since_ms is None:
            return None
        wait_ms = self._hidden_wait_ms if self._is_hidden() else self._gap_wait_ms
        return max(self._gap_since_ms + wait_ms, self._patient_until_ms)

    def _is_hidden(self) -> bool:
        """Whether the gap at hand has chunks that a predecessor has received."""
        last = min(self._before.heard_seq, min(self._waiting, default=self._next_seq) - 1)
        return count_outside(self._before.given_up, self._next_seq, last) > 0

    def wait_no_longer(self) -> None:
        """Give up every gap from now on: time is up."""
        self._gap_wait_ms = self._hidden_wait_ms = self._patient_until_ms = 0

    def waiting(self) -> Iterator[Chunk]:
        """Chunks that wait behind a gap."""
        return iter(self._waiting.values())

    def get(self, seq: int) -> Chunk | None:
        return self._waiting.get(seq)

    def put(self, chunk: Chunk) -> None:
        """Add a chunk whose number is `next_seq` or higher; it replaces one of the same number."""
        assert chunk.seq >= self._next_seq
        self._waiting[chunk.seq] = chunk

    def ready(self, now_ms: int) -> list[Chunk]:
        """The chunks that can go on now, in order."""
        ready = self._run()
        deadline_ms = self.next_deadline_ms
        while self._waiting and deadline_ms is not None and now_ms >= deadline_ms:
            first = min(self._waiting)
            counted = self._before.given_up if self._before.is_counted else ()
            self.lost += count_outside(counted, self._next_seq, first - 1)
            self.given_up = joined(self.given_up, (self._next_seq, first - 1))
            self._next_seq = first
            ready += self._run()
            self._gap_since_ms = None
            deadline_ms = None
        if not self._waiting:
            self._gap_since_ms = None
        elif ready or self._gap_since_ms is None:
            self._gap_since_ms = now_ms
        return ready

    def _run(self) -> list[Chunk]:
        run = []
        while (chunk := self._waiting.pop(self._next_seq, None)) is not None:
            run.append(chunk)
            self._next_seq += 1
        return run
