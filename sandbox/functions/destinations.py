"""Where the end of an asynchronous invocation is told: the dead-letter queue and the destinations (L-26). Pure."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.definitions.model import Function
from sandbox.deliveries.requests import Attributes
from sandbox.functions.invocation import Outcome

SUCCESS = "Success"
ERROR_MESSAGE_BYTES = 1024
"""Of a dead letter's ErrorMessage attribute (Lambda guide, "Dead-letter queues")."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """An asynchronous invocation that is over; `condition` is Success or why it was given up."""

    request_id: str
    payload: bytes
    condition: str
    attempts: int
    outcome: Outcome
    ended_ms: int


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A message for a queue, a topic or a function; `setting` says what asked for it."""

    setting: str
    arn: str
    body: str
    attributes: Attributes


def notices(function: Function, event: Event) -> list[Notice]:
    """Whom to tell of the end of an event, and what."""
    found = []
    if event.condition != SUCCESS and function.dead_letter_arn is not None:
        body = event.payload.decode(errors="replace")
        found.append(
            Notice(setting="dead_letter", arn=function.dead_letter_arn, body=body, attributes=_attributes(event))
        )
    destination = function.on_success_arn if event.condition == SUCCESS else function.on_failure_arn
    if destination is not None:
        body = json.dumps(record(function, event), separators=(",", ":"), ensure_ascii=False)
        found.append(Notice(setting="destination", arn=destination, body=body, attributes={}))
    return found


def record(function: Function, event: Event) -> dict[str, Any]:
    """What a destination receives."""
    moment = datetime.fromtimestamp(event.ended_ms / 1000, tz=UTC)
    outcome = event.outcome
    response: dict[str, Any] = {"statusCode": outcome.status, "executedVersion": outcome.executed_version}
    if outcome.function_error is not None:
        response["functionError"] = outcome.function_error
    return {
        "version": "1.0",
        "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}.{event.ended_ms % 1000:03d}Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"{function.arn}:$LATEST",
            "condition": event.condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": _parsed(event.payload),
        "responseContext": response,
        "responsePayload": _parsed(outcome.payload),
    }


def _attributes(event: Event) -> Attributes:
    answer = _parsed(event.outcome.payload)
    said = (answer.get("errorMessage") or answer.get("message")) if isinstance(answer, dict) else None
    message = str(said or event.condition).encode()[:ERROR_MESSAGE_BYTES].decode(errors="ignore")
    return {
        "RequestID": ("String", event.request_id),
        "ErrorCode": ("Number", str(event.outcome.status)),
        "ErrorMessage": ("String", message),
    }


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode(errors="replace")
