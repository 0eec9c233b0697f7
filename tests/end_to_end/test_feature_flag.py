"""The parameter switches partial results on a running session, and one that is not valid switches nothing."""

import asyncio
import json
import time

import boto3
import pytest

from sandbox.live.client import ask
from sandbox.testing.running import RunningSandbox

from .hall import Hall, hall

pytestmark = pytest.mark.e2e
PARAMETER = "/audio-transcription/partial-results/config"
FOLLOWED_WITHIN_S = 30
"""The contract's."""


@pytest.fixture
def parameters(sandbox_session):
    """The Parameter Store; the deployed configuration is there again afterwards."""
    store = boto3.client(
        "ssm", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip
    deployed = store.get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    yield store
    store.put_parameter(Name=PARAMETER, Value=deployed, Type="String", Overwrite=True)
    store.close()


def test_a_running_session_follows_the_parameter_and_keeps_the_last_good_one(sandbox_session, parameters):
    """Partial results first, finals alone after the change, and finals alone still after one that is not valid."""
    deployed = json.loads(parameters.get_parameter(Name=PARAMETER)["Parameter"]["Value"])

    def put(text: str) -> None:
        parameters.put_parameter(Name=PARAMETER, Value=text, Type="String", Overwrite=True)

    async def spoken(opened: Hall) -> list[bool]:
        """Whether each segment of one more recording was final."""
        before = len(opened.finals)
        await opened.speak()
        await opened.everything_heard()
        return opened.finals[before:]

    async def act() -> None:
        async with hall(sandbox_session, user="flagged", network=70) as opened:
            assert not all(await spoken(opened))
            await asyncio.to_thread(put, json.dumps(deployed | {"enabled": False}))
            ends_at = time.monotonic() + FOLLOWED_WITHIN_S
            while not all(await spoken(opened)):
                assert time.monotonic() < ends_at
            refused_before = await asyncio.to_thread(refusals, sandbox_session)
            await asyncio.to_thread(put, json.dumps(deployed | {"enabled": "yes"}))
            ends_at = time.monotonic() + FOLLOWED_WITHIN_S
            while await asyncio.to_thread(refusals, sandbox_session) == refused_before:
                assert all(await spoken(opened))
                assert time.monotonic() < ends_at
            assert all(await spoken(opened))

    asyncio.run(act())


def refusals(sandbox: RunningSandbox) -> int:
    """How often the audio processor has said why it does not take the parameter."""
    lines = ask(sandbox.state, "POST", "logs", {"function": "audio-processor-staging"})
    reason = "is not taken, the last good one stays: enabled: expected true or false"
    return sum(reason in one["line"] for one in lines)
