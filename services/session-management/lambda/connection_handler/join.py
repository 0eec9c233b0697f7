"""`joinSession`: the listener is counted here, not at connecting."""

from collections.abc import Mapping
from typing import Any

from broadcast import callbacks, connections, errands, fields, rate_limits, sessions, settings
from broadcast.errors import Refusal
from broadcast.events import Caller


def join_session(caller: Caller, message: Mapping[str, Any]) -> None:
    """Join the calling listener to a session and answer `sessionJoined`."""
    if caller.role != "listener":
        raise Refusal("UNAUTHORIZED_ACTION", "expected a listener, got a speaker")
    session_id, language = fields.session_id(message), fields.target_language(message)
    record = connections.get(caller.connection_id)
    if record is None:
        raise Refusal("INTERNAL_ERROR", "expected a recorded connection, found none: connect again")
    if record.targetLanguage is not None and (record.sessionId, record.targetLanguage) != (session_id, language):
        joined = f"{record.sessionId} in {record.targetLanguage}"
        raise Refusal("INVALID_PARAMETER", f"joinSession: expected the session joined before, {joined}, got another")
    if record.targetLanguage is None:
        rate_limits.take(rate_limits.joins_per_address(), caller.source_ip)
    limit = int(settings.variable("MAX_LISTENERS_PER_SESSION"))
    sessions.join(record, session_id, language, limit=limit)
    session = sessions.get(session_id)
    if session is None:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none")
    callbacks.post(
        caller.callback_url,
        caller.connection_id,
        {
            "type": "sessionJoined",
            "sessionId": session_id,
            "sourceLanguage": session.sourceLanguage,
            "targetLanguage": language,
            "connectionId": caller.connection_id,
            "listenerCount": session.listenerCount,
            "broadcastState": session.broadcast_state(),
        },
    )
    errands.audience_changed(session_id)
