"""Publications are read from the requests that boto3 makes and the answers it gets."""

from urllib.parse import urlencode

import pytest

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.inbox.messages import accepted

SNS = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0"
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"


def request(authorization: str = SNS, **form: str) -> HttpRequest:
    return HttpRequest(
        method="POST", host="localhost", path="/", query="", headers=(("Authorization", authorization),),
        body=urlencode(form).encode(), source_ip="127.0.0.1",
    )  # fmt: skip


def answer(*ids: str, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, body="".join(f"<MessageId>{one}</MessageId>" for one in ids).encode())


def test_a_published_message_is_read_whole():
    """Topic, subject, text, and the id that the service gave it."""
    (message,) = accepted(
        request(Action="Publish", TopicArn=TOPIC, Subject="ALARM", Message="ten & more"), answer("m-1"), now_ms=5
    )
    assert (message.topic_arn, message.subject, message.text, message.message_id, message.at_ms) == (
        TOPIC, "ALARM", "ten & more", "m-1", 5
    )  # fmt: skip


def test_each_entry_of_a_batch_is_a_message():
    """In the entries' order."""
    entries = {
        f"PublishBatchRequestEntries.member.{number}.{name}": f"{name} {number}"
        for number in (1, 2)
        for name in ("Message", "Subject")
    }
    found = accepted(request(Action="PublishBatch", TopicArn=TOPIC, **entries), answer("a", "b"), now_ms=5)
    assert [(one.text, one.subject, one.message_id) for one in found] == [
        ("Message 1", "Subject 1", "a"), ("Message 2", "Subject 2", "b")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request(Action="Publish", TopicArn=TOPIC, Message="x"), answer("m", status=404)),
        (request(Action="ListTopics"), answer()),
        (request(SNS.replace("/sns/", "/sqs/"), Action="Publish", TopicArn=TOPIC, Message="x"), answer("m")),
    ],
)
def test_what_was_refused_or_is_no_publication_is_none(asked, answered):
    """The inbox holds what subscribers got."""
    assert accepted(asked, answered, now_ms=5) == []
