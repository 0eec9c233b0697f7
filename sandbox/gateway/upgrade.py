"""Whether a request is a WebSocket handshake at all (RFC 6455, section 4.2.1). Pure."""

import base64
import binascii
import json

from websockets.utils import accept_key

from sandbox.edge.http import HttpRequest, HttpResponse

KEY_BYTES = 16


def accept(request: HttpRequest) -> str | None:
    """The handshake's `Sec-WebSocket-Accept`, or None for a request that is no proper handshake."""
    keys = [value.strip() for name, value in request.headers if name.lower() == "sec-websocket-key"]
    if request.method != "GET" or request.body or len(keys) != 1:
        return None
    if request.header("Sec-WebSocket-Version") != "13" or "upgrade" not in _tokens(request, "Connection"):
        return None
    try:
        key = base64.b64decode(keys[0], validate=True)
    except (binascii.Error, ValueError):
        return None
    return accept_key(keys[0]) if len(key) == KEY_BYTES else None


def refused(status: int, message: str, error_type: str) -> HttpResponse:
    """A refusal before there is a connection, and so without an id."""
    return HttpResponse(
        status=status,
        headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)),
        body=json.dumps({"message": message}, separators=(",", ":")).encode(),
    )


def _tokens(request: HttpRequest, name: str) -> set[str]:
    """A header's comma-separated values, of all its lines, in lower case."""
    lines = (value for key, value in request.headers if key.lower() == name.lower())
    return {token.strip().lower() for line in lines for token in line.split(",")}
