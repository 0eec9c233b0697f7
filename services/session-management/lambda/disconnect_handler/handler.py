"""A listener is counted out; a speaker's session is marked, and ends when nobody comes back in time."""

from typing import Any

from aws_lambda_powertools import Logger
from broadcast import events, sessions
from broadcast.clock import now_ms
from broadcast.errors import Refusal

logger = Logger()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One `$disconnect` event; its answer reaches nobody."""
    caller = events.caller(event)
    logger.append_keys(connectionId=caller.connection_id)
    sessions.leave(caller.connection_id)
    if caller.role == "speaker":
        session = sessions.of_speaker(caller.user_id)
        if session is not None and session.is_active and session.speakerConnectionId == caller.connection_id:
            try:
                sessions.update_state(session.sessionId, {"speakerDisconnectedAtMs": now_ms()})
            except Refusal:
                logger.info("the session ended meanwhile", sessionId=session.sessionId)
    return {"statusCode": 200}
