"""The environments of one function: which takes a request, when another is started, when one is given up."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.definitions.model import Function
from sandbox.functions.environment import Phase
from sandbox.functions.worker import Worker


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """This machine's bounds. Past them requests wait; AWS would start environments up to its concurrency limit.

    Warming more environments at once than there are cores only makes all of them late; a request that waits takes
    whichever environment is free first.
    """

    environments: int = 24
    starting: int = 2
    idle_reclaim_ms: int = 30_000
    """AWS ends idle environments when it likes; here it is soon, since memory is small."""


@dataclass(kw_only=True)
class Pool:
    """One function's environments and the requests that wait for one. `start` makes and starts an environment."""

    function: Function
    limits: PoolLimits
    start: Callable[["Pool"], Awaitable[Worker]]
    now_ms: Callable[[], int]
    workers: list[Worker] = field(default_factory=list)
    _waiting: deque["asyncio.Future[tuple[Worker, bool]]"] = field(default_factory=deque)
    _starting: set["asyncio.Task[None]"] = field(default_factory=set)
    _closed: bool = False

    async def acquire(self) -> tuple[Worker, bool]:
        """An environment for one request, and whether it is a cold one: the one most recently at rest, if any."""
        self._reclaim()
        waiter: asyncio.Future[tuple[Worker, bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self.fill()
        return await waiter

    def fill(self) -> None:
        """Serve those who wait, as far as environments are at rest or may be started."""
        self.workers = [worker for worker in self.workers if worker.phase is not Phase.ENDED]
        while self._waiting and not self._closed:
            at_rest = [worker for worker in self.workers if worker.phase is Phase.IDLE and worker.can_take]
            if at_rest:
                self._hand_over(max(at_rest, key=lambda worker: worker.freed_ms), cold=False)
            elif self._may_start():
                self._start_for(self._next_waiter())
            else:
                return

    def retire(self) -> list[Worker]:
        """Take no more requests; the environments that still run, to be stopped in the end."""
        for worker in self.workers:
            worker.retire()
        return [worker for worker in self.workers if worker.phase is not Phase.ENDED]

    def close(self) -> None:
        """Start nothing more."""
        self._closed = True
        for task in self._starting:
            task.cancel()

    def adopt(self, waiting: "Pool") -> None:
        """Take over those who wait for an older configuration of the function."""
        self._waiting.extend(waiting._waiting)
        waiting._waiting.clear()

    def _may_start(self) -> bool:
        starting = len(self._starting) + sum(worker.is_warming for worker in self.workers)
        # An environment that has just answered polls again within a millisecond: waiting beats a cold start.
        returning = sum(worker.phase is Phase.RETURNING and worker.can_return for worker in self.workers)
        return (
            returning < len(self._waiting)
            and starting < self.limits.starting
            and len(self.workers) + len(self._starting) < self.limits.environments
        )

    def _next_waiter(self) -> "asyncio.Future[tuple[Worker, bool]]":
        return self._waiting.popleft()

    def _hand_over(self, worker: Worker, *, cold: bool) -> None:
        waiter = self._next_waiter()
        if not waiter.done():
            worker.reserved = True
            waiter.set_result((worker, cold))

    def _start_for(self, waiter: "asyncio.Future[tuple[Worker, bool]]") -> None:
        async def run() -> None:
            try:
                worker = await self.start(self)
            except BaseException as error:
                if not waiter.done():
                    waiter.set_exception(error)
                raise
            if waiter.done():
                worker.reserved = False
            else:
                waiter.set_result((worker, True))

        task = asyncio.create_task(run())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def _reclaim(self) -> None:
        oldest_ms = self.now_ms() - self.limits.idle_reclaim_ms
        for worker in self.workers:
            if worker.is_debugged:
                # Whoever attached should not have to again because of a pause.
                continue
            if worker.phase is Phase.IDLE and worker.can_take and worker.freed_ms < oldest_ms:
                worker.retire()
