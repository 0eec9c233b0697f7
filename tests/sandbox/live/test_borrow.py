"""A command joins the sandbox that runs, unless it was asked for another backend."""

import asyncio
import os

import pytest

from sandbox.gateway.quotas import Quotas, parsed
from sandbox.live import state as state_file
from sandbox.live.backend import choose
from sandbox.live.borrow import running_sandbox, up_command
from sandbox.live.errors import OtherBackendError
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import SandboxState


def runs_on(backend, folder) -> SandboxState:
    """This process passes for a sandbox with its state in the folder."""
    state = SandboxState(
        pid=os.getpid(), backend=backend.name, endpointUrl="", webSocketUrl="", connectionsUrl="", transcribeUrl="",
        transcribeCaFile="", proxyUrl="", caFile="", region="", accountId="", environment="",
        dataEndpoints=backend.endpoints(),
    )  # fmt: skip
    state_file.write(state, folder / "state.json")
    return state


async def joined(settings: SandboxSettings) -> SandboxState:
    async with running_sandbox(settings, say=print) as state:
        return state


@pytest.mark.parametrize("asked", ["embedded", "localstack"])
def test_the_running_sandbox_is_joined(asked, tmp_path):
    """On the backend that was asked for, or without asking for one."""
    there = runs_on(choose("localstack"), tmp_path)
    settings = SandboxSettings(state_dir=tmp_path, backend=choose(asked))
    assert asyncio.run(joined(settings)) == there


def test_another_backend_is_one_line_with_the_next_step(tmp_path):
    """Rather than figures of a backend that was not asked for."""
    runs_on(choose("embedded"), tmp_path)
    with pytest.raises(OtherBackendError, match="to be on the backend localstack, it is on embedded: stop it with"):
        asyncio.run(joined(SandboxSettings(state_dir=tmp_path, backend=choose("localstack"))))


def test_the_backend_reaches_the_sandbox_that_is_started(tmp_path):
    """Both options, and the second only where it is given."""
    split = choose("http://localhost:1", dynamodb="http://localhost:2")
    command = up_command(SandboxSettings(state_dir=tmp_path, backend=split))
    assert command[command.index("--backend") + 1] == "http://localhost:1"
    assert command[command.index("--dynamodb") + 1] == "http://localhost:2"
    assert "--dynamodb" not in up_command(SandboxSettings(state_dir=tmp_path))


def test_a_sandbox_that_deploys_nothing_is_asked_for_by_an_option(tmp_path):
    assert "--empty" in up_command(SandboxSettings(state_dir=tmp_path, empty=True))
    assert "--empty" not in up_command(SandboxSettings(state_dir=tmp_path))


def test_quotas_reach_the_sandbox_that_is_started(tmp_path):
    """As they were given."""
    settings = SandboxSettings(state_dir=tmp_path, quotas=Quotas(connections_per_s=7))
    given = [one.removeprefix("--quota=") for one in up_command(settings) if one.startswith("--quota=")]
    assert parsed(given) == settings.quotas
