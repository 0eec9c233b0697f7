"""Dispatches the routes of connections and sessions; a refusal is told to the sender and changes nothing."""

from typing import Any

from aws_lambda_powertools import Logger
from broadcast import aws, events, measures, route
from broadcast.route import Route

from connection_handler import connect, control, create, join, listen_control

logger = Logger()
aws.prepare("dynamodb", "sqs")

ROUTES: dict[str, Route] = {
    "createSession": create.create_session,
    "joinSession": join.join_session,
    "speakerControl": control.speaker_control,
    "listenerControl": listen_control.listener_control,
}


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One event of the WebSocket API."""
    if events.route_key(event) == "$connect":
        return connect.connect(events.caller(event), events.query(event))
    return route.answer(event, ROUTES)
