"""Dispatches the routes of connections and sessions; a refusal is told to the sender and changes nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import callbacks, events
from broadcast.errors import Refusal
from broadcast.events import Caller

from connection_handler import connect, control, create, join

logger = Logger()

Route = Callable[[Caller, Mapping[str, Any]], None]

ROUTES: dict[str, Route] = {
    "createSession": create.create_session,
    "joinSession": join.join_session,
    "speakerControl": control.speaker_control,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One event of the WebSocket API."""
    route = events.route_key(event)
    caller = events.caller(event)
    logger.append_keys(connectionId=caller.connection_id, route=route)
    if route == "$connect":
        return connect.connect(caller, events.query(event))
    try:
        message = events.body(event)
        if route not in ROUTES:
            raise Refusal("INVALID_MESSAGE", f"action: expected a known one, got {str(message.get('action'))[:40]!r}")
        ROUTES[route](caller, message)
    except Refusal as refusal:
        logger.info("refused", code=refusal.code, reason=refusal.message)
        callbacks.refuse(caller, refusal)
    except Exception:
        logger.exception("failed")
        callbacks.refuse(caller, Refusal("INTERNAL_ERROR", "the action could not be carried out, try again"))
    return {"statusCode": 200}
