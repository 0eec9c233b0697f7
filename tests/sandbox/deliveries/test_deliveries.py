"""Messages to queues, topics and functions are the services' own requests, and what is not taken says why."""

import asyncio
import json
from urllib.parse import parse_qs

import pytest

from sandbox.deliveries import requests, undelivered
from sandbox.deliveries.service import Deliveries
from sandbox.deliveries.undelivered import Undelivered
from sandbox.edge.http import HttpResponse
from sandbox.functions.invocation import Outcome

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
ATTRIBUTES = {"RequestID": ("String", "r-1"), "ErrorCode": ("Number", "200")}


def test_a_message_to_a_queue():
    """Amazon SQS, SendMessage, in the JSON protocol."""
    request = requests.to_queue(QUEUE, "body", ATTRIBUTES, access_key="KEY")
    body = json.loads(request.body)
    assert request.header("X-Amz-Target") == "AmazonSQS.SendMessage"
    assert "Credential=KEY/20260101/us-east-1/sqs/" in (request.header("Authorization") or "")
    assert body["QueueUrl"] == "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    assert body["MessageAttributes"]["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}


def test_a_message_to_a_topic():
    """Amazon SNS, Publish, in the query protocol."""
    form = parse_qs(requests.to_topic(TOPIC, "a & b", ATTRIBUTES, access_key="KEY").body.decode())
    assert (form["TopicArn"], form["Message"], form["Action"]) == ([TOPIC], ["a & b"], ["Publish"])
    assert form["MessageAttributes.entry.2.Value.StringValue"] == ["200"]


def test_a_service_sends_for_a_resource():
    """E-06: the queue's own policy is asked, with the resource as its source."""
    request = requests.to_queue(QUEUE, "body", {}, access_key="events.amazonaws.com", source_arn="arn:rule")
    assert "Credential=events.amazonaws.com/" in (request.header("Authorization") or "")
    assert request.header("X-Amz-Source-Arn") == "arn:rule"


def deliver(arn: str, status: int = 200) -> tuple[Undelivered | None, list, list]:
    noted: list = []
    invoked: list = []

    async def send(request):
        return HttpResponse(status=status, body=b"because")

    async def invoke(invocation):
        invoked.append(invocation)
        accepted = status == 200
        return Outcome(status=202 if accepted else 404, error_type=None if accepted else "ResourceNotFoundException")

    made = Deliveries(send=send, invoke=invoke, note=lambda *about: noted.append(about))
    return asyncio.run(made.deliver(arn, "{}", {}, source="test")), noted, invoked


def test_what_is_taken_is_noted():
    """The inbox shows what a topic was sent."""
    reason, noted, _ = deliver(TOPIC)
    assert (reason, len(noted)) == (None, 1)


def test_a_function_is_invoked_asynchronously():
    """As a destination of another's end."""
    reason, _, (invocation,) = deliver(FUNCTION)
    assert (reason, invocation.function, invocation.invocation_type) == (None, FUNCTION, "Event")


def test_what_is_not_taken_says_why():
    """The service's own words, or what was expected."""
    assert deliver(QUEUE, 403)[0] == Undelivered(code="NO_PERMISSIONS", reason="because")
    assert deliver(FUNCTION, 404)[0] == Undelivered(code="NO_RESOURCE", reason="ResourceNotFoundException")
    assert deliver("arn:aws:events:us-east-1:123456789012:event-bus/b")[0] == Undelivered(
        code="INVALID_PARAMETER",
        reason="expected a queue, a topic or a function, got arn:aws:events:us-east-1:123456789012:event-bus/b",
    )


@pytest.mark.parametrize(
    ("status", "said", "code", "is_retriable"),
    [
        (400, '{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}', "NO_RESOURCE", False),
        (404, "<Code>NotFound</Code>", "NO_RESOURCE", False),
        (403, "AccessDenied", "NO_PERMISSIONS", False),
        (400, '{"__type": "ThrottlingException"}', "THROTTLING", True),
        (429, "", "THROTTLING", True),
        (503, "", "SDK_CLIENT_ERROR", True),
        (400, '{"__type": "InvalidMessageContents"}', "ERROR_FROM_TARGET", False),
    ],
)
def test_an_answer_says_whether_it_may_be_taken_later(status, said, code, is_retriable):
    """E-06: what is missing or not permitted is not tried again."""
    found = undelivered.of_answer(status, said)
    assert found is not None
    assert (found.code, found.is_retriable) == (code, is_retriable)
