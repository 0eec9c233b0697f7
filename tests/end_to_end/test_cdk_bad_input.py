"""`cdk deploy` when something goes wrong on its way: a line with the next step, nothing half made, a second try that
works."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.testing import RunningSandbox, running

from .backend_door import door
from .cdk_cli import ENVIRONMENT, STACK, client_of, deploy, described, run, stack_assembly
from .installed_tools import installed

pytestmark = pytest.mark.e2e
BUCKET = "cdk-hnb659fds-assets-123456789012-us-east-1"
RESOURCES, QUEUE = 12, 4
"""Of these the fourth queue is the one in whose making something happens."""


@pytest.fixture(scope="module")
def cdk(tmp_path_factory) -> Path:
    return installed(tmp_path_factory.mktemp("bin")) / "cdk"


@pytest.fixture
def sandbox(tmp_path) -> Iterator[RunningSandbox]:
    with running(tmp_path / "state", empty=True) as started:
        yield started


def function_assembly(folder: Path, text: str) -> Path:
    """A function whose code is an asset: the folder `code` beside the template."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [trusted]}}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "echo", "Runtime": "python3.11", "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Bucket": BUCKET, "S3Key": f"{digest}.zip"},
            },
        },
    }  # fmt: skip
    stack_assembly(folder, {"Resources": resources}, stackTemplateAssetObjectUrl=f"s3://{BUCKET}/{digest}.json")
    (folder / "code").mkdir()
    (folder / "code" / "index.py").write_text(text)

    def asset(path: str, packaging: str, ending: str) -> dict[str, Any]:
        place = {"bucketName": BUCKET, "objectKey": f"{digest}.{ending}", "region": "us-east-1"}
        return {"source": {"path": path, "packaging": packaging}, "destinations": {"here": place}}

    files = {f"{digest}c": asset("code", "zip", "zip"), f"{digest}t": asset("echo.template.json", "file", "json")}
    (folder / "echo.assets.json").write_text(json.dumps({"version": "36.0.0", "files": files, "dockerImages": {}}))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["echo.assets"] = {
        "type": "cdk:asset-manifest",
        "properties": {"file": "echo.assets.json", "requiresBootstrapStackVersion": 6},
    }
    manifest["artifacts"][STACK]["dependencies"] = ["echo.assets"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def answered(sandbox: RunningSandbox) -> str:
    answer: str = json.load(client_of(sandbox, "lambda").invoke(FunctionName="echo")["Payload"])
    return answer


def code(answer: str) -> str:
    return f"def handler(event, _):\n    return {answer!r}\n"


def test_an_asset_that_was_deleted_is_refused_and_what_was_deployed_stays(cdk, sandbox, tmp_path):
    """CDK makes an archive of nothing of it, and Lambda's words are CDK's last; synthesised again, it is deployed."""
    assert run(cdk, sandbox, tmp_path, "bootstrap", ENVIRONMENT).returncode == 0
    for answer, status in (("first", "ROLLBACK_COMPLETE"), ("second", "UPDATE_ROLLBACK_COMPLETE")):
        broken = function_assembly(tmp_path / f"broken-{answer}", code(answer))
        shutil.rmtree(broken / "code")
        refused = deploy(cdk, sandbox, broken)
        assert refused.returncode == 1
        assert "Uploaded file must be a non-empty zip" in refused.stdout + refused.stderr
        assert described(sandbox)[0]["StackStatus"] == status
        if answer == "second":
            assert answered(sandbox) == "first"
        made = deploy(cdk, sandbox, function_assembly(tmp_path / answer, code(answer)))
        assert made.returncode == 0, made.stderr
        assert answered(sandbox) == answer


def long_assembly(folder: Path) -> Path:
    """Queues and topics one after the other."""
    types = ("AWS::SQS::Queue", "AWS::SNS::Topic")
    resources: dict[str, Any] = {}
    for number in range(RESOURCES):
        before = {"DependsOn": f"R{number - 1}"} if number else {}
        resources[f"R{number}"] = {"Type": types[number % 2], "Properties": {}, **before}
    return stack_assembly(folder, {"Resources": resources})


def test_a_backend_that_dies_in_the_middle_is_named_and_the_next_try_works(cdk, tmp_path, monkeypatch):
    """Each resource says why it failed and what to do; once the backend is there again, the same command deploys."""
    with running(tmp_path / "backend", empty=True) as backend:
        url = backend.state.endpointUrl

        def dies() -> None:
            backend.process.kill()
            backend.process.wait()

        with door(url, at=QUEUE, act=dies) as way:
            monkeypatch.setenv("SANDBOX_BACKEND", way.url)
            with running(tmp_path / "state", empty=True) as sandbox:
                monkeypatch.delenv("SANDBOX_BACKEND")
                folder = long_assembly(tmp_path / "long")
                failed = deploy(cdk, sandbox, folder)
                assert failed.returncode == 1
                stack, events = described(sandbox)
                assert stack["StackStatus"] == "ROLLBACK_FAILED"
                made = [name for name, status, _ in events if status == "CREATE_COMPLETE"]
                assert made == [f"R{number}" for number in range(2 * QUEUE - 2)]
                reasons = [reason for name, status, reason in events if status.endswith("_FAILED") and name != STACK]
                assert len(reasons) >= 2
                for reason in reasons:
                    assert reason.startswith("expected the backend to answer, got: ")
                    assert reason.endswith(": start it again")
                assert reasons[0] in " ".join((failed.stdout + failed.stderr).split())
                with running(tmp_path / "again", empty=True, port=int(url.rpartition(":")[2])):
                    again = deploy(cdk, sandbox, folder)
                    assert again.returncode == 0, again.stderr
                    queues = client_of(sandbox, "sqs").list_queues(MaxResults=1000)["QueueUrls"]
                    assert len(queues) == RESOURCES // 2


def test_a_control_plane_that_dies_in_the_middle_ends_the_sandbox_with_a_line(cdk, tmp_path, monkeypatch):
    """CDK and the sandbox say the same, at once; nothing is left of it, and the next sandbox deploys."""
    folder = long_assembly(tmp_path / "long")
    planes: list[psutil.Process] = []

    def dies() -> None:
        planes[0].kill()

    with (
        running(tmp_path / "backend", empty=True) as backend,
        door(backend.state.endpointUrl, at=QUEUE, act=dies) as way,
    ):
        monkeypatch.setenv("SANDBOX_BACKEND", way.url)
        with running(tmp_path / "state", empty=True) as sandbox:
            children = psutil.Process(sandbox.process.pid).children(recursive=True)
            planes += [one for one in children if "sandbox.control_plane" in one.cmdline()]
            failed = deploy(cdk, sandbox, folder)
            line = "expected the control plane to go on, it has ended"
            assert failed.returncode == 1
            assert f"{line} and what was deployed with it: start again with 'sandbox up'" in " ".join(
                (failed.stdout + failed.stderr).split()
            )
            assert sandbox.process.wait(30) == 1
    monkeypatch.delenv("SANDBOX_BACKEND")
    said = (tmp_path / "state" / "sandbox.log").read_text().strip().splitlines()
    assert said == [
        f"sandbox: {line} (signal SIGKILL) and what was deployed with it: start again with 'sandbox up' "
        f"(see {tmp_path / 'state' / 'control-plane.log'})"
    ]
    assert not (tmp_path / "state" / "state.json").exists()
    assert [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    with running(tmp_path / "state", empty=True) as sandbox:
        made = deploy(cdk, sandbox, folder)
        assert made.returncode == 0, made.stderr
