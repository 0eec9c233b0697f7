"""A listener is counted out; a speaker's session is marked, and ends when nobody comes back in time."""

from typing import Any

from aws_lambda_powertools import Logger
from broadcast import errands, events, measures, sessions
from broadcast.clock import now_ms

logger = Logger()


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One `$disconnect` event, which may come twice, late, or never; its answer reaches nobody."""
    caller = events.caller(event)
    logger.append_keys(connectionId=caller.connection_id)
    left = sessions.leave(caller.connection_id)
    measures.count("Disconnects")
    if left is None or left.sessionId is None:
        return {"statusCode": 200}
    if left.targetLanguage is not None:
        errands.audience_changed(left.sessionId)
        return {"statusCode": 200}
    now = now_ms()
    if sessions.mark_away(left.sessionId, caller.connection_id, now):
        errands.speaker_away(left.sessionId, now)
    return {"statusCode": 200}
