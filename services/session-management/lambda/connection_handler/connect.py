"""`$connect`: who may come in, told by the handshake's status."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import connections, fields, sessions
from broadcast.clock import now_ms
from broadcast.connections import LIFETIME_S, ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller

logger = Logger(child=True)

STATUS = {"INVALID_SESSION_ID": 400, "UNSUPPORTED_LANGUAGE": 400, "SESSION_NOT_FOUND": 404}


def connect(caller: Caller, query: Mapping[str, str]) -> dict[str, Any]:
    """Record the connection; a listener's session must be live and its language supported."""
    try:
        if caller.role == "listener":
            _check_listener(query)
    except Refusal as refusal:
        logger.info("connection refused", code=refusal.code, reason=refusal.message)
        return {"statusCode": STATUS[refusal.code]}
    now = now_ms()
    connections.put(
        ConnectionRecord(
            connectionId=caller.connection_id,
            role=caller.role,
            userId=caller.user_id,
            callbackUrl=caller.callback_url,
            connectedAtMs=now,
            ttl=now // 1000 + LIFETIME_S,
        )
    )
    return {"statusCode": 200}


def _check_listener(query: Mapping[str, str]) -> None:
    session_id = fields.session_id(query)
    fields.target_language(query)
    session = sessions.get(session_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none")
