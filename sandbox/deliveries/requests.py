"""A message to a queue or a topic as the request that sends it. Pure."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from sandbox.edge.http import Headers, HttpRequest

Attributes = Mapping[str, tuple[str, str]]
"""Message attributes: name to data type (`String`, `Number`) and value."""


def to_queue(arn: str, body: str, attributes: Attributes, *, access_key: str, source_arn: str = "") -> HttpRequest:
    """Amazon SQS, SendMessage, as the role of this key, or as an AWS service for its resource `source_arn`."""
    region, account, name = arn.split(":")[3:6]
    message = {
        "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}",
        "MessageBody": body,
        "MessageAttributes": {
            key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()
        },
    }
    headers = (("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage"))
    return _request("sqs", region, json.dumps(message).encode(), headers, access_key, source_arn)


def to_topic(arn: str, body: str, attributes: Attributes, *, access_key: str, source_arn: str = "") -> HttpRequest:
    """Amazon SNS, Publish, as the role of this key, or as an AWS service for its resource `source_arn`."""
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": arn, "Message": body}
    for number, (name, (kind, value)) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    return _request("sns", arn.split(":")[3], urlencode(form).encode(), headers, access_key, source_arn)


def _request(service: str, region: str, body: bytes, headers: Headers, access_key: str, source_arn: str) -> HttpRequest:
    # The signature is not checked; its scope names the caller and the service.
    scope = f"Credential={access_key}/20260101/{region}/{service}/aws4_request"
    signed = ("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0")
    asked_for = (("X-Amz-Source-Arn", source_arn),) if source_arn else ()
    return HttpRequest(
        method="POST", host="localhost", path="/", query="",
        headers=(("Host", f"{service}.{region}.amazonaws.com"), *headers, signed, *asked_for), body=body,
        source_ip="127.0.0.1",
    )  # fmt: skip
