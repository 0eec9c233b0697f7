"""A control plane that was begun before the command line was read is the one that the sandbox runs on, or none."""

import asyncio

import pytest

from sandbox.adopted_process import AdoptedProcess
from sandbox.live import plane_ahead
from sandbox.live.plane_ahead import PlaneAhead
from sandbox.live.plane_process import ControlPlane
from sandbox.live.settings import SandboxSettings
from sandbox.processes import Child, ChildFailedError


@pytest.fixture
def begun() -> PlaneAhead:
    """One that waits for its orders, for whoever asks next."""
    plane_ahead.begin()
    return plane_ahead._begun[-1]


def ends(begun: PlaneAhead) -> int:
    """Its exit code; nothing of it stays open."""
    begun.calls.close()
    begun.hot.close()
    begun.process.communicate(timeout=60)
    return int(begun.process.returncode)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["up"], True),
        (["up", "--empty", "--port", "0"], True),
        (["up", "--help"], False),
        (["up", "--detach"], False),
        (["down"], False),
        ([], False),
    ],
)
def test_only_a_sandbox_of_this_process_wants_one(words, wanted):
    assert plane_ahead.is_wanted(words) is wanted


def test_it_becomes_the_sandboxs_control_plane_once_it_is_told(begun, tmp_path):
    """By its ports, and with its log where the sandbox's state is; it ends with the sandbox."""

    async def scenario() -> None:
        plane = ControlPlane(SandboxSettings(state_dir=tmp_path, empty=True))
        await plane.begin()
        child = await plane.ready()
        assert child.pid == begun.process.pid
        assert child.ready["url"] == plane.url == f"http://localhost:{plane.url.rpartition(':')[2]}"
        assert (tmp_path / "control-plane.log").exists()
        assert not child.ended
        await plane.stop()
        assert child.ended

    asyncio.run(scenario())
    assert plane_ahead.taken() is None


def test_one_that_nobody_orders_ends_by_itself(begun):
    plane_ahead.taken()
    assert ends(begun) == 0


def test_a_sandbox_that_does_not_begin_ends_it(begun, tmp_path):
    asyncio.run(ControlPlane(SandboxSettings(state_dir=tmp_path, empty=True)).stop())
    assert begun.process.returncode == 0


def test_orders_that_it_cannot_follow_are_told_with_its_last_line(begun, tmp_path):
    async def scenario() -> None:
        log = tmp_path / "control-plane.log"
        begun.order(["--region", "us-east-1"], log)
        with pytest.raises(ChildFailedError, match=r"it ended \(.*the following arguments are required: --state-dir"):
            await Child.adopt("the control plane", await AdoptedProcess.adopt(begun.process), log=log)

    asyncio.run(scenario())
    plane_ahead.taken()
    begun.calls.close()
    begun.hot.close()
    assert begun.process.wait() == 2
