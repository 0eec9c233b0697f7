"""The staging record's commands, as they are written there, with AWS's own tools against a running sandbox."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox

from .installed_tools import installed

pytestmark = pytest.mark.e2e
SERVICES = Path(__file__).resolve().parents[2] / "services"
WITHIN_S = 180
DEPLOYMENTS = (
    "cd audio-transcription/infrastructure && cdk synth -c environment=staging && "
    "cdk deploy -c environment=staging --require-approval never",
    "cd session-management/infrastructure && cdk synth -c env=staging && "
    "cdk deploy -c env=staging --require-approval never",
)
LOOKS = (
    (
        "aws cloudformation describe-stacks --stack-name audio-transcription-staging --region us-east-1 "
        "--query 'Stacks[0].StackStatus'",
        "CREATE_COMPLETE",
    ),
    (
        "aws cloudformation describe-stacks --stack-name SessionManagement-staging --region us-east-1 "
        "--query 'Stacks[0].StackStatus'",
        "CREATE_COMPLETE",
    ),
    (
        "aws lambda list-functions --region us-east-1 "
        "--query 'Functions[?contains(FunctionName, `staging`)].FunctionName'",
        {
            "audio-processor-staging", "AuthorizerFunction-staging", "ConnectionHandler-staging",
            "DisconnectHandler-staging", "HeartbeatHandler-staging", "RefreshHandler-staging",
            "SessionStatusHandler-staging", "TranslationProcessor-staging",
        },
    ),
    (
        "aws dynamodb list-tables --region us-east-1 --query 'TableNames[?contains(@, `staging`)]'",
        {
            "Connections-staging", "RateLimits-staging", "Sessions-staging",
            "TranslationCache-staging", "TranslationClaims-staging",
        },
    ),
    # As in README, where the environment alone names the Region.
    (
        "aws cloudformation describe-stacks --stack-name TranslationPipeline-staging --query 'Stacks[0].StackStatus'",
        "CREATE_COMPLETE",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def terminal(tmp_path_factory, sandbox_session):
    """Runs a line as a person would, with the tools, the endpoint and dummy credentials."""
    state = sandbox_session.state
    variables = os.environ | {
        "PATH": f"{installed(tmp_path_factory.mktemp('bin'))}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": state.endpointUrl, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": state.region, "CI": "true",
    }  # fmt: skip

    # A terminal's input stays open: wscat ends with it.
    reading, writing = os.pipe()

    def run(line: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", line], cwd=SERVICES, env=variables | more, stdin=reading, capture_output=True,
            text=True, check=False, timeout=WITHIN_S,
        )  # fmt: skip

    yield run
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("line", DEPLOYMENTS, ids=lambda line: line.split()[1])
def test_an_app_is_synthesised_and_deployed(terminal, line):
    """The sandbox has deployed the same, so that there is nothing to change."""
    ended = terminal(line)
    assert ended.returncode == 0, ended.stderr
    assert "(no changes)" in ended.stdout + ended.stderr


@pytest.mark.parametrize(("line", "expected"), LOOKS, ids=lambda one: one[:40] if isinstance(one, str) else "")
def test_what_was_deployed_is_seen(terminal, line, expected):
    """Every `aws` line of the record."""
    ended = terminal(line)
    assert (ended.returncode, ended.stderr) == (0, "")
    answer = json.loads(ended.stdout)
    assert (set(answer) if isinstance(answer, list) else answer) == expected


def wscat(terminal, sandbox: RunningSandbox, query: str = "", options: str = ""):
    """`wscat` to the API's own host name, as on AWS."""
    endpoint = sandbox.state.stacks["SessionManagement-staging"]["WebSocketAPIEndpoint"]
    assert endpoint.endswith(".execute-api.us-east-1.amazonaws.com/prod")
    about = {"HTTPS_PROXY": sandbox.state.proxyUrl, "NODE_EXTRA_CA_CERTS": sandbox.state.caFile}
    return terminal(f"wscat -c '{endpoint}{query}' {options}", **about)


def test_wscat_fails_without_a_token_which_shows_that_the_endpoint_is_there(terminal, sandbox_session):
    """401, as the record expects."""
    ended = wscat(terminal, sandbox_session)
    assert ended.returncode != 0
    assert "Unexpected server response: 401" in ended.stdout + ended.stderr


def test_wscat_with_a_token_is_answered(terminal, sandbox_session):
    """One message there, one back."""
    token = sandbox_session.token("wscat")
    ended = wscat(terminal, sandbox_session, f"?token={token}", """-x '{"action": "heartbeat"}' -w 3""")
    assert ended.returncode == 0, ended.stderr
    assert '"type":"heartbeatAck"' in ended.stdout.replace(" ", "")
