"""The gateway's long times in virtual time: the same objects as in the live world, and two hours cost nothing."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from websockets.exceptions import ConnectionClosed

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, WebSocketApi
from sandbox.functions.invocation import Invocation, Outcome
from sandbox.gateway.service import Gateway
from sandbox.journal import Journal
from sandbox.sim.event_loop import VirtualLoop
from sandbox.sim.latency import LatencyModel
from sandbox.sim.network import Network, SimulatedSocket
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Scheduler
from tests.sandbox.gateway.gateway_world import stage

BEGAN_US = 1_800_000_000 * US_PER_S


class VirtualClock(LiveClock):
    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def now_ms(self) -> int:
        return self._scheduler.now_us // US_PER_MS


def closed_after(act: Callable[[SimulatedSocket], Awaitable[None]]) -> tuple[int, int, str]:
    """Connect, act until the gateway closes; seconds since the beginning, and the close frame."""
    scheduler = Scheduler(began_us=BEGAN_US)
    ended: list[tuple[int, int, str]] = []

    async def invoke(_: Invocation) -> Outcome:
        return Outcome(status=200, payload=b'{"statusCode":200}')

    async def main() -> None:
        clock = VirtualClock(scheduler)
        gateway = Gateway(
            clock=clock, journal=Journal(clock), invoke=invoke, region="us-east-1", account_id="123456789012",
            chance=random.Random(1), check_signature=lambda _: None,
        )  # fmt: skip
        api = WebSocketApi(api_id="a", name="a", stages={"prod": stage("$default")})
        gateway.apply(Definitions(revision=1, account_id="123456789012", region="us-east-1", apis={"a": api}))
        network = Network(
            gateway=gateway, api_id="a", stage="prod", latency=LatencyModel(exact=True), chance=random.Random(1)
        )
        socket = await network.connect(network.url)
        with pytest.raises(ConnectionClosed) as closed:
            await act(socket)
        frame = closed.value.rcvd
        ended.append(((scheduler.now_us - BEGAN_US) // US_PER_S, frame.code, frame.reason))
        await gateway.stop()

    def fiber() -> None:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(scheduler)) as runner:
            runner.run(main())

    scheduler.spawn(fiber, name="main")
    assert scheduler.run(until=lambda: bool(ended), limit_us=BEGAN_US + 3 * 3600 * US_PER_S)
    return ended[0]


async def wait(socket: SimulatedSocket) -> None:
    await socket.recv()


async def beat(socket: SimulatedSocket) -> None:
    while True:
        await asyncio.sleep(300)
        await socket.send("beat")


def test_ten_idle_minutes_end_a_connection():
    """WS-40."""
    assert closed_after(wait) == (600, 1001, "Going away")


def test_two_busy_hours_end_a_connection():
    """WS-41: found by the next thing that is sent."""
    seconds, code, reason = closed_after(beat)
    assert 7200 <= seconds <= 7500
    assert (code, reason) == (1001, "Going away")
