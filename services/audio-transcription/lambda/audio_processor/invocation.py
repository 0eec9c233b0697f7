"""The event that makes the function a stream worker."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KIND = "streamWorker"


@dataclass(frozen=True, kw_only=True)
class StreamWorkerRequest:
    """Whose queue to read. `predecessor_token` is set when a worker starts its own successor."""

    session_id: str
    queue_url: str
    callback_url: str
    generation: int = 0
    predecessor_token: int | None = None

    def to_payload(self) -> bytes:
        """The event's JSON."""
        event: dict[str, Any] = {
            "kind": KIND,
            "sessionId": self.session_id,
            "queueUrl": self.queue_url,
            "callbackUrl": self.callback_url,
            "generation": self.generation,
        }
        if self.predecessor_token is not None:
            event["predecessorToken"] = self.predecessor_token
        return json.dumps(event).encode()


def is_stream_worker(event: Mapping[str, Any]) -> bool:
    return event.get("kind") == KIND


def read(event: Mapping[str, Any]) -> StreamWorkerRequest:
    """The inverse of `to_payload`; `generation` and `predecessorToken` may be missing."""
    return StreamWorkerRequest(
        session_id=event["sessionId"],
        queue_url=event["queueUrl"],
        callback_url=event["callbackUrl"],
        generation=event.get("generation", 0),
        predecessor_token=event.get("predecessorToken"),
    )
