"""Queue messages as Lambda's event, and which of them are done."""

import json

import pytest

from sandbox.event_sources import batches
from sandbox.event_sources.batches import done, event
from sandbox.functions.invocation import Outcome

MESSAGES = [
    {
        "MessageId": name, "ReceiptHandle": f"r-{name}", "Body": f"body {name}", "MD5OfBody": "x",
        "Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "5", "Other": "no"},
    }
    for name in ("a", "b")
]  # fmt: skip


def test_the_event_has_the_service_s_names():
    """Lambda developer guide, "Using Lambda with Amazon SQS": one record a message."""
    made = json.loads(event(MESSAGES, queue_arn="arn:aws:sqs:us-east-1:1:q", region="us-east-1"))
    assert made["Records"][0] == {
        "messageId": "a", "receiptHandle": "r-a", "body": "body a",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "5"}, "messageAttributes": {},
        "md5OfBody": "x", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:1:q",
        "awsRegion": "us-east-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "reports", "ids"),
    [
        (Outcome(status=200, payload=b"null"), False, ["a", "b"]),
        (Outcome(status=200, payload=b"{}", function_error="Unhandled"), False, []),
        (Outcome(status=429), False, []),
        (Outcome(status=200, payload=b'{"batchItemFailures":[{"itemIdentifier":"a"}]}'), True, ["b"]),
        (Outcome(status=200, payload=b'{"batchItemFailures":[]}'), True, ["a", "b"]),
        (Outcome(status=200, payload=b"null"), True, ["a", "b"]),
        (Outcome(status=200, payload=b'{"batchItemFailures":[{"itemIdentifier":"z"}]}'), True, []),
        (Outcome(status=200, payload=b'{"batchItemFailures":[{"itemIdentifier":""}]}'), True, []),
        (Outcome(status=200, payload=b'"text"'), True, []),
    ],
)
def test_a_batch_is_done_when_its_function_says_so(outcome, reports, ids):
    """A failed invocation leaves all of it, a named message alone is left, and a wrong answer leaves all."""
    assert [one["MessageId"] for one in done(MESSAGES, outcome, reports_failures=reports)] == ids


def test_a_batch_goes_on_with_its_longest_chain():
    """L-33: the lineage travels in the messages' trace headers."""
    root = "Root=1-12345678-123456789012345678901234"
    traces = [None, root, f"{root};Lineage=1:12345678:3", f"{root};Lineage=1:12345678:2"]
    messages = [{"Attributes": {} if one is None else {"AWSTraceHeader": one}} for one in traces]
    assert batches.trace_id(messages) == traces[2]
    assert batches.trace_id(messages[:1]) is None
