"""An environment that cannot be started is told to whoever waits for it, and to nobody else."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sandbox.clock import LiveClock
from sandbox.definitions.model import Function
from sandbox.functions.effects import Request
from sandbox.functions.host import Hosts
from sandbox.functions.pool import Pool, PoolLimits
from sandbox.functions.worker import Worker

FUNCTION = Function(
    name="f", arn="arn:f", runtime="python3.11", handler="app.handler", role_arn="r", timeout_s=3, memory_mb=128,
    path="/code", code_sha256="0",
)  # fmt: skip
REQUEST = Request(request_id="r-1", payload=b"{}", trace_id="", invoked_arn="")


class NoHosts:
    """Hosts whose code cannot be started."""

    def __init__(self, *, debugged: bool) -> None:
        self._debugged = debugged

    def make(self, _function: Function, _hosted: Any) -> Any:
        return SimpleNamespace(is_debugged=self._debugged, is_runnable=lambda: False, start=self._start)

    async def _start(self) -> None:
        raise OSError("no such layer")


@pytest.mark.parametrize("debugged", [False, True])
def test_what_keeps_it_from_starting_reaches_the_caller(debugged):
    """A debugged one too, which hands nothing over to another."""

    async def call() -> int:
        hosts, clock = cast(Hosts, NoHosts(debugged=debugged)), LiveClock()

        def make(pool: Pool) -> Worker:
            return Worker(
                environment_id="f/1", function=FUNCTION, clock=clock, hosts=hosts, on_log=lambda *_: None,
                on_change=pool.fill,
            )  # fmt: skip

        pool = Pool(function=FUNCTION, limits=PoolLimits(), make=make, now_ms=clock.now_ms)
        with pytest.raises(OSError, match="no such layer"):
            async with asyncio.timeout(5):
                await pool.run(REQUEST)
        return len(pool.workers)

    assert asyncio.run(call()) == 0
