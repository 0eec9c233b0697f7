"""What the core says on."""

from dataclasses import dataclass
from typing import Literal

Reason = Literal["clause", "wait", "pause", "buffer", "final", "orphan", "finish"]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Words that are committed: they are never taken back, only corrected. `sequence` has no gaps.

    `result_id` is the recogniser's name of the result that said them.
    """

    sequence: int
    result_id: str
    text: str
    start_ms: int
    end_ms: int
    is_final: bool
    stable_at_ms: int
    released_at_ms: int
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The final contradicted a segment: `text` replaces that segment's. It takes a sequence number of its own."""

    sequence: int
    result_id: str
    corrects: int
    text: str
    start_ms: int
    end_ms: int
    released_at_ms: int


Output = Segment | Correction


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """Words of one result that were heard and not committed: where in the audio they are, and when they last changed.

    A stream may end before it settles them. The next stream hears them again, in another result; that is no reason for
    whoever waits for them to wait anew.
    """

    start_ms: int
    end_ms: int
    grown_ms: int


@dataclass(kw_only=True)
class Counters:
    """What happened, for metrics; each number only grows."""

    partials: int = 0
    finals: int = 0
    segments: int = 0
    corrections: int = 0
    orphans_flushed: int = 0
    rate_limited: int = 0
    late_finals: int = 0
    ignored: int = 0
