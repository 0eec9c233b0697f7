"""What the journal notes of a message, read from its text; audio is a digest and nothing more. Pure."""

import base64
import hashlib
import json
import re
from typing import Any

DIGEST_BYTES = 8
_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
"""What an action looks like; anything else may be whatever a client likes, audio or a token too, and is not noted."""
_SEQ_BITS = 63
_SHOWN = ("type", "segmentId", "sequence", "language", "code")


def digest(audio: bytes) -> str:
    """A short name for a piece of audio, by which a report follows it through the system."""
    return hashlib.blake2b(audio, digest_size=DIGEST_BYTES).hexdigest()


def inbound(body: str) -> dict[str, Any]:
    """The action of a client's message and, for audio, its number and digest."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(message, dict) or not isinstance(message.get("action"), str):
        return {}
    if _ACTION.fullmatch(message["action"]) is None:
        return {"malformed": True}
    noted: dict[str, Any] = {"action": message["action"]}
    audio, seq = message.get("audio"), message.get("seq")
    if isinstance(seq, int) and not isinstance(seq, bool) and seq.bit_length() <= _SEQ_BITS:
        noted["seq"] = seq
    if isinstance(audio, str):
        try:
            noted["digest"] = digest(base64.b64decode(audio, validate=True))
        except ValueError:
            noted["malformed"] = True
    return noted


def outbound(data: bytes) -> dict[str, Any]:
    """Which message of the product's a callback carries."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return {name: message[name] for name in _SHOWN if name in message} if isinstance(message, dict) else {}
