"""`refresh`, on a new connection: replaces, never counts twice. The previous connection's end then changes nothing."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import (
    callbacks,
    connections,
    errands,
    fields,
    lifetimes,
    measures,
    membership,
    route,
    sessions,
    settings,
)
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

logger = Logger()


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One `refresh` message."""
    return route.answer(event, {"refresh": refresh})


def refresh(caller: Caller, message: Mapping[str, Any]) -> None:
    """Answer `connectionRefreshComplete` when the new connection stands in the old one's place."""
    session_id = fields.session_id(message)
    session = _speaker(caller, session_id) if caller.role == "speaker" else _listener(caller, session_id, message)
    answer: dict[str, Any] = {
        "type": "connectionRefreshComplete",
        "sessionId": session_id,
        "connectionId": caller.connection_id,
        "broadcastState": session.broadcast_state(),
    }
    if caller.role == "speaker":
        answer["nextSeq"] = session.next_seq
    callbacks.post(caller.callback_url, caller.connection_id, answer)


def _speaker(caller: Caller, session_id: str) -> Session:
    session = _live(session_id)
    if session.speakerUserId != caller.user_id:
        raise Refusal("UNAUTHORIZED_ACTION", "refresh: expected a session of this speaker, got another's")
    lifetime = lifetimes.from_now(now_ms())
    taken = sessions.take_over(
        session_id,
        connection_id=caller.connection_id,
        callback_url=caller.callback_url,
        ends_at_ms=lifetime.ends_at_ms,
        expires_at=lifetime.expires_at,
    )
    connections.set_session(caller.connection_id, session_id)
    if session.speakerConnectionId != caller.connection_id:
        # Its end may never be told, and nobody posts to it any more who would notice.
        connections.delete(session.speakerConnectionId)
    return taken


def _listener(caller: Caller, session_id: str, message: Mapping[str, Any]) -> Session:
    language = fields.target_language(message)
    previous_id = fields.text(message, "previousConnectionId", most=128)
    record = connections.get(caller.connection_id)
    if record is None:
        raise Refusal("INTERNAL_ERROR", "expected a recorded connection, found none: connect again")
    limit = int(settings.variable("MAX_LISTENERS_PER_SESSION"))
    membership.replace(record, previous_id, session_id, language, limit=limit)
    errands.audience_changed(session_id)
    return _live(session_id)


def _live(session_id: str) -> Session:
    session = sessions.get(session_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", f"expected a live session, {session_id} is none")
    return session
