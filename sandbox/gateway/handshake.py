"""What the answers of authorizer and `$connect` mean for a handshake, and the refusals that it is given. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.edge.http import Headers
from sandbox.functions.invocation import Outcome
from sandbox.gateway import frames
from sandbox.gateway.effects import Fault, Respond

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""What a subprotocol may be (RFC 6455, section 4.1)."""

_REFUSALS = {
    401: ("Unauthorized", "UnauthorizedException"),
    403: (frames.FORBIDDEN, "ForbiddenException"),
    429: (frames.TOO_MANY_REQUESTS, "TooManyRequestsException"),
    504: (frames.TIMED_OUT, "IntegrationTimeoutException"),
}
_FAILURE = (frames.INTERNAL_SERVER_ERROR, "InternalServerErrorException")


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """`$connect`'s function agrees; `subprotocol` is what it chose (WS-34)."""

    subprotocol: str | None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The handshake's status, and what the journal says of it."""

    status: int
    fault: Fault
    reason: str


def connect_answer(outcome: Outcome) -> Accepted | Refused:
    """The handler's status is the handshake's; a failure or no status is 502, no permission 500 (WS-21, WS-23,
    WS-24)."""
    if outcome.status != 200:
        reason = outcome.error_type or "the function of $connect could not be invoked"
        return Refused(status=500, fault=Fault.EXECUTION, reason=reason)
    if outcome.function_error is not None:
        return _failed("the function of $connect failed")
    try:
        answer = json.loads(outcome.payload)
        status = int(answer["statusCode"])
        headers = answer.get("headers") or {}
        chosen = {str(name).lower(): str(value) for name, value in headers.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return _failed("the function of $connect returned no status code")
    if 200 <= status < 300:
        subprotocol = chosen.get("sec-websocket-protocol")
        if subprotocol is not None and _TOKEN.fullmatch(subprotocol) is None:
            return _failed("the function of $connect chose no proper subprotocol")
        return Accepted(subprotocol=subprotocol)
    if not 300 <= status <= 599:
        return _failed(f"the function of $connect returned {status}, which is no status code")
    return Refused(status=status, fault=Fault.INTEGRATION, reason=f"the function of $connect returned {status}")


def _failed(reason: str) -> Refused:
    return Refused(status=502, fault=Fault.INTEGRATION, reason=reason)


def accepted(accept: str, subprotocol: str | None) -> Respond:
    """The 101. No extension is ever in it (WS-43)."""
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
    if subprotocol is not None:
        headers.append(("Sec-WebSocket-Protocol", subprotocol))
    return Respond(status=101, headers=tuple(headers))


def refused(status: int, connection_id: str, request_id: str, *, fault: Fault, reason: str) -> Respond:
    """A refusal with the gateway's own words; a status that the handler chose has none of them (WS-30)."""
    text, error_type = _REFUSALS.get(status, _FAILURE if status >= 500 else ("", ""))
    headers = [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", request_id)]
    if not text:
        return Respond(status=status, headers=tuple(headers), fault=fault, reason=reason)
    headers += [("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)]
    body = frames.refusal(text, connection_id, request_id).encode()
    return Respond(status=status, headers=tuple(headers), body=body, fault=fault, reason=reason)


def identity_value(
    source: str, *, headers: Headers, query: str, stage_variables: dict[str, str], context: dict[str, Any]
) -> str | None:
    """The value of an identity source, as `route.request.querystring.token`; None or empty is a 401 (WS-29)."""
    kind, _, name = source.removeprefix("$").partition(".")
    if kind == "stageVariables":
        return stage_variables.get(name)
    if kind == "context":
        found: Any = context
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return None if found is None else str(found)
    place, _, name = name.removeprefix("request.").partition(".")
    if place == "querystring":
        return dict(parse_qsl(query, keep_blank_values=True)).get(name)
    return next((value for key, value in headers if key.lower() == name.lower()), None)
