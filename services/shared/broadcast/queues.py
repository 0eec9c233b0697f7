"""A session's own audio queue: standard, made with the session, usable before the speaker is told."""

from typing import Any

from broadcast import aws

VISIBILITY_TIMEOUT_S = 20
"""The longest that the crash of a worker can delay words."""

RETENTION_S = 3 * 3600
"""Longer than any session lasts: audio that is dropped is dropped by whoever counts it."""


STATE_CHANGED = "stateChanged"
"""The kind of a message that is no audio: the session's item has changed, its worker should look at it."""


def queue_name(environment: str, session_id: str) -> str:
    return f"session-audio-{environment}-{session_id}"


def create(environment: str, session_id: str) -> str:
    """Create the queue; returns its URL."""
    attributes = {"VisibilityTimeout": str(VISIBILITY_TIMEOUT_S), "MessageRetentionPeriod": str(RETENTION_S)}
    created: dict[str, Any] = aws.client("sqs").create_queue(
        QueueName=queue_name(environment, session_id), Attributes=attributes
    )
    return str(created["QueueUrl"])


def delete(queue_url: str) -> None:
    """Delete the queue; one that is gone already is as good."""
    sqs = aws.client("sqs")
    try:
        sqs.delete_queue(QueueUrl=queue_url)
    except sqs.exceptions.QueueDoesNotExist:
        return
