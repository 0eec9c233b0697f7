"""Status of one session when its speaker asks, of all when the rule fires; abandoned sessions are ended then."""

from collections import Counter
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import callbacks, connections, ending, events, sessions
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

logger = Logger()

GRACE_MS = 30_000
"""How long a speaker may be away before the session ends (contract)."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A `sessionStatus` message or the scheduled event."""
    if event.get("source") == "aws.events":
        _every_minute()
        return {"statusCode": 200}
    caller = events.caller(event)
    try:
        _tell(_own_session(caller), "requested")
    except Refusal as refusal:
        callbacks.refuse(caller, refusal)
    return {"statusCode": 200}


def _own_session(caller: Caller) -> Session:
    if caller.role != "speaker":
        raise Refusal("UNAUTHORIZED_ACTION", "expected a speaker, got a listener")
    session = sessions.of_speaker(caller.user_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", "expected a live session of this speaker, there is none")
    return session


def _every_minute() -> None:
    for session in sessions.live():
        away_since = session.speakerDisconnectedAtMs
        if away_since is not None and now_ms() - away_since >= GRACE_MS:
            ending.end_session(session.sessionId, reason="speakerGone")
        elif session.expiresAt <= now_ms() // 1000:
            ending.end_session(session.sessionId, reason="expired")
        elif away_since is None:
            _tell(session, "periodic")


def _tell(session: Session, reason: str) -> None:
    languages = Counter(listener.targetLanguage for listener in connections.listeners(session.sessionId))
    status = {
        "type": "sessionStatus",
        "sessionId": session.sessionId,
        "listenerCount": session.listenerCount,
        "languageDistribution": dict(languages),
        "sessionDurationMs": now_ms() - session.createdAtMs,
        "broadcastState": session.broadcast_state(),
        "updateReason": reason,
    }
    callbacks.post(session.callbackUrl, session.speakerConnectionId, status)
