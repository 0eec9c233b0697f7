"""What is read from and changed in a request that goes to another backend."""

import json

import pytest

from sandbox.control_plane.backend import messages

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=ASIAROLEKEY/20261123/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=f00"
)
LOCALSTACKS = "http://sqs.us-east-1.localhost.localstack.cloud:4566/123456789012/audio"


@pytest.mark.parametrize(
    ("given", "service"),
    [
        ({"authorization": SIGNED, "host": "localhost:4566"}, "sqs"),
        ({"query": "X-Amz-Credential=K%2F20261123%2Fus-east-1%2Fsns%2Faws4_request"}, "sns"),
        ({"host": "ssm.us-east-1.amazonaws.com"}, "ssm"),
        ({"host": "localhost:4566"}, "localhost:4566"),
        ({"query": "X-Amz-Credential=broken"}, ""),
    ],
)
def test_the_service_is_in_the_signature_else_in_the_host(given, service):
    """In the header, in a presigned query, or AWS's own host name through the proxy."""
    assert messages.service_of(**{"authorization": "", "query": "", "host": ""} | given) == service


def test_the_access_key_becomes_the_account():
    """Else a role's key would mean account 000000000000 to LocalStack, and another than a developer's key."""
    assert messages.for_account(SIGNED, "123456789012") == SIGNED.replace("ASIAROLEKEY", "123456789012")
    query = "X-Amz-Credential=KEY%2F20261123%2Fus-east-1%2Fsqs%2Faws4_request&Action=ListQueues"
    assert messages.query_for_account(query, "123456789012") == query.replace("KEY", "123456789012")


def test_headers_of_the_connection_stay_behind():
    """The backend gets its own host, and its own lengths."""
    given = {"Host": "localhost:4566", "Connection": "close", "Authorization": SIGNED, "X-Amz-Target": "AmazonSQS.X"}
    sent = messages.sent_headers(given, "123456789012")
    assert sent == {"Authorization": SIGNED.replace("ASIAROLEKEY", "123456789012"), "X-Amz-Target": "AmazonSQS.X"}
    answered = {"Transfer-Encoding": "chunked", "Content-Length": "3", "x-amzn-RequestId": "r"}
    assert messages.kept_headers(answered) == [("x-amzn-RequestId", "r")]


@pytest.mark.parametrize(
    "backends",
    [
        LOCALSTACKS,
        "http://localhost:4566/queue/us-east-1/123456789012/audio",
        "https://queue.amazonaws.com/123456789012/audio",
    ],
)
def test_a_queue_is_named_where_the_client_asked(backends):
    """Each form of LocalStack's SQS_ENDPOINT_STRATEGY, and moto's."""
    body = json.dumps({"QueueUrl": backends}).encode()
    here = messages.with_reachable_queues(body, target="AmazonSQS.CreateQueue", base="http://localhost:7")
    assert json.loads(here) == {"QueueUrl": "http://localhost:7/123456789012/audio"}


def test_lists_of_queues_too():
    """ListQueues and ListDeadLetterSourceQueues spell their fields differently."""
    for operation, field in (("ListQueues", "QueueUrls"), ("ListDeadLetterSourceQueues", "queueUrls")):
        body = json.dumps({field: [LOCALSTACKS, "odd"]}).encode()
        here = messages.with_reachable_queues(body, target=f"AmazonSQS.{operation}", base="http://h:1")
        assert json.loads(here) == {field: ["http://h:1/123456789012/audio", "odd"]}


def test_what_a_message_says_is_left_alone():
    """A received body may well be an URL of a queue."""
    body = json.dumps({"Messages": [{"Body": LOCALSTACKS}], "QueueUrl": LOCALSTACKS}).encode()
    assert messages.with_reachable_queues(body, target="AmazonSQS.ReceiveMessage", base="http://h:1") == body


@pytest.mark.parametrize("body", [b"not JSON", b"[]", b"\xff"])
def test_an_answer_that_is_no_document_passes(body):
    """An emulator's error page."""
    assert messages.with_reachable_queues(body, target="AmazonSQS.CreateQueue", base="http://h:1") == body


def test_the_older_protocol_has_the_url_in_an_element():
    """Clients from before SQS spoke JSON; bytes that are no text come through whole."""
    body = f"<R><QueueUrl>{LOCALSTACKS}</QueueUrl>".encode() + b"\xff"
    here = messages.with_reachable_queues(body, target="", base="http://h:1")
    assert here == b"<R><QueueUrl>http://h:1/123456789012/audio</QueueUrl>\xff"


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("localhost:4566", "http://localhost:4566"),
        ("sqs.us-east-1.amazonaws.com", "https://sqs.us-east-1.amazonaws.com"),
    ],
)
def test_under_awss_names_queues_are_named_as_there(host, base):
    """Through the proxy, where only https is answered."""
    assert messages.queue_base(host) == base
