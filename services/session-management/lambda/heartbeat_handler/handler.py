"""`heartbeat` of speakers and listeners."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import callbacks, connections, measures, rate_limits, route, settings
from broadcast.clock import now_ms
from broadcast.events import Caller

from heartbeat_handler.ages import notices

logger = Logger()

MINUTE_MS = 60_000


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One `heartbeat` message."""
    connected_at_ms = int(event["requestContext"]["connectedAt"])

    def heartbeat(caller: Caller, _message: Mapping[str, Any]) -> None:
        _answer(caller, connected_at_ms)

    return route.answer(event, {"heartbeat": heartbeat})


def _answer(caller: Caller, connected_at_ms: int) -> None:
    rate_limits.take(rate_limits.heartbeats_per_connection(), caller.connection_id)
    now = now_ms()
    connections.seen(caller.connection_id, now)
    told = notices(
        age_ms=now - connected_at_ms,
        refresh_from_ms=int(settings.variable("CONNECTION_REFRESH_MINUTES")) * MINUTE_MS,
        warn_from_ms=int(settings.variable("CONNECTION_WARNING_MINUTES")) * MINUTE_MS,
    )
    for message in ({"type": "heartbeatAck", "timestamp": now}, *told):
        callbacks.post(caller.callback_url, caller.connection_id, message)
