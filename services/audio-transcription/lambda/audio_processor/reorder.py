"""Chunks in order of `seq`. Pure.

A standard queue delivers out of order and more than once. A chunk that is missing is waited for; when the wait is over,
the numbers that did not come are counted as lost and the rest goes on.
"""

from collections.abc import Iterator

from audio_processor.chunk import Chunk


class Reorder:
    """Puts chunks in order from `next_seq` on.

    A gap is waited for `gap_wait_ms` from when it showed, and never given up before `patient_until_ms`. Of the numbers
    up to `counted_until_seq` the lost ones are counted already.
    """

    def __init__(
        self, *, next_seq: int, gap_wait_ms: int, patient_until_ms: int = 0, counted_until_seq: int = -1
    ) -> None:
        self._next_seq = next_seq
        self._counted_until_seq = counted_until_seq
        self._gap_wait_ms = gap_wait_ms
        self._patient_until_ms = patient_until_ms
        self._waiting: dict[int, Chunk] = {}
        self._gap_since_ms: int | None = None
        self.lost = 0
        """Sequence numbers given up so far."""

    @property
    def next_seq(self) -> int:
        """The number that comes next; lower ones have been passed on or given up."""
        return self._next_seq

    @property
    def next_deadline_ms(self) -> int | None:
        """When the gap at hand is given up."""
        if self._gap_since_ms is None:
            return None
        return max(self._gap_since_ms + self._gap_wait_ms, self._patient_until_ms)

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
            self.lost += max(0, first - max(self._next_seq, self._counted_until_seq + 1))
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
