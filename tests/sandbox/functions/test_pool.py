"""When a pool starts another environment, and when those who wait wait on."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any, cast

from sandbox.definitions.model import Function
from sandbox.functions.environment import Phase
from sandbox.functions.pool import Pool, PoolLimits
from sandbox.functions.worker import Worker


def busy(*, warming: bool) -> SimpleNamespace:
    """An environment that works on a request."""
    return SimpleNamespace(
        phase=Phase.BUSY,
        is_warming=warming,
        can_take=False,
        can_return=True,
        reserved=False,
        freed_ms=0,
        is_debugged=False,
    )


def started_beside(*workers: Any) -> int:
    """How many environments a request starts that finds these, where two may warm at once."""

    async def act() -> int:
        started = 0

        async def start(_pool: Pool) -> Worker:
            nonlocal started
            started += 1
            return cast(Worker, busy(warming=True))

        pool = Pool(
            function=cast(Function, None), limits=PoolLimits(starting=2), start=start, now_ms=lambda: 0,
            workers=list(workers),
        )  # fmt: skip
        waiting = asyncio.create_task(pool.acquire())
        for _ in range(5):
            await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        return started

    return asyncio.run(act())


def test_no_more_environments_warm_at_once_than_there_are_processors():
    """A burst would have its first requests starve each other."""
    assert started_beside(busy(warming=True), busy(warming=True)) == 0
    assert started_beside(busy(warming=True)) == 1


def test_environments_that_work_on_hold_nobody_back():
    """However many there are: a stream worker lasts a minute."""
    assert started_beside(*[busy(warming=False)] * 5) == 1
