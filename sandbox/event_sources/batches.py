"""A batch of queue messages as the event that Lambda makes of it, and what is deleted afterwards. Pure.

Sources: Lambda developer guide, "Using Lambda with Amazon SQS" (event, batch item failures); Amazon SQS API reference.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.functions import lineage
from sandbox.functions.invocation import Outcome

MOST_PER_RECEIVE = 10
"""Amazon SQS: messages of one ReceiveMessage."""

_ATTRIBUTES = (
    "ApproximateReceiveCount", "SentTimestamp", "SequenceNumber", "MessageGroupId", "SenderId",
    "MessageDeduplicationId", "ApproximateFirstReceiveTimestamp", "AWSTraceHeader", "DeadLetterQueueSourceArn",
)  # fmt: skip


def event(messages: Sequence[Mapping[str, Any]], *, queue_arn: str, region: str) -> bytes:
    """The function's event for messages as ReceiveMessage gives them."""
    records = [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {
                name: message["Attributes"][name] for name in _ATTRIBUTES if name in message.get("Attributes", {})
            },
            "messageAttributes": {
                name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": region,
        }
        for message in messages
    ]
    return json.dumps({"Records": records}, separators=(",", ":"), ensure_ascii=False).encode()


def done(messages: Sequence[Mapping[str, Any]], outcome: Outcome, *, reports_failures: bool) -> list[Mapping[str, Any]]:
    """The messages that the function has dealt with; the others come again when their visibility timeout ends.

    With ReportBatchItemFailures the function names those that failed; an answer of another shape, or one that names an
    unknown message, fails the whole batch.
    """
    if outcome.status != 200 or outcome.function_error is not None:
        return []
    if not reports_failures:
        return list(messages)
    try:
        answer = json.loads(outcome.payload) if outcome.payload else None
        failed = {one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures") or ()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    if failed - {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def trace_id(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """The trace of the message whose chain of invocations is the longest (L-33)."""
    traces = [message.get("Attributes", {}).get("AWSTraceHeader") for message in messages]
    return max(traces, key=lineage.hops) if traces else None


def _message_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name[0].lower() + name[1:]: value[name] for name in ("StringValue", "BinaryValue") if name in value}
    return shown | {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
