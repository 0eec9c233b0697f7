"""A function's requests are signed in one pass as botocore signs them, with the CRT and without."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import time_machine
from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

from sandbox.functions.process_host import RUNTIME

JSON = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}
AGENT = {"User-Agent": "Boto3/1", "X-Amzn-Trace-Id": "Root=1-a;Sampled=0", "amz-sdk-request": "attempt=1;  max=3"}
CALLBACK = "https://api.execute-api.us-east-1.amazonaws.com/prod/%40connections/abc%3D"

ORDINARY: dict[str, dict[str, Any]] = {
    "a table's call": {"url": "http://127.0.0.1:4000/", "headers": {**JSON, **AGENT}, "data": b'{"a": "\xc3\xa9"}'},
    "text": {"url": "http://127.0.0.1:4000/", "headers": JSON, "data": "{}"},
    "a post to a listener": {"url": CALLBACK, "headers": AGENT, "data": b"hello"},
    "nothing": {"url": CALLBACK, "headers": {}, "data": b"", "method": "DELETE"},
    "a query": {"url": "https://sqs.us-east-1.amazonaws.com/a//b/../c?y=2&x=%20&x=1", "method": "GET"},
    "no path": {"url": "https://sqs.us-east-1.amazonaws.com", "headers": {"Host": "elsewhere"}},
    "an attempt before": {"url": CALLBACK, "headers": {"X-Amz-Date": "then", "Authorization": "old"}, "data": b"x"},
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "parameters": {"url": CALLBACK, "params": {"a": "b c"}},
    "a digest": {"url": CALLBACK, "headers": {"X-Amz-Content-SHA256": "known"}},
}
WITHOUT_CRT: dict[str, dict[str, Any]] = {
    "a date": {"url": CALLBACK, "headers": {"Date": "then"}},
    "a form": {"url": CALLBACK, "data": {"Action": "Publish"}},
    "an attempt before, with a token": {"url": CALLBACK, "headers": {"X-Amz-Security-Token": "old"}},
}


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sandbox_signing", Path(RUNTIME) / "sandbox_signing.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


signing: Any = load()


SIGNERS = list(dict.fromkeys([SigV4Auth, AUTH_TYPE_MAPS["v4"]]))


@pytest.fixture(params=SIGNERS)
def signer(request: pytest.FixtureRequest) -> Any:
    """botocore's signer, and the one that it takes where the CRT is."""
    return request.param


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The signatures that are made in one pass, for as long as that is installed."""
    made: list[str] = []
    whole = signing.authorization

    def authorization(**given: Any) -> str:
        made.append(whole(**given))
        return made[-1]

    monkeypatch.setattr(signing, "authorization", authorization)
    for one in SIGNERS:
        monkeypatch.setattr(one, "add_auth", one.add_auth)
    return made


def signed(kind: Any, about: dict[str, Any], token: str | None = "t" * 40) -> dict[str, str]:
    request = AWSRequest(**{"method": "POST", "headers": {}, "data": b"", **about})
    with time_machine.travel("2026-11-26T10:00:00Z", tick=False):
        kind(Credentials("AKIA", "secret", token), "execute-api", "us-east-1").add_auth(request)
    # The CRT names the host itself, others leave it to the connection.
    return {name.lower(): value for name, value in request.headers.items() if name.lower() != "host"}


@pytest.mark.parametrize("token", [None, "token"])
@pytest.mark.parametrize("name", ORDINARY)
def test_the_signature_is_botocores(signer, counted, name, token):
    expected = signed(signer, ORDINARY[name], token)
    signing.install()
    assert signed(signer, ORDINARY[name], token) == expected
    assert counted == [expected["authorization"]]


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_signed_by_botocore(signer, counted, name):
    expected = signed(signer, UNUSUAL[name])
    signing.install()
    assert signed(signer, UNUSUAL[name]) == expected
    assert counted == []


@pytest.mark.parametrize("signer", [SigV4Auth])
@pytest.mark.parametrize("name", WITHOUT_CRT)
def test_what_only_python_signs_is_signed_by_botocore(signer, counted, name):
    expected = signed(signer, WITHOUT_CRT[name], None)
    signing.install()
    assert signed(signer, WITHOUT_CRT[name], None) == expected
    assert counted == []


def test_ways_of_signing_that_are_derived_stay_their_own(counted):
    expected = signed(S3SigV4Auth, ORDINARY["a table's call"])
    signing.install()
    assert signed(S3SigV4Auth, ORDINARY["a table's call"]) == expected
    assert counted == []


def test_without_credentials_nothing_is_signed(signer, counted):
    signing.install()
    with pytest.raises(NoCredentialsError):
        signer(None, "sqs", "us-east-1").add_auth(AWSRequest(method="GET", url=CALLBACK))
    assert counted == []
