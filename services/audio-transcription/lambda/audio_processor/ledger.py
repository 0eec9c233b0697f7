"""The chunks that Transcribe has been given and whose words are not all committed. Pure.

Each chunk has its place in the session's audio: 32 bytes a millisecond, in order of `seq`, however long each is.
A lost chunk is taken to be as long as the one after it. Nobody knows, but a client's chunks are alike; and of words
that an earlier stream heard with it, a later one must know which they are.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from audio_processor.chunk import Chunk
from audio_processor.limits import BYTES_PER_MS, GAP_MOST_MS
from audio_processor.pcm import at_volume


@dataclass(frozen=True, kw_only=True)
class HeldChunk:
    """A chunk and its place in the session's audio.

    A `silent` chunk is heard as silence: paused or muted. None: not known yet, and nothing from here on is fed.
    `volume`: the broadcast's, from 0.0 to 1.0.
    """

    chunk: Chunk
    start_byte: int
    silent: bool | None
    volume: float = 1.0

    @property
    def end_byte(self) -> int:
        return self.start_byte + len(self.chunk.audio)

    @property
    def start_ms(self) -> int:
        return self.start_byte // BYTES_PER_MS

    @property
    def end_ms(self) -> int:
        return self.end_byte // BYTES_PER_MS

    @property
    def sound(self) -> bytes:
        """What Transcribe hears."""
        return at_volume(self.chunk.audio, 0.0 if self.silent else self.volume)


class Ledger:
    """Held chunks in order; the first not covered is where a new stream begins."""

    def __init__(self, *, next_seq: int, offset_byte: int) -> None:
        self._held: OrderedDict[int, HeldChunk] = OrderedDict()
        self._undecided: list[int] = []
        """The numbers of those of which it is not known whether they are silent."""
        self._first_seq, self._first_byte = next_seq, offset_byte
        self._next_seq, self._end_byte = next_seq, offset_byte

    @property
    def first_seq(self) -> int:
        """The lowest number that is not covered."""
        return self._first_seq

    @property
    def first_byte(self) -> int:
        """The place of `first_seq` in the session's audio."""
        return self._first_byte

    @property
    def end_ms(self) -> int:
        """The end of the audio so far."""
        return self._end_byte // BYTES_PER_MS

    def __iter__(self) -> Iterator[HeldChunk]:
        return iter(self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def get(self, seq: int) -> Chunk | None:
        held = self._held.get(seq)
        return held.chunk if held else None

    def carrying(self, place_ms: int) -> Chunk | None:
        """The held chunk that carries the audio just before this place; None when it was let go, or was lost."""
        return next((held.chunk for held in self if held.start_ms < place_ms <= held.end_ms), None)

    def add(self, chunk: Chunk, *, silent: bool | None, volume: float = 1.0) -> HeldChunk:
        """Append the next chunk in order."""
        lost_bytes = min((chunk.seq - self._next_seq) * len(chunk.audio), GAP_MOST_MS * BYTES_PER_MS)
        held = HeldChunk(chunk=chunk, start_byte=self._end_byte + lost_bytes, silent=silent, volume=volume)
        if not self._held:
            self._first_seq, self._first_byte = chunk.seq, held.start_byte
        self._held[chunk.seq] = held
        if silent is None:
            self._undecided.append(chunk.seq)
        self._next_seq, self._end_byte = chunk.seq + 1, held.end_byte
        return held

    def decide(self, is_silent: Callable[[int], bool | None]) -> None:
        """Ask once more about chunks of which it is not known whether they are silent; by the time of their arrival."""
        undecided, self._undecided = self._undecided, []
        for seq in undecided:
            held = self._held.get(seq)
            if held is None:
                continue
            silent = is_silent(held.chunk.received_at_ms)
            self._held[seq] = replace(held, silent=silent)
            if silent is None:
                self._undecided.append(seq)

    def feedable(self, seq: int) -> list[HeldChunk]:
        """The chunks after this number that can be fed, in order."""
        if seq >= self._next_seq - 1:
            return []
        # From the end: what was fed is held for seconds, and most of what is held.
        later = list(takewhile(lambda held: held.chunk.seq > seq, reversed(self._held.values())))
        later.reverse()
        return list(takewhile(lambda held: held.silent is not None, later))

    def refresh(self, chunk: Chunk) -> None:
        """A held message came again: its newest receipt handle is the one that deletes it."""
        held = self._held[chunk.seq]
        self._held[chunk.seq] = replace(
            held,
            chunk=replace(held.chunk, receipt_handle=chunk.receipt_handle, taken_at_ms=chunk.taken_at_ms),
        )

    def cover(self, until_ms: int) -> list[Chunk]:
        """Let go of the chunks that end at or before this place; they may be deleted once a checkpoint says so."""
        let_go = []
        while self._held:
            seq, held = next(iter(self._held.items()))
            if held.end_ms > until_ms:
                break
            del self._held[seq]
            let_go.append(held.chunk)
            self._first_seq, self._first_byte = seq + 1, held.end_byte
        if self._held:
            first = next(iter(self._held.values()))
            self._first_seq, self._first_byte = first.chunk.seq, first.start_byte
        return let_go
