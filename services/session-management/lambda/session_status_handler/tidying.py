"""What a lost $disconnect, a speaker who stays away or a dead worker left behind."""

from collections.abc import Iterable

from aws_lambda_powertools import Logger
from broadcast import callbacks, connections, ending, errands, queues, sessions, settings, workers
from broadcast.clock import now_ms
from broadcast.sessions import Session

logger = Logger(child=True)

QUIET_MS = 5 * 60_000
"""A listener that has not been heard from for this long is looked up at the gateway: it may only be quiet."""
QUEUE_LEFT_MS = 2 * 60_000
"""An ended session's worker needs less to drain and delete its queue."""

QUEUE_UNKNOWN_MS = 5 * 60_000
"""Whoever creates a session writes it down within seconds of its queue, or never."""


def end_if_over(session: Session) -> bool:
    """End a session whose time is up or whose speaker has stayed away; True when it is over."""
    now = now_ms()
    away_since_ms = session.speakerDisconnectedAtMs
    if session.endsAtMs <= now:
        ending.end_session(session.sessionId, reason="expired")
        return True
    if away_since_ms is not None and now - away_since_ms >= errands.GRACE_S * 1000:
        return ending.end_session(session.sessionId, reason="speakerGone", away_since_ms=away_since_ms)
    return False


def repair(session: Session) -> None:
    """Take note of connections whose $disconnect never came."""
    now = now_ms()
    if session.speakerDisconnectedAtMs is None and not callbacks.is_open(
        session.callbackUrl, session.speakerConnectionId
    ):
        logger.info("the speaker's connection was lost silently", sessionId=session.sessionId)
        connections.delete(session.speakerConnectionId)
        if sessions.mark_away(session.sessionId, session.speakerConnectionId, now):
            errands.speaker_away(session.sessionId, now)
    lost = 0
    for listener in connections.listeners(session.sessionId):
        if now - max(listener.lastSeenAtMs, listener.connectedAtMs) < QUIET_MS:
            continue
        if callbacks.is_open(listener.callbackUrl, listener.connectionId):
            connections.seen(listener.connectionId, now)
        else:
            sessions.leave(listener.connectionId)
            lost += 1
    if lost:
        logger.info("listeners were lost silently", sessionId=session.sessionId, listeners=lost)
        errands.audience_changed(session.sessionId)


def replace_dead_worker(session: Session) -> None:
    """Have the queue read again when its worker died: where the speaker has said all, no chunk starts another."""
    if ending.lacks_worker(session, now_ms()):
        logger.info("the stream worker has died", sessionId=session.sessionId)
        workers.start(session)


def replace_last_worker(session: Session) -> None:
    """Have the queue of an ended session read to its end when its worker died: no chunk comes that starts another."""
    now = now_ms()
    if ending.wants_worker(session, now) and sessions.ask_for_last_worker(
        session.sessionId, now_ms=now, patience_ms=ending.ASKED_AGAIN_MS
    ):
        logger.info("the stream worker has died with the last words", sessionId=session.sessionId)
        workers.start(session)


def finish_ended() -> None:
    """Dismiss listeners whom an end cut short has left, and delete the queues of sessions that ended unserved."""
    now = now_ms()
    for session in sessions.left_queues(ended_before_ms=now - QUEUE_LEFT_MS, now_ms=now):
        left = ending.dismiss(session.sessionId, reason="ended")
        if left:
            logger.info("listeners of an ended session were dismissed", sessionId=session.sessionId, listeners=left)
        queues.delete(session.queueUrl)
        sessions.note_queue_removed(session.sessionId, now)


def delete_unknown_queues(known: Iterable[Session]) -> None:
    """Delete queues of sessions that were never written down: who created them was lost in between."""
    live = {session.sessionId for session in known}
    for session_id, queue_url in queues.of_sessions(settings.environment()).items():
        if session_id in live or sessions.get(session_id) is not None:
            continue
        created_at_ms = queues.created_at_ms(queue_url)
        if created_at_ms is not None and now_ms() - created_at_ms >= QUEUE_UNKNOWN_MS:
            logger.info("the queue of a session that is not known was deleted", sessionId=session_id)
            queues.delete(queue_url)
