"""Stream workers as those see them that start them."""

import json

from broadcast import aws, settings
from broadcast.sessions import Session


def start(session: Session) -> None:
    """Have a session's queue read. One too many is harmless: it finds the lease taken, and leaves."""
    payload = {
        "kind": "streamWorker",
        "sessionId": session.sessionId,
        "queueUrl": session.queueUrl,
        "callbackUrl": session.callbackUrl,
    }
    aws.client("lambda").invoke(
        FunctionName=settings.audio_processor(), InvocationType="Event", Payload=json.dumps(payload).encode()
    )
