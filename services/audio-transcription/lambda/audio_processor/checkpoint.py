"""What a successor needs to go on, as it stands in the session's item. Pure.

Order of writes, for each release of segments: (1) the checkpoint with the segments themselves in its `outbox`, on
condition of the fencing token; (2) the invocations, in order; (3) a later checkpoint without them; (4) the deletion of
the audio's messages. A crash after (1) leaves the segments in the outbox: whoever takes over sends them again, with the
same ids and the same words, which the translation drops if it has them. A crash before (1) leaves neither checkpoint
nor segment: the words are recognised again from audio that is still in the queue. Invoking first would leave segments
whose numbers the successor gives to other words; a checkpoint without an outbox would leave words that nobody sends.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from broadcast.segments import SegmentRequest, from_payload
from partial_results import Unsettled

from audio_processor.outage import Outage
from audio_processor.spans import Span


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The state between two workers.

    `acked_seq`: every chunk up to it is covered. `offset_byte`: the place of the next one in the session's audio.
    `covered_until_ms`: words before it are committed; `committed`: stretches after it whose words are committed too;
    `unsettled`: words that were heard there and are not. `next_sequence`: the number of the next segment. `outbox`:
    numbered segments that may not have been sent. `orderly`: the writer hides no message that it knows of.
    `heard_seq`: every chunk up to it has been received, or given up and counted, as those in `given_up`. `told_at_ms`,
    `quiet_since_ms`, `outage`: what the speaker was told and what goes on; `notices.py`, `sound.py` and `outage.py` say
    what they mean. `settings`: the last good configuration of partial results, for as long as the stored one cannot be
    had or is not valid.
    """

    acked_seq: int = -1
    offset_byte: int = 0
    covered_until_ms: int = 0
    committed: tuple[tuple[int, int], ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    next_sequence: int = 0
    outbox: tuple[SegmentRequest, ...] = ()
    last_chunk_at_ms: int = 0
    last_sound_at_ms: int = 0
    orderly: bool = True
    heard_seq: int = -1
    given_up: tuple[Span, ...] = ()
    told_at_ms: Mapping[str, int] = field(default_factory=dict)
    quiet_since_ms: int | None = None
    outage: Outage = field(default_factory=Outage)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_map(self) -> dict[str, Any]:
        """The map that is stored."""
        return {
            "ackedSeq": self.acked_seq,
            "audioOffsetBytes": self.offset_byte,
            "coveredUntilMs": self.covered_until_ms,
            "committed": [list(one) for one in self.committed],
            "unsettled": [[one.start_ms, one.end_ms, one.grown_ms] for one in self.unsettled],
            "nextSequence": self.next_sequence,
            "outbox": [one.to_payload().decode() for one in self.outbox],
            "lastChunkAtMs": self.last_chunk_at_ms,
            "lastSoundAtMs": self.last_sound_at_ms,
            "orderly": self.orderly,
            "heardSeq": self.heard_seq,
            "givenUp": [list(one) for one in self.given_up],
            "toldAtMs": dict(self.told_at_ms),
            "quietSinceMs": self.quiet_since_ms,
            "outage": asdict(self.outage),
            "settings": dict(self.settings),
        }


def from_map(stored: Mapping[str, Any]) -> Checkpoint:
    """The inverse of `to_map`; a table drops what is None."""
    return Checkpoint(
        acked_seq=stored["ackedSeq"],
        offset_byte=stored["audioOffsetBytes"],
        covered_until_ms=stored["coveredUntilMs"],
        committed=tuple((start_ms, end_ms) for start_ms, end_ms in stored["committed"]),
        unsettled=tuple(
            Unsettled(start_ms=start_ms, end_ms=end_ms, grown_ms=grown_ms)
            for start_ms, end_ms, grown_ms in stored.get("unsettled", ())
        ),
        next_sequence=stored["nextSequence"],
        outbox=tuple(from_payload(json.loads(one)) for one in stored["outbox"]),
        last_chunk_at_ms=stored["lastChunkAtMs"],
        last_sound_at_ms=stored["lastSoundAtMs"],
        orderly=stored["orderly"],
        heard_seq=stored["heardSeq"],
        given_up=tuple((first, last) for first, last in stored.get("givenUp", ())),
        told_at_ms=dict(stored["toldAtMs"]),
        quiet_since_ms=stored.get("quietSinceMs"),
        outage=Outage(**stored["outage"]),
        settings=dict(stored.get("settings", {})),
    )
