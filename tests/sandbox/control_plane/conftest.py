"""A control plane in a process of its own, and clients of it."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.control_plane import deploying

ROOT = Path(__file__).resolve().parents[3]
STATE_MS = 600_000
"""A function's states last until a test moves the clock."""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A control plane in a process of its own."""
    command = [
        sys.executable, "-m", "sandbox.control_plane", "--port", "0", "--state-dir",
        str(tmp_path_factory.mktemp("state")), "--account-id", "123456789012", "--region", "us-east-1",
        "--function-state-ms", str(STATE_MS),
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())["url"]
            make_role(ready)
            yield ready
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def later(url):
    """Moves the control plane's clock by milliseconds."""
    passed = [0]

    def move(by_ms: int) -> None:
        passed[0] += by_ms
        urllib.request.urlopen(f"{url}/_sandbox/clock", data=str(passed[0]).encode()).close()

    return move


def make_role(url: str) -> None:
    """A function's role is there before the function, and may poll queues."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = boto3.client(
        "iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": [trusted]}))
    polls = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [polls]}
    iam.put_role_policy(RoleName="r", PolicyName="polls", PolicyDocument=json.dumps(document))
    iam.close()


@pytest.fixture
def client(url):
    """Clients of the control plane, closed in the end."""
    made = []

    def make(service: str):
        config = Config(retries={"total_max_attempts": 1})
        made.append(
            boto3.client(
                service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
                config=config,
            )
        )  # fmt: skip
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def aws(url) -> Iterator[Callable[[str], Any]]:
    """A client of a service, which checks nothing itself and tries once."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
            )  # fmt: skip
        return made[service]

    yield client
    for one in made.values():
        one.close()


@pytest.fixture(scope="module")
def refused() -> Callable[..., tuple[str, str]]:
    """The code and message with which a call is refused."""

    def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as raised:
            call(**parameters)
        error = raised.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal


@pytest.fixture
def cloudformation(client) -> Iterator[Any]:
    """A client, and no stack left behind."""
    made = client("cloudformation")
    yield made
    for stack in made.describe_stacks()["Stacks"]:
        deploying.delete(made, stack["StackName"])
