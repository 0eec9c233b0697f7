"""What the journal notes of the product's traffic, read from the messages as they pass. Pure."""

import json
from collections.abc import Mapping
from typing import Any

_SEGMENT_FIELDS = (
    "sessionId", "segmentId", "sequence", "sourceText", "startMs", "endMs", "isFinal", "releasedAtMs", "correctionOf",
)  # fmt: skip


def forwarded_segment(payload: bytes, request_id: str) -> dict[str, Any] | None:
    """The fields of a translation request and the accepted event's id, or None for an invocation that is something
    else."""
    if b'"segmentId"' not in payload:
        return None
    try:
        document = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(document, dict) or not {"segmentId", "sequence", "sourceText", "releasedAtMs"} <= document.keys():
        return None
    segment = {name: document[name] for name in _SEGMENT_FIELDS if document.get(name) is not None}
    return {**segment, "requestId": request_id}


def transcript_words(result: Mapping[str, Any]) -> list[list[Any]]:
    """`[[word, stable], …]` of a Transcribe result as sent on the wire; punctuation is left out."""
    alternatives = result.get("Alternatives") or [{}]
    return [
        [item["Content"], bool(item.get("Stable"))]
        for item in alternatives[0].get("Items", [])
        if item.get("Type") == "pronunciation"
    ]
