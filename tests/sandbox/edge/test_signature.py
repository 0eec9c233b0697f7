"""A signature is checked as API Gateway checks it; the signer is botocore's own."""

from functools import partial
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.definitions.model import Function
from sandbox.edge.http import HttpRequest
from sandbox.edge.signature import MISMATCH, MISSING, UNKNOWN, refusal
from sandbox.functions import credentials

URL = "https://abcde12345.execute-api.us-east-1.amazonaws.com/prod/%40connections/VNRUSeldSwMCIRQ%3D?b=%20x&a=1"
ROLE = Function(
    name="f", arn="a", runtime="python3.11", handler="h.h", role_arn="arn:aws:iam::123456789012:role/r", timeout_s=3,
    memory_mb=128, path="/", code_sha256="",
)  # fmt: skip
OURS = Credentials(*credentials.of_role(ROLE))
check = partial(refusal, service="execute-api", region="us-east-1", secrets=credentials.known_secret)


def signed(
    by: Credentials, *, service="execute-api", region="us-east-1", presigned=False, body=b"hello"
) -> HttpRequest:
    request = AWSRequest(method="GET" if presigned else "POST", url=URL, data=b"" if presigned else b"hello")
    (SigV4QueryAuth if presigned else SigV4Auth)(by, service, region).add_auth(request)
    parts = urlsplit(request.url)
    return HttpRequest(
        method=request.method, host=parts.hostname or "", path=parts.path, query=parts.query, body=request.data,
        headers=(("Host", parts.netloc), *request.headers.items()), source_ip="127.0.0.1",
    )  # fmt: skip


def changed(request: HttpRequest, **changes) -> HttpRequest:
    return HttpRequest(**{**request.__dict__, **changes})


@pytest.mark.parametrize("presigned", [False, True])
def test_a_roles_signature_is_taken(presigned):
    """WS-47: in the header, or in a URL that was signed before."""
    assert check(signed(OURS, presigned=presigned)) is None


@pytest.mark.parametrize(
    "change",
    [{"body": b"other"}, {"path": "/prod/%40connections/AAAASeldSwMCIRQ%3D"}, {"query": "a=2"}, {"method": "DELETE"}],
)
def test_a_request_that_was_changed_since_is_refused(change):
    """WS-51: nothing of it may differ from what was signed."""
    assert check(changed(signed(OURS), **change)) == MISMATCH


def test_a_role_with_another_secret_or_without_its_token_is_refused():
    """WS-51."""
    assert check(signed(Credentials(OURS.access_key, "guessed", OURS.token))) == MISMATCH
    assert check(signed(Credentials(OURS.access_key, OURS.secret_key))) == UNKNOWN


def test_a_developers_own_key_signs_as_it_likes():
    """Its secret is not known here; the form and the scope are still checked."""
    own = Credentials("AKIDEXAMPLE", "anything")
    assert check(signed(own)) is None
    elsewhere = check(signed(own, region="eu-west-1"))
    assert elsewhere is not None
    assert elsewhere.message == "Credential should be scoped to a valid region, not 'eu-west-1'. "
    other = check(signed(own, service="lambda"))
    assert other is not None
    assert other.message == "Credential should be scoped to correct service: 'execute-api'. "


@pytest.mark.parametrize(
    ("header", "error_type"),
    [
        (None, "MissingAuthenticationTokenException"),
        ("Bearer token", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=K/20261123/us-east-1/execute-api/aws4_request", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=K, SignedHeaders=host, Signature=0", "IncompleteSignatureException"),
    ],
)
def test_an_unsigned_request_is_refused(header, error_type):
    """WS-47: 403, and why."""
    headers = () if header is None else (("Authorization", header),)
    found = check(changed(signed(OURS), headers=headers, query=""))
    assert found is not None
    assert found.error_type == error_type
    assert header is not None or found == MISSING
