"""The events that functions receive, with API Gateway's keys in its order (WS-01 … WS-14, WS-28, WS-32). Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from sandbox.edge.http import Headers

Event = dict[str, Any]

_HOP_HEADERS = frozenset(["connection", "upgrade"])


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What is constant for the life of a connection."""

    connection_id: str
    api_id: str
    stage: str
    domain_name: str
    region: str
    account_id: str
    connected_ms: int
    source_ip: str
    user_agent: str | None


def request_time(at_ms: int) -> str:
    """Common log format, as `09/Feb/2024:18:11:43 +0000` (WS-13)."""
    return _common_log_time(at_ms // 1000)


@lru_cache(8)
def _common_log_time(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, tz=UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def connect(
    identity: Identity, *, headers: Headers, query: str, now_ms: int, request_id: str, authorizer: Event | None
) -> Event:
    """`$connect`'s event. It has no body, and query keys only when there is a query string (WS-01)."""
    shown = _forwarded(headers, identity)
    return {
        **_headers([(name, value) for name, value in shown if name.lower() not in _HOP_HEADERS]),
        **_query(query),
        "requestContext": _context(
            identity, route_key="$connect", kind="CONNECT", now_ms=now_ms, request_id=request_id, authorizer=authorizer
        ),
        "isBase64Encoded": False,
    }


def connect_context(identity: Identity, *, now_ms: int, request_id: str) -> Event:
    """`$connect`'s request context, as an identity source may name a part of it (WS-29)."""
    return _context(
        identity, route_key="$connect", kind="CONNECT", now_ms=now_ms, request_id=request_id, authorizer=None
    )


def authorize(
    identity: Identity, *, headers: Headers, query: str, now_ms: int, request_id: str, stage_variables: dict[str, str]
) -> Event:
    """The authorizer's event (WS-28): here the upgrade's own headers are shown too (WS-04)."""
    arn = f"arn:aws:execute-api:{identity.region}:{identity.account_id}:{identity.api_id}/{identity.stage}/$connect"
    shown = [*_forwarded(headers, identity), ("content-length", "0")]
    shown = [(name, "upgrade" if name.lower() == "connection" else value) for name, value in shown]
    queries = _query(query) or {"queryStringParameters": {}, "multiValueQueryStringParameters": {}}
    return {
        "type": "REQUEST",
        "methodArn": arn,
        **_headers(shown),
        **queries,
        "stageVariables": stage_variables,
        "requestContext": connect_context(identity, now_ms=now_ms, request_id=request_id),
    }


def message(
    identity: Identity,
    *,
    route_key: str,
    body: str,
    now_ms: int,
    request_id: str,
    message_id: str,
    authorizer: Event | None,
) -> Event:
    """A message's event: context, body and nothing of the handshake (WS-05)."""
    return {
        "requestContext": _context(
            identity,
            route_key=route_key,
            kind="MESSAGE",
            now_ms=now_ms,
            request_id=request_id,
            authorizer=authorizer,
            message_id=message_id,
        ),
        "body": body,
        "isBase64Encoded": False,
    }


def disconnect(
    identity: Identity, *, code: int, reason: str, now_ms: int, request_id: str, authorizer: Event | None
) -> Event:
    """`$disconnect`'s event, after the connection is closed (WS-06)."""
    headers = [("Host", identity.domain_name), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
    return {
        **_headers(headers),
        "requestContext": _context(
            identity,
            route_key="$disconnect",
            kind="DISCONNECT",
            now_ms=now_ms,
            request_id=request_id,
            authorizer=authorizer,
            disconnect=(code, reason),
        ),
        "isBase64Encoded": False,
    }


def _context(
    identity: Identity,
    *,
    route_key: str,
    kind: str,
    now_ms: int,
    request_id: str,
    authorizer: Event | None,
    message_id: str | None = None,
    disconnect: tuple[int, str] | None = None,
) -> Event:
    context: Event = {"routeKey": route_key}
    if disconnect is not None:
        context["disconnectStatusCode"] = disconnect[0]
    if message_id is not None:
        context["messageId"] = message_id
    if authorizer is not None:
        context["authorizer"] = authorizer
    context |= {
        "eventType": kind,
        "extendedRequestId": request_id,
        "requestTime": request_time(now_ms),
        "messageDirection": "IN",
    }
    if disconnect is not None:
        context["disconnectReason"] = disconnect[1]
    caller = {"sourceIp": identity.source_ip}
    return context | {
        "stage": identity.stage,
        "connectedAt": identity.connected_ms,
        "requestTimeEpoch": now_ms,
        "identity": {"userAgent": identity.user_agent, **caller} if identity.user_agent is not None else caller,
        "requestId": request_id,
        "domainName": identity.domain_name,
        "connectionId": identity.connection_id,
        "apiId": identity.api_id,
    }


def _forwarded(headers: Headers, identity: Identity) -> list[tuple[str, str]]:
    host = [(name, identity.domain_name if name.lower() == "host" else value) for name, value in headers]
    root = identity.connection_id.encode().hex()[:24].ljust(24, "0")
    return [
        *host,
        ("X-Amzn-Trace-Id", f"Root=1-{identity.connected_ms // 1000:08x}-{root}"),
        ("X-Forwarded-For", identity.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]


def _headers(pairs: list[tuple[str, str]]) -> Event:
    """Headers stand in the order of their names, whatever the case."""
    return _multi("headers", "multiValueHeaders", sorted(pairs, key=lambda pair: pair[0].lower()))


def _multi(single: str, multiple: str, pairs: list[tuple[str, str]]) -> Event:
    last: dict[str, str] = {}
    every: dict[str, list[str]] = {}
    for name, value in pairs:
        last[name] = value
        every.setdefault(name, []).append(value)
    return {single: last, multiple: every}


def _query(query: str) -> Event:
    if not query:
        return {}
    return _multi("queryStringParameters", "multiValueQueryStringParameters", parse_qsl(query, keep_blank_values=True))
