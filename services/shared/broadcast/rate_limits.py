"""Rate limits that hold across execution environments: sliding windows in the table `RateLimits-{env}`.

The window is read and written back on condition that nobody wrote meanwhile, so that of two events at the limit one
alone passes. A table that does not answer stops nobody: a limit protects the service, it is not part of it.
"""

import random
import time
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import aws, settings
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.items import from_item, to_item
from broadcast.sliding_window import admit

logger = Logger(child=True)

SPARE = 1
"""The contract: sliding windows with one spare event."""
TRIES = 6
"""Writes that may lose a race before the event is refused: so many at once are over any of the limits."""
FIRST_WAIT_S = 0.01


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """At most `events` (and one spare) of one kind for each of whom it counts, in any `window_s`."""

    kind: str
    events: int
    window_s: int


def sessions_per_user() -> RateLimit:
    return _configured("sessions", "RATE_LIMIT_SESSIONS_PER_HOUR", window_s=3600)


def joins_per_address() -> RateLimit:
    return _configured("joins", "RATE_LIMIT_LISTENER_JOINS_PER_MIN", window_s=60)


def connections_per_address() -> RateLimit:
    return _configured("connections", "RATE_LIMIT_CONNECTION_ATTEMPTS_PER_MIN", window_s=60)


def heartbeats_per_connection() -> RateLimit:
    return _configured("heartbeats", "RATE_LIMIT_HEARTBEATS_PER_MIN", window_s=60)


def take(limit: RateLimit, who: str) -> None:
    """Count one event. Raises Refusal RATE_LIMIT_EXCEEDED over the limit; nothing is counted then."""
    try:
        allowed = any(_try(limit, f"{limit.kind}#{who}", number) for number in range(TRIES))
    except (ClientError, BotoCoreError) as error:
        logger.warning("rate limit not checked", kind=limit.kind, reason=type(error).__name__)
        return
    if not allowed:
        raise _over(limit)


def _configured(kind: str, variable: str, *, window_s: int) -> RateLimit:
    return RateLimit(kind=kind, events=int(settings.variable(variable)), window_s=window_s)


def _over(limit: RateLimit) -> Refusal:
    text = f"{limit.kind}: expected at most {limit.events} in {limit.window_s} s, got more: wait and try again"
    return Refusal("RATE_LIMIT_EXCEEDED", text, {"limit": limit.events, "windowMs": limit.window_s * 1000})


def _try(limit: RateLimit, identifier: str, number: int) -> bool:
    """One read and one conditional write; False when another writer was faster. Raises Refusal over the limit."""
    if number:
        time.sleep(random.uniform(0, FIRST_WAIT_S * 2**number))
    dynamodb, table = aws.client("dynamodb"), settings.variable("RATE_LIMITS_TABLE_NAME")
    found = dynamodb.get_item(TableName=table, Key=to_item({"identifier": identifier}), ConsistentRead=True)
    stored = from_item(found.get("Item", {}))
    now = now_ms()
    events = admit(stored.get("eventsMs", []), now_ms=now, limit=limit.events + SPARE, window_ms=limit.window_s * 1000)
    if events is None:
        raise _over(limit)
    version = stored.get("version", 0)
    item = {
        "identifier": identifier,
        "eventsMs": events,
        "version": version + 1,
        "expiresAt": now // 1000 + limit.window_s + 1,
    }
    try:
        dynamodb.put_item(
            TableName=table,
            Item=to_item(item),
            ConditionExpression="attribute_not_exists(identifier) OR version = :seen",
            ExpressionAttributeValues=to_item({":seen": version}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
