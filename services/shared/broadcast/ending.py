"""The end of a session: told once to every listener, whose connections are then closed."""

from typing import Any

from broadcast import audience, callbacks, connections, sessions, workers
from broadcast.connections import ConnectionRecord


def end_session(session_id: str, *, reason: str, away_since_ms: int | None = None) -> bool:
    """End a live session; False when it had ended already, or when its speaker, away since then, has come back.

    The queue is the stream worker's to drain and delete.
    """
    session = sessions.end(session_id, away_since_ms=away_since_ms)
    if session is None:
        return False
    workers.state_changed(session.queueUrl)
    dismiss(session_id, reason=reason)
    return True


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
