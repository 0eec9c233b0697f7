"""Three kinds of events: a speaker's message, the minute's rule, and batches of delayed messages."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools import Logger
from broadcast import aws, ending, errands, measures, route, sessions
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import Session

from session_status_handler import telling, tidying

logger = Logger()

SESSIONS_AT_ONCE = 8
"""Each waits for AWS for most of its time; one after another, a hundred would take longer than the function has."""


@measures.flushed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A `sessionStatus` message, the scheduled event, or an SQS batch."""
    if event.get("source") == "aws.events":
        errands.second_pass()
        live = _pass()
        tidying.finish_ended()
        tidying.delete_unknown_queues(live)
        return {"statusCode": 200}
    if "Records" in event:
        for record in event["Records"]:
            _run(json.loads(record["body"]))
        return {"statusCode": 200}
    return route.answer(event, {"sessionStatus": _requested})


def _requested(caller: Caller, _message: Mapping[str, Any]) -> None:
    if caller.role != "speaker":
        raise Refusal("UNAUTHORIZED_ACTION", "sessionStatus: expected a speaker, got a listener")
    session = sessions.of_speaker(caller.user_id)
    if session is None or not session.is_active:
        raise Refusal("SESSION_NOT_FOUND", "sessionStatus: expected a live session of this speaker, there is none")
    telling.on_request(session)


def _run(errand: dict[str, Any]) -> None:
    match errand["kind"]:
        case errands.SECOND_PASS:
            _pass()
        case errands.AUDIENCE_CHANGED:
            telling.after_change(errand["sessionId"])
        case errands.SPEAKER_AWAY:
            ending.end_session(errand["sessionId"], reason="speakerGone", away_since_ms=errand["awaySinceMs"])
        case errands.LAST_WORDS:
            session = sessions.get(errand["sessionId"])
            if session is not None and not session.is_active:
                tidying.replace_last_worker(session)
                ending.dismiss_after_last_words(session, reason=errand["reason"])


def _pass() -> list[Session]:
    """Every live session: ended if it is over, else repaired and its speaker told. One's failure stops no other."""
    live = sessions.live()
    measures.count("ActiveSessions", len(live))
    # Written before the work: of a pass that does not come to its end, it is what says why.
    measures.flush()
    for url in {session.callbackUrl for session in live}:
        # botocore makes clients in one thread at a time.
        aws.callback_client(url)
    for service in ("sqs", "lambda"):
        aws.client(service)
    with ThreadPoolExecutor(max_workers=SESSIONS_AT_ONCE) as sessions_at_once:
        failed = sum(not done for done in sessions_at_once.map(_look_after, live))
    measures.count("SessionPassErrors", failed)
    return live


def _look_after(session: Session) -> bool:
    """Whether it could be done."""
    try:
        if tidying.end_if_over(session):
            return True
        tidying.repair(session)
        tidying.replace_dead_worker(session)
        if session.speakerDisconnectedAtMs is None:
            telling.periodically(session)
    except Exception:
        logger.exception("a session was left for the next pass", sessionId=session.sessionId)
        return False
    return True
