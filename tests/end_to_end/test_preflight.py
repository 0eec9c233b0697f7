"""`sandbox preflight`, the command itself: on the project's own apps, and on an account that is not bootstrapped."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox, running

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 180
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def account(tmp_path_factory) -> Iterator[RunningSandbox]:
    """A new account: nothing has been deployed to it."""
    with running(tmp_path_factory.mktemp("account"), empty=True) as started:
        yield started


def preflight(state_dir: Path, *arguments: str, endpoint: str = "") -> "subprocess.CompletedProcess[str]":
    variables = os.environ | KEYS | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})
    command = [sys.executable, "-m", "sandbox.cli", "preflight", "--state-dir", str(state_dir), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )


def policy(folder: Path, *services: str) -> str:
    """A deployer's policy that allows everything of these services."""
    file = folder / "deployer.json"
    statement = {"Effect": "Allow", "Action": [f"{service}:*" for service in services], "Resource": "*"}
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return str(file)


def test_aws_would_take_the_projects_own_apps(tmp_path):
    """Every check, cfn-lint and cdk-nag among them."""
    ended = preflight(tmp_path, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {"passed": True, "findings": []}


def test_the_calls_that_a_runs_roles_did_not_allow(tmp_path):
    """From the journal of the latest run, or of the one that is named."""
    run = tmp_path / "runs" / "20261125-101500-000"
    run.mkdir(parents=True)
    denied = {
        "t_ms": 5, "kind": "iam.denied", "function": "audio-processor-staging", "role": "AudioProcessorLambdaRole",
        "action": "sqs:PurgeQueue", "resource": "arn:aws:sqs:us-east-1:123456789012:session-audio-staging-x",
        "reason": "because no identity-based policy allows the sqs:PurgeQueue action",
    }  # fmt: skip
    (run / "journal.jsonl").write_text(json.dumps(denied) + "\n")
    ended = preflight(tmp_path, "--run", run.name)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "permission: audio-processor-staging: it called sqs:PurgeQueue on "
        "arn:aws:sqs:us-east-1:123456789012:session-audio-staging-x, because no identity-based policy allows the "
        "sqs:PurgeQueue action: let AudioProcessorLambdaRole's policy allow it, or leave the call out",
        "1 found",
    ]


def test_a_region_that_is_not_bootstrapped_and_a_deployer_who_may_not(account, tmp_path):
    """The record's fourth fault and its cause, ECR: two lines, each with what to do."""
    deployer = policy(tmp_path, "cloudformation", "s3", "iam", "ssm", "sts")
    ended = preflight(tmp_path, "--account", "--deployer", deployer, endpoint=account.state.endpointUrl)
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.splitlines() == [
        "account: aws://123456789012/us-east-1: it is not bootstrapped for CDK: no parameter "
        "/cdk-bootstrap/hnb659fds/version: run cdk bootstrap aws://123456789012/us-east-1",
        "account: the deploying user: may not bootstrap and deploy: no policy allows ecr:CreateRepository, "
        "ecr:DescribeRepositories, ecr:PutLifecyclePolicy, ecr:SetRepositoryPolicy: add these actions to the user's "
        "policies, or have an administrator bootstrap the Region",
        "2 found",
    ]


def test_a_region_that_is_bootstrapped(sandbox_session, tmp_path):
    """A deployer needs no ECR then."""
    deployer = policy(tmp_path, "sts")
    ended = preflight(tmp_path, "--account", "--deployer", deployer, endpoint=sandbox_session.state.endpointUrl)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "nothing found that AWS would not take\n", "")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--run", "never"), "found no never: run 'sandbox demo' first"),
        (("--deployer", "nowhere.json"), "expected --deployer to be a policy document"),
    ],
)
def test_wrong_usage_is_one_line_with_the_next_step(tmp_path, arguments, line):
    """Before anything is synthesised."""
    ended = preflight(tmp_path, *arguments)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert line in ended.stderr


def test_an_account_that_does_not_answer_is_one_line(tmp_path):
    """Nothing listens at port 9 of this machine."""
    ended = preflight(tmp_path, "--account", endpoint="http://127.0.0.1:9")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "set AWS_ENDPOINT_URL, or a profile" in ended.stderr
