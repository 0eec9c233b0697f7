"""What is to be done a little later: delayed messages to the status handler's queue.

EventBridge's shortest schedule is a minute; a delayed message does what must come sooner.
"""

import json
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import aws, sessions, settings
from broadcast.clock import now_ms
from broadcast.errors import Refusal

logger = Logger(child=True)

SECOND_PASS, AUDIENCE_CHANGED, SPEAKER_AWAY, LAST_WORDS = "secondPass", "audienceChanged", "speakerAway", "lastWords"

SECOND_PASS_AFTER_S = 30
GRACE_S = 30
"""The contract: a speaker who disconnects has 30 s to come back before the session ends."""
GATHER_S = 2
"""Changes of an audience are gathered for so long, so that a rush of listeners is one message to the speaker."""
LISTEN_ON_S, LISTEN_ON_LATER_S, LATER_MS = 2, 5, 10_000
"""Listeners of an ended session are looked at again so often, until the last words are out; from `LATER_MS` on less
often. A worker may take 16 s to end, and half a minute where it follows one that died; and Lambda stops a function that
its own messages have called about sixteen times in a row."""


def second_pass() -> None:
    """Have the periodic work done once more between two runs of the minute's rule."""
    _send({"kind": SECOND_PASS}, SECOND_PASS_AFTER_S)


def speaker_away(session_id: str, away_since_ms: int) -> None:
    """Have the session ended when its speaker has not come back in time."""
    _send({"kind": SPEAKER_AWAY, "sessionId": session_id, "awaySinceMs": away_since_ms}, GRACE_S)


def last_words(session_id: str, reason: str, ended_for_ms: int) -> bool:
    """Have the listeners of an ended session looked at again soon; False when that cannot be."""
    delay_s = LISTEN_ON_S if ended_for_ms < LATER_MS else LISTEN_ON_LATER_S
    try:
        _send({"kind": LAST_WORDS, "sessionId": session_id, "reason": reason}, delay_s)
    except (ClientError, BotoCoreError) as error:
        logger.warning("nobody waits for a session's last words", sessionId=session_id, reason=type(error).__name__)
        return False
    return True


def audience_changed(session_id: str) -> None:
    """Have the speaker told of its audience, if that is worth it; changes that follow soon are gathered with this one.

    The change itself stands whatever comes of this: the next periodic status tells it too.
    """
    now = now_ms()
    try:
        if sessions.ask_for_status(session_id, now_ms=now, due_at_ms=now + GATHER_S * 1000):
            _send({"kind": AUDIENCE_CHANGED, "sessionId": session_id}, GATHER_S)
    except (ClientError, BotoCoreError, Refusal) as error:
        logger.warning("no status was asked for", sessionId=session_id, reason=type(error).__name__)


def _send(errand: dict[str, Any], delay_s: int) -> None:
    aws.client("sqs").send_message(
        QueueUrl=settings.variable("STATUS_QUEUE_URL"), MessageBody=json.dumps(errand), DelaySeconds=delay_s
    )
