"""A listener's side of the delivery contract. Pure.

Delivery is at least once and may be out of order: drop a `segmentId` already held, order by `sequence`, take a gap
older than 3 s as final, and let a message with `correctionOf` replace that segment's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GAP_IS_FINAL_MS = 3000
"""How long a listener waits for a missing sequence before it goes on (contract, "Messages, server to client")."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One segment as a listener holds it."""

    segment_id: str
    sequence: int
    text: str
    source_text: str
    received_ms: int


@dataclass(kw_only=True)
class Transcript:
    """What one listener has received."""

    _lines: dict[str, Line] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _shown_sequence: int = -1
    duplicates: int = 0
    corrections: int = 0

    def receive(self, message: Mapping[str, Any], now_ms: int) -> bool:
        """Take one `translation` message; False when it is a repeat."""
        segment_id = str(message["segmentId"])
        if segment_id in self._seen:
            self.duplicates += 1
            return False
        self._seen.add(segment_id)
        corrected = message.get("correctionOf")
        if corrected is not None:
            self.corrections += 1
            replaced = self._lines.get(str(corrected))
            sequence = replaced.sequence if replaced else int(message["sequence"])
            key = str(corrected)
        else:
            sequence, key = int(message["sequence"]), segment_id
        self._lines[key] = Line(
            segment_id=segment_id,
            sequence=sequence,
            text=str(message["text"]),
            source_text=str(message["sourceText"]),
            received_ms=now_ms,
        )
        return True

    def lines(self) -> list[Line]:
        """Everything held, in the order of `sequence`."""
        return sorted(self._lines.values(), key=lambda line: line.sequence)

    def presentable(self, now_ms: int) -> list[Line]:
        """The lines that a screen may show by now and has not shown: no gap before them, or only old ones."""
        ready = []
        for line in self.lines():
            if line.sequence <= self._shown_sequence:
                continue
            gap = line.sequence != self._shown_sequence + 1
            if gap and now_ms - line.received_ms < GAP_IS_FINAL_MS:
                break
            self._shown_sequence = line.sequence
            ready.append(line)
        return ready

    def source_text(self) -> str:
        """The speaker's words as this listener got them."""
        return " ".join(line.source_text for line in self.lines())
