"""What a WebSocket event says, by name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcast.errors import Refusal

Event = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sent an event: the connection, its role, and the address that answers go to."""

    connection_id: str
    request_id: str
    role: str
    user_id: str
    callback_url: str
    source_ip: str


def route_key(event: Event) -> str:
    return str(event["requestContext"]["routeKey"])


def caller(event: Event) -> Caller:
    """The sender. The callback URL is built from the event's own domain and stage."""
    context = event["requestContext"]
    authorizer = context.get("authorizer") or {}
    return Caller(
        connection_id=context["connectionId"],
        request_id=context["requestId"],
        role=authorizer.get("role", ""),
        user_id=authorizer.get("userId", ""),
        callback_url=f"https://{context['domainName']}/{context['stage']}",
        source_ip=context["identity"]["sourceIp"],
    )


def query(event: Event) -> dict[str, str]:
    """The query string's fields."""
    return dict(event.get("queryStringParameters") or {})


def body(event: Event) -> dict[str, Any]:
    """The message. Raises Refusal INVALID_MESSAGE for anything but a JSON object."""
    try:
        message = json.loads(event.get("body") or "")
    except ValueError:
        raise Refusal("INVALID_MESSAGE", "expected a JSON object, got text that is not JSON") from None
    except RecursionError:
        raise Refusal("INVALID_MESSAGE", "expected a JSON object, got one that is nested too deeply") from None
    if not isinstance(message, dict):
        raise Refusal("INVALID_MESSAGE", f"expected a JSON object, got a {type(message).__name__}")
    return message
