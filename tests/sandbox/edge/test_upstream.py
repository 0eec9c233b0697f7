"""Who calls a control plane that has ended is told so, in the protocol of the call."""

import asyncio

import pytest
from botocore.parsers import create_parser

from sandbox.edge import ended
from sandbox.edge.http import HttpRequest
from sandbox.edge.upstream import Upstream
from sandbox.live.listening import listening


def call(service: str, *headers: tuple[str, str], body: bytes = b"", path: str = "/") -> HttpRequest:
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return HttpRequest(
        method="POST", host="localhost", path=path, query="", headers=(("Authorization", scope), *headers), body=body,
        source_ip="127.0.0.1",
    )  # fmt: skip


FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("request_", "protocol"),
    [
        (call("cloudformation", FORM, body=b"Action=DescribeStacks&Version=2010-05-15"), "query"),
        (call("ssm", ("X-Amz-Target", "AmazonSSM.GetParameter"), body=b"{}"), "json"),
        (call("lambda", path="/2015-03-31/functions", body=b"{}"), "rest-json"),
        (call("s3", path="/bucket/key"), "rest-xml"),
    ],
    ids=["query", "json", "rest-json", "rest-xml"],
)
def test_a_control_plane_that_has_ended_is_an_error_that_no_client_tries_again(request_, protocol):
    """One code and one line with the next step, as botocore reads it; a connection that is refused would be tried for
    minutes."""
    with listening() as gone:
        url = f"http://localhost:{gone.getsockname()[1]}"
    answer = asyncio.run(Upstream(url).handle(request_))
    parsed = create_parser(protocol).parse(
        {"status_code": answer.status, "headers": dict(answer.headers), "body": answer.body}, None
    )
    assert answer.status == 400
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == (ended.CODE, ended.TEXT)
    assert "\n" not in ended.TEXT
