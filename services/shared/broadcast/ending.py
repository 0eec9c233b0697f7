"""The end of a session: told once to every listener, whose connections are then closed.

What the speaker has said before is on its way still. Listeners stay until the stream worker has sent on the last of it.
"""

from typing import Any

from broadcast import audience, callbacks, connections, errands, sessions, workers
from broadcast.clock import now_ms
from broadcast.connections import ConnectionRecord
from broadcast.sessions import Session

LAST_WORDS_MS = 4_000
"""What a stream worker has sent on is translated and told within so long, a cold start included."""
WORKER_STARTS_MS = 10_000
"""A stream worker that was asked for longer ago has begun, or never will."""
ASKED_AGAIN_MS = 5_000
"""A worker that is to bring the last words and has no lease by then is asked for again: one too many is harmless, and
there is no time to wait until it counts as dead."""
WORKER_REPLACED_MS = 20_000
"""After a session's end, a worker that died is replaced for so long: its successor may have to wait 20 s for what the
other had received, and takes no session that ended a minute ago."""


def end_session(session_id: str, *, reason: str, away_since_ms: int | None = None) -> bool:
    """End a live session; False when it had ended already, or when its speaker, away since then, has come back.

    The queue is the stream worker's to drain and delete.
    """
    # First, since whoever ends it may be lost as soon as it has: then nobody would see to its listeners and last words.
    asked_at_ms = now_ms()
    is_asked = errands.last_words(session_id, reason, 0)
    session = sessions.end(session_id, away_since_ms=away_since_ms)
    if session is None:
        return False
    workers.state_changed(session.queueUrl)
    # Of a session that it finds live, the errand leaves everything as it is.
    is_seen_to = is_asked and now_ms() < asked_at_ms + errands.LISTEN_ON_S * 1_000
    if not (is_seen_to and words_may_come(session, now_ms())):
        dismiss_after_last_words(session, reason=reason)
    return True


def dismiss_after_last_words(session: Session, *, reason: str) -> None:
    """Dismiss the listeners of an ended session, or see to it a little later while words may come."""
    now = now_ms()
    if not (words_may_come(session, now) and errands.last_words(session.sessionId, reason, now - session.endedAtMs)):
        dismiss(session.sessionId, reason=reason)


def words_may_come(session: Session, at_ms: int) -> bool:
    """Whether the stream worker of an ended session may have words for its listeners still."""
    if _is_wordless(session):
        return False
    if session.wordsOutAtMs:
        return at_ms - session.wordsOutAtMs < LAST_WORDS_MS
    # A worker that hears the last of it renews its lease; one that died lets it expire.
    is_served = session.leaseExpiresAtMs > at_ms or at_ms - session.workerAskedAtMs < WORKER_STARTS_MS
    return is_served or wants_worker(session, at_ms)


def wants_worker(session: Session, at_ms: int) -> bool:
    """Whether an ended session has no stream worker, though another may bring its last words still."""
    ended_lately = at_ms - session.endedAtMs < WORKER_REPLACED_MS
    has_words = not session.wordsOutAtMs and not _is_wordless(session)
    return ended_lately and has_words and lacks_worker(session, at_ms)


def _is_wordless(session: Session) -> bool:
    """Whether nothing was said in an ended session. Ingest notes the first chunk of a live one before it takes it."""
    return session.audioAtMs == 0


def lacks_worker(session: Session, at_ms: int) -> bool:
    """Whether the stream worker of a session has died, or was asked for and never began."""
    if session.leaseExpiresAtMs:
        return session.leaseExpiresAtMs <= at_ms
    return 0 < session.workerAskedAtMs <= at_ms - WORKER_STARTS_MS


def dismiss(session_id: str, *, reason: str) -> int:
    """Tell the listeners of an ended session, close their connections and count them out; how many there were.

    Whoever is left when this is cut short, or comes in at the same moment, is dismissed by the minute's rule.
    """
    news: dict[str, Any] = {"type": "sessionEnded", "sessionId": session_id, "reason": reason}

    def dismissed(listener: ConnectionRecord) -> None:
        if callbacks.post(listener.callbackUrl, listener.connectionId, news):
            callbacks.close(listener.callbackUrl, listener.connectionId)
        sessions.leave(listener.connectionId)

    listeners = connections.listeners(session_id)
    audience.each(listeners, dismissed)
    return len(listeners)
