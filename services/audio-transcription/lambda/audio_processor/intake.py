"""What becomes of each message that the queue delivers. Pure.

`waiting` (behind a gap) → `held` (given to Transcribe, not all committed) → `settled` (covered by what was committed;
its message is deleted once a checkpoint has recorded that). A repeat of a message that is waiting or held only renews
its receipt handle; one that the client has sent again is deleted at once, any other as the message that it repeats.
"""

from dataclasses import replace

from audio_processor.chunk import Chunk
from audio_processor.ledger import Ledger
from audio_processor.reorder import Reorder


class Intake:
    """Messages by what becomes of them."""

    def __init__(self, *, reorder: Reorder, ledger: Ledger) -> None:
        self.reorder = reorder
        self.ledger = ledger
        self.received = 0
        self.repeated = 0
        self._settled: list[tuple[int, Chunk]] = []

    def accept(self, chunk: Chunk) -> None:
        """Take one delivery."""
        known = self.reorder.get(chunk.seq) or self.ledger.get(chunk.seq)
        if known is None and chunk.seq >= self.reorder.next_seq:
            self.received += 1
            self.reorder.put(chunk)
            return
        self.repeated += 1
        if known is None:
            # Its audio is covered, or given up, perhaps by a checkpoint that is not written: who follows may need it.
            self._settled.append((chunk.seq, chunk))
        elif known.message_id != chunk.message_id:
            # A known number with another message id is the client's resending: the message that was sent first carries
            # the audio, though the queue may deliver it last.
            waiting = self.reorder.get(chunk.seq)
            if waiting is not None and chunk.arrived_at_ms < waiting.arrived_at_ms:
                self.reorder.put(chunk)
                chunk = waiting
            self._settled.append((-1, chunk))
        elif self.ledger.get(chunk.seq) is not None:
            self.ledger.refresh(chunk)
        else:
            self.reorder.put(replace(known, receipt_handle=chunk.receipt_handle, taken_at_ms=chunk.taken_at_ms))

    def cover(self, until_ms: int) -> None:
        """Settle what lies before this place of the session's audio."""
        self._settled += [(chunk.seq, chunk) for chunk in self.ledger.cover(until_ms)]

    def deletable(self, acked_seq: int) -> list[Chunk]:
        """Settled messages that the checkpoint `acked_seq` allows to delete; each is returned once."""
        allowed = [chunk for seq, chunk in self._settled if seq <= acked_seq]
        self._settled = [(seq, chunk) for seq, chunk in self._settled if seq > acked_seq]
        return allowed

    def unacknowledged(self, acked_seq: int) -> list[Chunk]:
        """Every message that someone must still hear if the checkpoint `acked_seq` is the last that was written."""
        return [chunk for seq, chunk in self._settled if seq > acked_seq] + self.unsettled()

    def ageing(self, now_ms: int, *, after_ms: int) -> list[Chunk]:
        """Messages held for so long that their visibility must be extended; counted from now again."""
        ageing = [chunk for chunk in self.unsettled() if now_ms - chunk.taken_at_ms >= after_ms]
        for chunk in ageing:
            renewed = replace(chunk, taken_at_ms=now_ms)
            if self.ledger.get(chunk.seq) is not None:
                self.ledger.refresh(renewed)
            else:
                self.reorder.put(renewed)
        return ageing

    def unsettled(self) -> list[Chunk]:
        """Every message that someone must still hear."""
        return [held.chunk for held in self.ledger] + list(self.reorder.waiting())
