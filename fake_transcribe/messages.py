"""The service's messages, byte for byte: headers in its order, JSON as it writes it. Pure."""

import json
from typing import Any

from fake_transcribe.event_stream import Header, Message, encode

_JSON = "application/json"


def transcript(results: list[dict[str, Any]]) -> bytes:
    """A TranscriptEvent; without results it is the heartbeat."""
    return event("TranscriptEvent", {"Transcript": {"Results": results}})


def event(name: str, document: dict[str, Any]) -> bytes:
    """An event of this type."""
    headers: tuple[Header, ...] = ((":event-type", name), (":content-type", _JSON), (":message-type", "event"))
    return encode(Message(headers=headers, payload=_json(document)))


def exception(name: str, message: str) -> bytes:
    """An exception in the stream; the stream ends with it."""
    headers: tuple[Header, ...] = (
        (":exception-type", name),
        (":content-type", _JSON),
        (":message-type", "exception"),
    )
    return encode(Message(headers=headers, payload=_json({"Message": message})))


def _json(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
