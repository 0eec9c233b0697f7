"""`@connections`: a backend's callbacks to a connection (WS-47 … WS-56)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.gateway import ids, limits
from sandbox.gateway.connection import Connection
from sandbox.gateway.lifecycle import State


class OpenConnection(Protocol):
    """What a callback meets: a connection with its socket."""

    connection: Connection

    def waiting_bytes(self) -> int:
        """What waits for the client to read it."""

    def post(self, data: bytes) -> None:
        """Send one text message."""

    def delete(self) -> None:
        """Close the connection."""


def answer(
    request: HttpRequest,
    *,
    connection_id: str,
    find: Callable[[str], OpenConnection | None],
    admits: Callable[[], bool],
) -> HttpResponse:
    """The answer to a request that is signed and meets a deployed stage; `find` gives that stage's connections."""
    if not ids.is_well_formed(connection_id):
        return refused(400, "BadRequestException", f"Invalid connectionId: {connection_id}")
    if not admits():
        return refused(429, "LimitExceededException", "Too Many Requests")
    found = find(connection_id)
    if found is None or found.connection.state is not State.OPEN:
        return HttpResponse(status=410, headers=(("x-amzn-ErrorType", "GoneException"),))
    match request.method:
        case "POST":
            return _post(found, request.body)
        case "GET":
            return _describe(found.connection)
        case "DELETE":
            found.delete()
            return HttpResponse(status=204)
        case _:
            return refused(403, "ForbiddenException", "Forbidden")


def refused(status: int, error_type: str, message: str) -> HttpResponse:
    """A refusal as API Gateway words it: its type in a header, its text in the body."""
    return HttpResponse(
        status=status,
        headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)),
        body=json.dumps({"message": message}).encode(),
    )


def _post(found: OpenConnection, data: bytes) -> HttpResponse:
    if len(data) > limits.MESSAGE_BYTES:
        return refused(413, "PayloadTooLargeException", "Message too long")
    if found.waiting_bytes() > limits.SEND_BUFFER_BYTES:
        return refused(429, "LimitExceededException", "Too Many Requests")
    found.post(data)
    return HttpResponse(status=200)


def _describe(connection: Connection) -> HttpResponse:
    def iso(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    identity = connection.identity
    body = {
        "connectedAt": iso(identity.connected_ms),
        "identity": {"sourceIp": identity.source_ip, "userAgent": identity.user_agent},
        "lastActiveAt": iso(connection.last_active_ms),
    }
    return HttpResponse(status=200, headers=(("Content-Type", "application/json"),), body=json.dumps(body).encode())
