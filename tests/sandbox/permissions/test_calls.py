"""Which operation a request is, in each protocol that AWS's clients speak."""

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest

from sandbox.permissions.calls import read, signer
from sandbox.permissions.rest import operation


class SeenError(Exception):
    """The request is known; nothing needs to be sent."""


def request_of(service: str, method: str, **parameters) -> AWSPreparedRequest:
    """The request that boto3 would send."""
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="ASIAKEY", aws_secret_access_key="x",
        endpoint_url="http://localhost:1",
    )  # fmt: skip
    found = []

    def see(request, **_):
        found.append(request)
        raise SeenError

    client.meta.events.register("before-send", see)
    with pytest.raises(SeenError):
        getattr(client, method)(**parameters)
    client.close()
    return found[0]


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize(
    ("service", "method", "parameters", "read_as"),
    [
        ("dynamodb", "put_item", {"TableName": "T", "Item": {}}, ("dynamodb", "PutItem", "TableName", "T", "json")),
        ("sqs", "send_message", {"QueueUrl": "http://q/1/x", "MessageBody": "m"},
         ("sqs", "SendMessage", "QueueUrl", "http://q/1/x", "json")),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": "m"},
         ("sns", "Publish", "TopicArn", "arn:aws:sns:us-east-1:1:t", "query")),
        ("ssm", "get_parameter", {"Name": "/a"}, ("ssm", "GetParameter", "Name", "/a", "json")),
        ("cloudwatch", "put_metric_data", {"Namespace": "N", "MetricData": []},
         ("cloudwatch", "PutMetricData", "Namespace", "N", "json")),
        ("translate", "translate_text", {"Text": "x", "SourceLanguageCode": "en", "TargetLanguageCode": "es"},
         ("translate", "TranslateText", "Text", "x", "json")),
        ("polly", "synthesize_speech", {"Text": "x", "VoiceId": "Joanna", "OutputFormat": "mp3"},
         ("polly", "SynthesizeSpeech", "Text", "x", "rest-json")),
        ("lambda", "get_function", {"FunctionName": "f"}, ("lambda", "GetFunction", "FunctionName", "f", "rest-json")),
        ("lambda", "invoke", {"FunctionName": "f", "Payload": b"[1]"},
         ("lambda", "Invoke", "FunctionName", "f", "rest-json")),
        ("s3", "get_object", {"Bucket": "b", "Key": "k/x y"}, ("s3", "GetObject", "Key", "k/x y", "rest-xml")),
        ("s3", "list_objects_v2", {"Bucket": "b"}, ("s3", "ListObjectsV2", "Bucket", "b", "rest-xml")),
        ("sts", "get_caller_identity", {}, ("sts", "GetCallerIdentity", "Version", "2011-06-15", "query")),
    ],
)  # fmt: skip
def test_what_boto3_sends_is_understood(service, method, parameters, read_as):
    """Service, operation, a parameter, and the form in which the answer is read."""
    sent = request_of(service, method, **parameters)
    path, _, query = sent.url.removeprefix("http://localhost:1").partition("?")
    headers = {name.lower(): text(value) for name, value in sent.headers.items()}
    body = sent.body or b""
    found = signer(headers["authorization"])
    assert found is not None
    call = read(
        found.service, method=sent.method, path=path, query=query, header=lambda name: headers.get(name.lower()),
        body=body.encode() if isinstance(body, str) else body,
    )  # fmt: skip
    wanted, name, key, value, protocol = read_as
    assert (found.access_key, call.service, call.operation, call.protocol) == ("ASIAKEY", wanted, name, protocol)
    assert call.parameters[key] == value


def test_a_presigned_url_has_its_signer_in_the_query():
    """As its Authorization header would say it."""
    found = signer(None, "X-Amz-Expires=60&X-Amz-Credential=ASIAKEY%2F20260101%2Fus-east-1%2Fs3%2Faws4_request")
    assert found is not None
    assert (found.access_key, found.region, found.service) == ("ASIAKEY", "us-east-1", "s3")
    assert signer(None, "") is None


def test_the_newest_protocol_names_its_operation_in_the_path():
    """Smithy RPC v2 CBOR, which newer clients of CloudWatch speak."""
    call = read(
        "monitoring", method="POST", path="/service/GraniteServiceVersion20100801/operation/PutMetricData", query="",
        header=lambda _: None, body=b"\xa0",
    )  # fmt: skip
    assert (call.service, call.operation, call.protocol) == ("cloudwatch", "PutMetricData", "cbor")


def test_a_path_that_no_operation_has_is_no_operation():
    """And needs what nobody has: the check refuses it."""
    assert operation("lambda", "POST", "/nowhere", "") == ("", {})
    assert operation("no-such-service", "GET", "/", "") == ("", {})
