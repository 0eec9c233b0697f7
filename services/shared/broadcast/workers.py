"""Stream workers as those see them that start them, and tell them of changes."""

import json

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from broadcast import aws, queues, settings
from broadcast.sessions import Session

logger = Logger(child=True)


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


def state_changed(queue_url: str, *, since_ms: int | None = None) -> None:
    """Have the worker look at the session at once, before it lets anything be heard that was received since then.

    Without this it looks within a second.
    """
    try:
        aws.client("sqs").send_message(QueueUrl=queue_url, MessageBody=queues.state_change(since_ms))
    except (ClientError, BotoCoreError) as error:
        logger.warning("the worker was not told of a change", reason=type(error).__name__)
