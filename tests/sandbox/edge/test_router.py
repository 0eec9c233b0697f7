"""Which part of the sandbox answers a request, by host and path."""

import pytest

from sandbox.edge.http import HttpRequest
from sandbox.edge.router import Target, is_aws_host, route

UPGRADE = (("Upgrade", "websocket"),)
SIGNED = (
    ("Authorization", "AWS4-HMAC-SHA256 Credential=K/20261123/us-east-1/translate/aws4_request, SignedHeaders=h"),
)
S3 = (("Authorization", "AWS4-HMAC-SHA256 Credential=K/20261123/us-east-1/s3/aws4_request, SignedHeaders=h"),)
API = "abcde12345.execute-api.us-east-1.amazonaws.com"


def target(path: str, *, host: str = "localhost", headers=(), method: str = "GET") -> Target:
    request = HttpRequest(
        method=method, host=host, path=path, query="", headers=headers, body=b"", source_ip="127.0.0.1"
    )
    return route(request, frozenset(["translate"]), lambda stage: stage == "prod")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("/prod", "localhost", UPGRADE), Target(kind="websocket", stage="prod")),
        (("/_aws/execute-api/abc/prod", "localhost", UPGRADE), Target(kind="websocket", api_id="abc", stage="prod")),
        (("/prod", API, UPGRADE), Target(kind="websocket", api_id="abcde12345", stage="prod")),
        (("/prod", API, ()), Target(kind="upgrade", api_id="abcde12345", stage="prod")),
        (("/prod/@connections/VNRUSeldSwMCIRQ%3D", API, ()),
         Target(kind="connections", api_id="abcde12345", stage="prod", connection_id="VNRUSeldSwMCIRQ=")),
        (("/prod/%40connections/VNRUSeldSwMCIRQ%3D", API, ()),
         Target(kind="connections", api_id="abcde12345", stage="prod", connection_id="VNRUSeldSwMCIRQ=")),
        (("/_aws/execute-api/abc/prod/@connections/x", "localhost", ()),
         Target(kind="connections", api_id="abc", stage="prod", connection_id="x")),
        (("/2015-03-31/functions/f/invocations", "localhost", ()), Target(kind="functions")),
        (("/2015-03-31/functions/f", "localhost", ()), Target(kind="control_plane")),
        (("/us-east-1_X/.well-known/jwks.json", "cognito-idp.us-east-1.amazonaws.com", ()), Target(kind="user_pool")),
        (("/", "translate.us-east-1.amazonaws.com", ()), Target(kind="standin", service="translate")),
        (("/", "localhost", SIGNED), Target(kind="standin", service="translate")),
        (("/prod", "localhost", ()), Target(kind="upgrade", stage="prod")),
        (("/prod/", "localhost", ()), Target(kind="upgrade", stage="prod")),
        (("/prod", "localhost", S3), Target(kind="control_plane")),
        (("/prod", "s3.us-east-1.amazonaws.com", ()), Target(kind="control_plane")),
        (("/prod", "localhost", (("X-Amz-Target", "AmazonSQS.SendMessage"),)), Target(kind="control_plane")),
        (("/other", "localhost", ()), Target(kind="control_plane")),
        (("/_sandbox/status", "localhost", ()), Target(kind="admin")),
        (("/", "localhost", ()), Target(kind="control_plane")),
    ],
)  # fmt: skip
def test_each_request_has_one_target(given, expected):
    """Local paths, AWS's host names, and the signature's scope; WS-57: a stage's own path, if no client of AWS asks."""
    path, host, headers = given
    assert target(path, host=host, headers=headers) == expected


@pytest.mark.parametrize(
    ("host", "answered"),
    [("sqs.us-east-1.amazonaws.com", True), (API, True), ("example.com", False), ("amazonaws.com.evil.test", False)],
)
def test_only_awss_names_are_answered_for(host, answered):
    """Nothing else is reached from the sandbox."""
    assert is_aws_host(host) is answered
