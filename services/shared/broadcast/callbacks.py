"""Messages to clients through API Gateway's `@connections`."""

import json
from collections.abc import Mapping
from typing import Any

from broadcast import aws
from broadcast.errors import Refusal
from broadcast.events import Caller


def post(callback_url: str, connection_id: str, message: Mapping[str, Any]) -> bool:
    """Send one message; False when the connection is gone."""
    return send(callback_url, connection_id, encode(message))


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it is sent: encoded once, it may be sent to many."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def send(callback_url: str, connection_id: str, data: bytes) -> bool:
    """Send an encoded message; False when the connection is gone."""
    api = aws.callback_client(callback_url)
    try:
        api.post_to_connection(ConnectionId=connection_id, Data=data)
    except api.exceptions.GoneException:
        return False
    return True


def close(callback_url: str, connection_id: str) -> None:
    """Close a connection from the server's side; one that is gone already is as good."""
    api = aws.callback_client(callback_url)
    try:
        api.delete_connection(ConnectionId=connection_id)
    except api.exceptions.GoneException:
        return


def is_open(callback_url: str, connection_id: str) -> bool:
    """Whether the gateway still has the connection."""
    api = aws.callback_client(callback_url)
    try:
        api.get_connection(ConnectionId=connection_id)
    except api.exceptions.GoneException:
        return False
    return True


def refuse(caller: Caller, refusal: Refusal) -> None:
    """Tell the sender why its message was not carried out."""
    message: dict[str, Any] = {
        "type": "error",
        "code": refusal.code,
        "message": refusal.message,
        "requestId": caller.request_id,
    }
    if refusal.details is not None:
        message["details"] = refusal.details
    post(caller.callback_url, caller.connection_id, message)
