"""Definitions that CloudFormation does not take, and a port that is taken: one line, exit code 2, nothing left."""

import asyncio
import contextlib
import dataclasses
import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.live.backend import choose
from sandbox.live.borrow import up_command
from sandbox.live.deploying import deploy
from sandbox.live.errors import DefinitionsRefusedError, DeploymentFailedError, WrongUsageError
from sandbox.live.settings import SandboxSettings
from sandbox.processes import stop

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
    # What a sandbox of this project needs of the checkout.
    (folder / "project" / ".cache").mkdir()
    for name in ("requirements", "audio_samples", ".cache/twins"):
        (folder / "project" / name).symlink_to(ROOT / name)
    (folder / "state").mkdir()
    return SandboxSettings(state_dir=folder / "state", project=folder / "project", port=0)


def app_of(**resources: dict[str, Any]) -> str:
    return APP.replace("TEMPLATE", repr({"Resources": resources}))


def topic(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}, **more}


@contextlib.contextmanager
def up(settings: SandboxSettings) -> Iterator["subprocess.Popen[str]"]:
    """A sandbox that is asked for; it ends with the block if it has not ended by itself."""
    process = subprocess.Popen(up_command(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        stop(process, within_s=20)
        process.communicate()


@contextlib.contextmanager
def client_of(url: str, service: str) -> Iterator[Any]:
    client = boto3.client(
        service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    yield client
    client.close()


def test_an_unsupported_resource_is_named_and_nothing_is_deployed(sandbox_session, tmp_path):
    """Never a warning."""
    settings = project_with(tmp_path, app_of(X={"Type": "AWS::Nobody::Knows"}))
    with pytest.raises(DefinitionsRefusedError) as refused:
        asyncio.run(deploy(settings, sandbox_session.state.endpointUrl))
    assert isinstance(refused.value, WrongUsageError)
    assert str(refused.value) == (
        "expected definitions that CloudFormation takes, got: stack odd: Template format error: Unrecognized resource "
        "types: [AWS::Nobody::Knows]: change them under services/*/infrastructure "
        f"(see {tmp_path / 'state' / 'deployment.log'})"
    )
    with client_of(sandbox_session.state.endpointUrl, "cloudformation") as cloudformation:
        names = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
    assert names
    assert "odd" not in names


def test_resources_that_need_each_other_are_named_and_the_next_try_works(tmp_path):
    """`sandbox up` leaves nothing behind of definitions that it cannot deploy."""
    settings = project_with(tmp_path, app_of(A=topic("a", DependsOn="B"), B=topic("b", DependsOn="A")))
    with up(settings) as process:
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (2, "")
    assert errors.strip() == (
        "sandbox: expected definitions that CloudFormation takes, got: stack odd: Circular dependency between "
        "resources: [A, B]: change them under services/*/infrastructure "
        f"(see {tmp_path / 'state' / 'deployment.log'})"
    )
    assert not settings.state_file.exists()
    (settings.project / "services" / "odd" / "infrastructure" / "app.py").write_text(app_of(A=topic("a")))
    with up(settings) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["endpointUrl"]
        with client_of(url, "sns") as sns:
            assert [one["TopicArn"].rpartition(":")[2] for one in sns.list_topics()["Topics"]] == ["a"]


def test_a_stack_that_is_deleted_by_half_is_named_with_what_keeps_it(sandbox_session, tmp_path):
    """A bucket with something in it is not deleted, as on AWS; once it is empty, the stack is made anew."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "half-deleted"}}
    settings, url = project_with(tmp_path, app_of(A=topic("a"), B=bucket)), sandbox_session.state.endpointUrl
    asyncio.run(deploy(settings, url))
    with client_of(url, "s3") as s3, client_of(url, "cloudformation") as cloudformation:
        s3.put_object(Bucket="half-deleted", Key="kept", Body=b"1")
        cloudformation.delete_stack(StackName="odd")
        (stack,) = cloudformation.describe_stacks(StackName="odd")["Stacks"]
        assert stack["StackStatus"] == "DELETE_FAILED"
        with pytest.raises(DeploymentFailedError) as failed:
            asyncio.run(deploy(settings, url))
        assert str(failed.value) == (
            "expected the stacks to deploy, got: expected stack odd to become complete, it is DELETE_FAILED: B: The "
            "bucket you tried to delete is not empty (Service: S3, Status Code: 409): remove what keeps it and try "
            f"again (see {tmp_path / 'state' / 'deployment.log'})"
        )
        s3.delete_object(Bucket="half-deleted", Key="kept")
        asyncio.run(deploy(settings, url))
        (stack,) = cloudformation.describe_stacks(StackName="odd")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        cloudformation.delete_stack(StackName="odd")


def test_a_backend_that_dies_in_the_middle_is_one_line(tmp_path):
    """What was begun is rolled back."""
    with dying_backend() as url:
        settings = dataclasses.replace(project_with(tmp_path, app_of(A=topic("a"))), backend=choose(url, dynamodb=None))
        with up(settings) as process:
            said, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert re.fullmatch(
        r"sandbox: expected the stacks to deploy, got: expected stack CDKToolkit to become complete, it is "
        r"ROLLBACK_COMPLETE: CdkBootstrapVersion: expected the backend to answer, got: .*: start it again \(see .*\)\n",
        errors,
    )
    assert not settings.state_file.exists()


@contextlib.contextmanager
def dying_backend() -> Iterator[str]:
    """A backend that is well until somebody makes something on it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_POST(self) -> None:
            self.server.server_close()
            self.connection.close()
            self.close_connection = True

        def log_message(self, *_: Any) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


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
