"""A session's own audio queue: standard, made with the session, usable before the speaker is told."""

import json
from typing import Any

from broadcast import aws, session_ids

VISIBILITY_TIMEOUT_S = 20
"""The longest that the crash of a worker can delay words."""

RETENTION_S = 3 * 3600
"""Longer than any session lasts: audio that is dropped is dropped by whoever counts it."""


STATE_CHANGED = "stateChanged"
"""The kind of a message that is no audio: the session's item has changed, its worker should look at it."""


def state_change(since_ms: int | None = None) -> str:
    """The body of such a message; since when the change holds for what is spoken, where it does."""
    return json.dumps({"kind": STATE_CHANGED} | ({} if since_ms is None else {"sinceMs": since_ms}))


_PAGE = 1_000
"""The most that ListQueues names at once; asked for, since it gives no token for the rest otherwise."""


def queue_name(environment: str, session_id: str) -> str:
    return f"{_prefix(environment)}{session_id}"


def _prefix(environment: str) -> str:
    return f"session-audio-{environment}-"


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


def of_sessions(environment: str) -> dict[str, str]:
    """The URL of each session's queue that there is, by the session's id; as SQS had it within the last minute."""
    prefix = _prefix(environment)
    listed = aws.client("sqs").get_paginator("list_queues")
    pages = listed.paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": _PAGE})
    urls = {url.rpartition("/")[2].removeprefix(prefix): url for page in pages for url in page.get("QueueUrls", ())}
    # Another environment's name may begin with this one's.
    return {session_id: url for session_id, url in urls.items() if session_ids.is_well_formed(session_id)}


def created_at_ms(queue_url: str) -> int | None:
    """When a queue was created, to the second; None when it is gone."""
    sqs = aws.client("sqs")
    try:
        found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["CreatedTimestamp"])
    except sqs.exceptions.QueueDoesNotExist:
        return None
    return round(float(found["Attributes"]["CreatedTimestamp"]) * 1000)
