"""Definitions that CloudFormation does not take, and a port that is taken: one line, exit code 2, nothing left."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from sandbox.live.deploying import deploy
from sandbox.live.errors import DefinitionsRefusedError, DeploymentFailedError, WrongUsageError
from sandbox.live.settings import SandboxSettings

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]

APP = """
import json, os, pathlib
folder = pathlib.Path(os.environ["CDK_OUTDIR"])
stack = {"type": "aws:cloudformation:stack", "properties": {"stackName": "odd", "templateFile": "odd.json"}}
(folder / "manifest.json").write_text(json.dumps({"artifacts": {"odd": stack}}))
(folder / "odd.json").write_text(json.dumps(TEMPLATE))
"""
"""What a CDK app leaves behind, written without CDK."""


def project_with(folder: Path, app: str) -> SandboxSettings:
    infrastructure = folder / "project" / "services" / "odd" / "infrastructure"
    infrastructure.mkdir(parents=True)
    (infrastructure / "cdk.json").write_text('{"app": "python3 app.py"}')
    (infrastructure / "app.py").write_text(app)
    (folder / "state").mkdir()
    return SandboxSettings(state_dir=folder / "state", project=folder / "project")


def test_an_unsupported_resource_is_named_and_nothing_is_deployed(sandbox_session, tmp_path):
    """Never a warning."""
    template = {"Resources": {"X": {"Type": "AWS::Nobody::Knows"}}}
    settings = project_with(tmp_path, APP.replace("TEMPLATE", repr(template)))
    with pytest.raises(DefinitionsRefusedError) as refused:
        asyncio.run(deploy(settings, sandbox_session.state.endpointUrl))
    assert isinstance(refused.value, WrongUsageError)
    assert str(refused.value) == (
        "expected definitions that CloudFormation takes, got: stack odd: Template format error: Unrecognized resource "
        "types: [AWS::Nobody::Knows]: change them under services/*/infrastructure "
        f"(see {tmp_path / 'state' / 'deployment.log'})"
    )
    client = boto3.client(
        "cloudformation", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip
    names = [stack["StackName"] for stack in client.describe_stacks()["Stacks"]]
    client.close()
    assert names
    assert "odd" not in names


def test_an_app_that_fails_is_one_line_of_its_own(sandbox_session, tmp_path):
    """The last that it said, not its traceback."""
    settings = project_with(tmp_path, "raise SystemExit('expected a table, got none')")
    with pytest.raises(DeploymentFailedError, match="got: expected odd to synthesise, got: expected a table") as failed:
        asyncio.run(deploy(settings, sandbox_session.state.endpointUrl))
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("how", [[], ["--detach"]])
def test_a_busy_port_is_wrong_usage_also_for_a_detached_sandbox(sandbox_session, tmp_path, how):
    """The same line, from whichever process met it."""
    port = sandbox_session.state.endpointUrl.rpartition(":")[2]
    command = [sys.executable, "-m", "sandbox.cli", "up", "--port", port, "--state-dir", str(tmp_path), *how]
    ended = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr.strip()) == (
        2,
        f"sandbox: expected port {port} to be free, another process has it: give another --port, or 0 for a free one",
    )
    assert not (tmp_path / "state.json").exists()


def test_a_state_folder_in_use_is_wrong_usage(sandbox_session):
    """Two sandboxes have two state folders."""
    command = [sys.executable, "-m", "sandbox.cli", "up", "--state-dir", str(sandbox_session.state_dir), "--port", "0"]
    ended = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "stop it with 'sandbox down' or give another --state-dir" in ended.stderr
    assert json.loads((sandbox_session.state_dir / "state.json").read_text())["pid"] == sandbox_session.state.pid
