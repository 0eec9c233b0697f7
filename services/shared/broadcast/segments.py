"""The request that the audio processor sends to the translation pipeline for each segment."""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SegmentRequest:
    """One segment to translate. Times of audio are milliseconds of the session; `…AtMs` are epoch milliseconds."""

    sessionId: str  # noqa: N815 - the payload's own names, here and below
    segmentId: str  # noqa: N815
    sequence: int
    sourceLanguage: str  # noqa: N815
    sourceText: str  # noqa: N815
    startMs: int  # noqa: N815
    endMs: int  # noqa: N815
    isFinal: bool  # noqa: N815
    releasedAtMs: int  # noqa: N815
    callbackUrl: str  # noqa: N815
    stableAtMs: int | None = None  # noqa: N815
    correctionOf: str | None = None  # noqa: N815
    dynamics: dict[str, Any] | None = None
    qualityTier: str = "standard"  # noqa: N815

    def to_payload(self) -> bytes:
        """The JSON of the invocation; fields that are None are left out."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None}).encode()


def from_payload(payload: dict[str, Any]) -> SegmentRequest:
    """The inverse. Raises TypeError for missing or unknown fields."""
    return SegmentRequest(**payload)


def segment_id(session_id: str, sequence: int) -> str:
    """The same segment has the same id however often it is sent."""
    return f"{session_id}-{sequence}"
