"""Standard queues as any AWS client meets them: their messages are the core's, the queues themselves are moto's."""

import itertools
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module", params=["url", "hotUrl"])
def sqs(request, tmp_path_factory):
    """A client of a control plane in a process of its own: at its port, and at that of the hot calls."""
    command = [
        sys.executable, "-m", "sandbox.control_plane", "--state-dir", str(tmp_path_factory.mktemp("state")),
        "--account-id", "123456789012", "--region", "us-east-1",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        client = boto3.client(
            "sqs", endpoint_url=json.loads(process.stdout.readline())[request.param], region_name="us-east-1",
            aws_access_key_id="x", aws_secret_access_key="x", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        try:
            yield client
        finally:
            client.close()
            process.terminate()


@pytest.fixture
def queue(sqs):
    """The URL of a queue of the test's own."""
    return sqs.create_queue(QueueName=f"q-{next(NUMBERS)}")["QueueUrl"]


def refusal(call, **given) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_message_is_received_counted_and_deleted(sqs, queue):
    """With the digests that clients check, and the attributes that are asked for alone."""
    attributes = {"from": {"DataType": "String", "StringValue": "a"}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody="héllo", MessageAttributes=attributes)
    asked = {"QueueUrl": queue, "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
    (message,) = sqs.receive_message(**asked, MessageAttributeNames=["other.*"])["Messages"]
    assert (message["MessageId"], message["Body"], message["MD5OfBody"]) == (
        sent["MessageId"], "héllo", sent["MD5OfMessageBody"],
    )  # fmt: skip
    assert message["Attributes"] == {"ApproximateReceiveCount": "1"}
    assert "MessageAttributes" not in message
    counted = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert (counted["ApproximateNumberOfMessages"], counted["ApproximateNumberOfMessagesNotVisible"]) == ("0", "1")
    for _ in range(2):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_long_poll_ends_with_the_message_that_comes(sqs, queue):
    """Not at its time's end; and a message made visible again is another's at once."""
    sending = threading.Timer(0.05, sqs.send_message, kwargs={"QueueUrl": queue, "MessageBody": "late"})
    sending.start()
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    sending.join()
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    (again,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert again["MessageId"] == message["MessageId"]


def test_who_waits_at_a_queue_that_is_deleted_is_told(sqs, queue):
    """Q-09, and so is whoever comes later."""
    deleting = threading.Timer(0.05, sqs.delete_queue, kwargs={"QueueUrl": queue})
    deleting.start()
    missing = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    assert refusal(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=20) == missing
    deleting.join()
    assert refusal(sqs.send_message, QueueUrl=queue, MessageBody="x") == missing


def test_a_batch_answers_for_each_entry(sqs, queue):
    """Some fail while others succeed."""
    entries = [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a"]
    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("b", "InvalidParameterValue")]
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    handles = [{"Id": "c", "ReceiptHandle": message["ReceiptHandle"]}, {"Id": "d", "ReceiptHandle": "never given"}]
    answer = sqs.delete_message_batch(QueueUrl=queue, Entries=handles)
    assert ([one["Id"] for one in answer["Successful"]], [one["Id"] for one in answer["Failed"]]) == (["c"], ["d"])


@pytest.mark.parametrize(
    ("operation", "given", "told"),
    [
        ("receive_message", {"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: "
         "Must be >= 0 and <= 20, if provided."),
        ("receive_message", {"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid. "
         "Reason: Must be between 1 and 10, if provided."),
        ("send_message", {"MessageBody": "x" * 1_048_577}, "One or more parameters are invalid. Reason: Message must "
         "be shorter than 1048576 bytes."),
        ("send_message", {"MessageBody": "x", "DelaySeconds": 901}, "Value 901 for parameter DelaySeconds is invalid. "
         "Reason: Must be >= 0 and <= 900, if provided."),
        ("send_message", {"MessageBody": ""}, "The request must contain the parameter MessageBody."),
        ("send_message_batch", {"Entries": [{"Id": str(n), "MessageBody": "x"} for n in range(11)]},
         "Maximum number of entries per request are 10. You have sent 11."),
        ("send_message_batch", {"Entries": [{"Id": n, "MessageBody": "x" * 524_289} for n in "ab"]},
         "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes."),
    ],
)  # fmt: skip
def test_what_is_beyond_a_limit_is_refused(sqs, queue, operation, given, told):
    """Q-05, Q-06, Q-07: with the service's own words."""
    assert refusal(getattr(sqs, operation), QueueUrl=queue, **given)[1] == told


def test_a_message_received_too_often_is_in_the_dead_letter_queue(sqs, queue):
    """Redrive policies are moto's attributes, and change under a queue in use."""
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_one_that_dies_while_it_is_waited_for_is_buried_all_the_same(sqs, queue):
    """What was received too often is found while the receive goes on to wait for others."""
    dead = sqs.create_queue(QueueName=f"dead-{next(NUMBERS)}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_what_is_no_document_is_refused(sqs):
    """With the service's own type."""
    asked = urllib.request.Request(
        sqs.meta.endpoint_url,
        data=b"[",
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sqs/aws4_request",
            "X-Amz-Target": "AmazonSQS.ReceiveMessage",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked)
    assert b"SerializationException" in caught.value.read()


def test_a_purged_queue_is_empty(sqs, queue):
    """Messages in flight are gone too."""
    sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=10)
    sqs.purge_queue(QueueUrl=queue)
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "0"


def test_a_fifo_queue_is_motos(sqs):
    """Its groups and deduplication are not the core's."""
    url = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for body in ("first", "again"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId="same")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [one["Body"] for one in messages] == ["first"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])


def test_the_older_protocol_is_told_that_it_is_too_old(sqs, queue):
    """It would otherwise find every queue empty."""
    asked = urllib.request.Request(
        sqs.meta.endpoint_url,
        data=urllib.parse.urlencode({"Action": "ReceiveMessage", "QueueUrl": queue, "Version": "2012-11-05"}).encode(),
        headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sqs/aws4_request"},
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked)
    assert b"JSON protocol" in caught.value.read()


def test_a_senders_trace_travels_with_its_messages(sqs, queue):
    """L-33: SQS takes it from the request's header, one message or ten at a time."""
    trace = "Root=1-12345678-123456789012345678901234;Lineage=1:12345678:3"

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = trace

    sqs.meta.events.register("before-sign.sqs", add)
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "two"}])
    sqs.meta.events.unregister("before-sign.sqs", add)
    sqs.send_message(QueueUrl=queue, MessageBody="three")
    found: dict[str, str | None] = {}
    while len(found) < 3:
        for message in sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], WaitTimeSeconds=1)["Messages"]:
            found[message["Body"]] = message["Attributes"].get("AWSTraceHeader")
    assert found == {"one": trace, "two": trace, "three": None}
