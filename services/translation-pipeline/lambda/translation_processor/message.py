"""The contract's `translation` message. Pure."""

import base64
from collections.abc import Mapping
from typing import Any

from broadcast import callbacks
from broadcast.segments import SegmentRequest

from translation_processor import limits

AUDIO_FORMAT = "mp3"
"""What every browser decodes; `audio.format` of the contract and `OutputFormat` of Polly."""


def translation(segment: SegmentRequest, *, language: str, text: str) -> dict[str, Any]:
    """The message without audio."""
    message: dict[str, Any] = {
        "type": "translation",
        "sessionId": segment.sessionId,
        "segmentId": segment.segmentId,
        "sequence": segment.sequence,
        "language": language,
        "text": text,
        "sourceText": segment.sourceText,
        "startMs": segment.startMs,
        "endMs": segment.endMs,
        "isFinal": segment.isFinal,
    }
    if segment.correctionOf is not None:
        message["correctionOf"] = segment.correctionOf
    if segment.dynamics is not None:
        message["dynamics"] = segment.dynamics
    return message


def encode_with_audio(message: Mapping[str, Any], audio: bytes) -> bytes | None:
    """The message with its audio as it is sent, or None where that does not fit into one frame."""
    spoken = {**message, "audio": {"format": AUDIO_FORMAT, "base64": base64.b64encode(audio).decode()}}
    data = callbacks.encode(spoken)
    return data if len(data) <= limits.FRAME_BYTES else None
