"""Sends a session's status to its speaker, and notes what it was told."""

from broadcast import callbacks, connections, sessions, status
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.sessions import Session

FRESH_MS = 10_000
"""A periodic status is left out this soon after another; the next one still comes within 40 s of that."""


def on_request(session: Session) -> None:
    _tell(session, _languages(session), "requested")


def periodically(session: Session) -> None:
    if now_ms() - session.statusToldAtMs >= FRESH_MS:
        _tell(session, _languages(session), "periodic")


def after_change(session_id: str) -> None:
    """Tell what has changed since the last status, when it is worth it."""
    try:
        # A change that comes after this line asks for a status of its own.
        session = sessions.update_state(session_id, {"statusDueAtMs": 0})
    except Refusal:
        return
    languages = _languages(session)
    reason = status.reason_to_tell(
        told_count=session.statusCount,
        told_languages=session.statusLanguages,
        count=session.listenerCount,
        languages=languages,
    )
    if reason is not None:
        _tell(session, languages, reason)


def _languages(session: Session) -> dict[str, int]:
    return status.languages_of(connections.listeners(session.sessionId))


def _tell(session: Session, languages: dict[str, int], reason: str) -> None:
    now = now_ms()
    news = status.message(session, languages, reason=reason, now_ms=now)
    callbacks.post(session.callbackUrl, session.speakerConnectionId, news)
    told = {"statusToldAtMs": now, "statusCount": session.listenerCount, "statusLanguages": list(languages)}
    try:
        sessions.update_state(session.sessionId, told)
    except Refusal:
        return
