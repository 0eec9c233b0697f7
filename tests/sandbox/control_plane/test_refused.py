"""What is refused before the control plane, as its WSGI application answers."""

import json
from typing import Any

from sandbox.control_plane import wsgi
from sandbox.control_plane.refused import Refused
from sandbox.edge.http import HttpRequest

SCOPE = "AWS4-HMAC-SHA256 Credential=x/20261125/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0"


def answered(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"{}"]


def read(application: Refused) -> tuple[int, dict[str, str]]:
    request = HttpRequest(
        method="POST", host="localhost", path="/", query="", source_ip="127.0.0.1", body=b'{"Name": "/a"}',
        headers=(("Authorization", SCOPE), ("X-Amz-Target", "AmazonSSM.GetParameter")),
    )  # fmt: skip
    answer = wsgi.call(application, request)
    return answer.status, json.loads(answer.body)


def test_a_read_of_a_parameter_over_the_quota_is_throttled():
    """P-05: in the words of the Parameter Store, which every SDK takes for a reason to try again."""
    application = Refused(answered, lambda: 0, parameter_reads_per_s=2)
    throttled = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
    assert [read(application) for _ in range(3)] == [(200, {}), (200, {}), throttled]
