"""The end of a session: told once to every listener, whose connections are then closed."""

from broadcast import callbacks, connections, sessions


def end_session(session_id: str, *, reason: str, away_since_ms: int | None = None) -> bool:
    """End a live session; False when it had ended already, or when its speaker, away since then, has come back.

    The queue is the stream worker's to drain and delete.
    """
    session = sessions.end(session_id, away_since_ms=away_since_ms)
    if session is None:
        return False
    for listener in connections.listeners(session_id):
        news = {"type": "sessionEnded", "sessionId": session_id, "reason": reason}
        if callbacks.post(listener.callbackUrl, listener.connectionId, news):
            callbacks.close(listener.callbackUrl, listener.connectionId)
        sessions.leave(listener.connectionId)
    return True
