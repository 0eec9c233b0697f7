"""AWS's CDK CLI against a sandbox, on assemblies written without CDK."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import boto3

from sandbox.testing import RunningSandbox

STACK, ENVIRONMENT = "echo", "aws://123456789012/us-east-1"
WITHIN_S = 120
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def run(cdk: Path, sandbox: RunningSandbox, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    variables = os.environ | KEYS | {"AWS_ENDPOINT_URL": sandbox.state.endpointUrl, "CI": "true"}
    return subprocess.run(
        [str(cdk), *arguments], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )


def deploy(cdk: Path, sandbox: RunningSandbox, folder: Path) -> "subprocess.CompletedProcess[str]":
    return run(cdk, sandbox, folder, "deploy", "--app", str(folder), "--require-approval", "never")


def stack_assembly(folder: Path, template: dict[str, Any], **more: Any) -> Path:
    """What a CDK app leaves behind, written without CDK."""
    folder.mkdir()
    properties = {"stackName": STACK, "templateFile": "echo.template.json", **more}
    stack = {"type": "aws:cloudformation:stack", "environment": ENVIRONMENT, "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {STACK: stack}}))
    (folder / "echo.template.json").write_text(json.dumps(template))
    return folder


def client_of(sandbox: RunningSandbox, service: str) -> Any:
    return boto3.client(
        service, endpoint_url=sandbox.state.endpointUrl, aws_access_key_id="test", aws_secret_access_key="test",
        region_name="us-east-1",
    )  # fmt: skip


def described(sandbox: RunningSandbox) -> tuple[dict, list[tuple[str, str, str]]]:
    """The stack, and its events: (resource, status, reason), the oldest first."""
    client = client_of(sandbox, "cloudformation")
    events = client.describe_stack_events(StackName=STACK)["StackEvents"]
    rows = [(one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", "")) for one in events]
    return client.describe_stacks(StackName=STACK)["Stacks"][0], rows[::-1]
