"""`createSession`: the queue is usable and the stream worker started before the speaker is told."""

import random
import time
from collections.abc import Mapping
from typing import Any

from broadcast import (
    callbacks,
    connections,
    fields,
    lifetimes,
    measures,
    queues,
    rate_limits,
    session_ids,
    sessions,
    settings,
    workers,
)
from broadcast.clock import now_ms
from broadcast.errors import Refusal
from broadcast.events import Caller
from broadcast.sessions import ACTIVE, Session

TRIES = 10
"""How many ids are drawn before the speaker is asked to come again."""

TIERS = ("standard", "premium")


def create_session(caller: Caller, message: Mapping[str, Any]) -> None:
    """Create a session of the calling speaker and answer `sessionCreated`."""
    began = time.perf_counter()
    if caller.role != "speaker":
        raise Refusal("UNAUTHORIZED_ACTION", "expected a speaker, got a listener")
    language = fields.source_language(message)
    tier = fields.choice(message, "qualityTier", TIERS, "standard")
    tuning = fields.partial_results(message)
    rate_limits.take(rate_limits.sessions_per_user(), caller.user_id)
    session = _create(caller, language, tier, tuning or {})
    connections.set_session(caller.connection_id, session.sessionId)
    workers.start(session)
    callbacks.post(
        caller.callback_url,
        caller.connection_id,
        {
            "type": "sessionCreated",
            "sessionId": session.sessionId,
            "sourceLanguage": session.sourceLanguage,
            "qualityTier": session.qualityTier,
            "connectionId": caller.connection_id,
            "expiresAt": session.endsAtMs,
        },
    )
    took_ms = round((time.perf_counter() - began) * 1000)
    measures.milliseconds("SessionCreationLatency", took_ms)


def _create(caller: Caller, language: str, tier: str, tuning: Mapping[str, Any]) -> Session:
    chance = random.SystemRandom()
    for _ in range(TRIES):
        session_id = session_ids.draw(chance)
        queue_url = queues.create(settings.environment(), session_id)
        now = now_ms()
        lifetime = lifetimes.from_now(now)
        session = Session(
            sessionId=session_id,
            status=ACTIVE,
            speakerUserId=caller.user_id,
            speakerConnectionId=caller.connection_id,
            sourceLanguage=language,
            qualityTier=tier,
            queueUrl=queue_url,
            callbackUrl=caller.callback_url,
            createdAtMs=now,
            endsAtMs=lifetime.ends_at_ms,
            expiresAt=lifetime.expires_at,
            partialResults=tuning,
            workerAskedAtMs=now,
            audioAtMs=0,
        )
        try:
            if sessions.create(session):
                return session
        except Refusal:
            queues.delete(queue_url)
            raise
        # The id is another live session's: its queue is too, and stays.
    raise Refusal("SERVICE_UNAVAILABLE", f"expected a free session id within {TRIES} tries, found none: try again")
