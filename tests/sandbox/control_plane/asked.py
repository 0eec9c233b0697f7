"""What the tests of a control plane ask of it."""

import io
import json
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from sandbox.definitions.model import Definitions, from_json

ROLE = "arn:aws:iam::123456789012:role/r"


def feed(url: str, *, after: int = -1, wait_ms: int = 0) -> Definitions:
    with urllib.request.urlopen(f"{url}/_sandbox/definitions?after={after}&wait_ms={wait_ms}") as answer:
        return from_json(json.load(answer))


def zipped(text: str = "def handler(event, context): return 1") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("app.py", text)
    return buffer.getvalue()


def refusal(act) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        act()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]
