"""`$connect`: who may come in, told by the handshake's status."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from broadcast import connections, fields, measures, rate_limits, sessions
from broadcast.clock import now_ms
from broadcast.connections import LIFETIME_S, ConnectionRecord
from broadcast.errors import Refusal
from broadcast.events import Caller

logger = Logger(child=True)

STATUS = {
    "INVALID_SESSION_ID": 400,
    "UNSUPPORTED_LANGUAGE": 400,
    "SESSION_NOT_FOUND": 404,
    "RATE_LIMIT_EXCEEDED": 429,
    "SERVICE_UNAVAILABLE": 503,
}


def connect(caller: Caller, query: Mapping[str, str]) -> dict[str, Any]:
    """Record the connection; a listener's session must be live and its language supported."""
    try:
        _admit(caller, query)
    except Refusal as refusal:
        logger.info("connection refused", connectionId=caller.connection_id, code=refusal.code, reason=refusal.message)
        measures.count("ConnectionErrors")
        return {"statusCode": STATUS[refusal.code]}
    measures.count("Connections")
    return {"statusCode": 200}


def _admit(caller: Caller, query: Mapping[str, str]) -> None:
    rate_limits.take(rate_limits.connections_per_address(), caller.source_ip)
    try:
        if caller.role == "listener":
            _check_listener(query)
        now = now_ms()
        connections.put(
            ConnectionRecord(
                connectionId=caller.connection_id,
                role=caller.role,
                userId=caller.user_id,
                callbackUrl=caller.callback_url,
                connectedAtMs=now,
                lastSeenAtMs=now,
                ttl=now // 1000 + LIFETIME_S,
            )
        )
    except (ClientError, BotoCoreError) as error:
        raise Refusal("SERVICE_UNAVAILABLE", f"the connection was not recorded: {type(error).__name__}") from None


def _check_listener(query: Mapping[str, str]) -> None:
    session_id = fields.session_id(query)
    fields.target_language(query)
    session = sessions.get(session_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none")
