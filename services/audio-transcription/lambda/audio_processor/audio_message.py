"""`sendAudio` as the contract has it. Pure."""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcast.errors import Refusal

from audio_processor import limits

_BASE64_MAX = (limits.CHUNK_MAX_BYTES + 2) // 3 * 4


@dataclass(frozen=True, kw_only=True)
class AudioMessage:
    """A chunk that was accepted. `audio` is still base64: the queue carries text."""

    seq: int
    audio: str


def read(message: Mapping[str, Any]) -> AudioMessage:
    """The message's fields. Raises Refusal INVALID_PARAMETER, INVALID_AUDIO_FORMAT or AUDIO_CHUNK_TOO_LARGE."""
    seq, audio = message.get("seq"), message.get("audio")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq <= limits.SEQ_MAX:
        raise Refusal("INVALID_PARAMETER", f"seq: expected an integer from 0 to {limits.SEQ_MAX}, got {_shown(seq)}")
    if not isinstance(audio, str):
        raise Refusal("INVALID_PARAMETER", f"audio: expected base64 text, got {_shown(audio)}")
    if len(audio) > _BASE64_MAX:
        raise Refusal(
            "AUDIO_CHUNK_TOO_LARGE",
            f"audio: expected at most {limits.CHUNK_MAX_BYTES} bytes, got {len(audio) // 4 * 3} or so",
        )
    try:
        size = len(binascii.a2b_base64(audio.encode(), strict_mode=True))
    except ValueError:
        raise Refusal("INVALID_AUDIO_FORMAT", "audio: expected base64, got text that is not") from None
    if size < limits.CHUNK_MIN_BYTES or size % 2:
        raise Refusal(
            "INVALID_AUDIO_FORMAT",
            f"audio: expected an even number of bytes from {limits.CHUNK_MIN_BYTES}, got {size}",
        )
    return AudioMessage(seq=seq, audio=audio)


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:20]!r}"
