"""The environments of one function: which takes a request, when another is started, when one is given up.

A request that finds none at rest has one started, and goes to whichever is free first: that one, or one that another
request leaves before; what was started is there for the next then. Where one of those at work is likely free before
another would have started, the request waits for that a while: a start costs as much of the processors as dozens of
requests, and a crowd that starts environments because it is slow is slower for it.
"""

import asyncio
import itertools
import statistics
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.definitions.model import Function
from sandbox.functions.effects import Request
from sandbox.functions.environment import Phase
from sandbox.functions.worker import Ending, Errand, Worker


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """This machine's bounds. Past them requests wait; AWS would start environments up to its concurrency limit.

    Warming more environments at once than there are cores only makes all of them late; a request that waits takes
    whichever environment is free first.
    """

    environments: int = 24
    """Besides those that are engaged with a request for seconds: a crowd's stream workers leave room for its audio."""
    starting: int = 2
    start_ms: int = 0
    """What a start costs. A request that is likely served sooner by one at work waits for it; AWS starts another at
    once, and so does 0."""
    patience_ms: int = 250
    """How long a request waits that was likely to be served sooner, and is not."""
    idle_reclaim_ms: int = 30_000
    """AWS ends idle environments when it likes; here it is soon, since memory is small."""


REMEMBERED = 15
"""Requests by which it is told how long the next will take."""
UNUSUAL = 5
"""Who is at a request for so many times as long as most take may be at it for a minute, as stream workers are."""


@dataclass(kw_only=True)
class Pool:
    """One function's environments and the requests that wait for one. `make` makes an environment, not yet started."""

    function: Function
    limits: PoolLimits
    make: Callable[["Pool"], Worker]
    now_ms: Callable[[], int]
    workers: list[Worker] = field(default_factory=list)
    _waiting: deque[Errand] = field(default_factory=deque)
    _starting: set["asyncio.Task[None]"] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _durations_ms: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _looking: asyncio.TimerHandle | None = None
    _closed: bool = False

    async def run(self, request: Request) -> Ending:
        """Give it to an environment: the one most recently at rest if any, else the first that will be."""
        self._reclaim()
        ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        errand = Errand(request=request, number=next(self._numbers), since_ms=self.now_ms(), ending=ending)
        self._waiting.append(errand)
        self.fill()
        ended = await ending
        if not ended.cold:
            self._durations_ms.append(ended.settled.duration_ms)
        return ended

    def fill(self) -> None:
        """Serve those who wait, as far as environments are at rest or may be started."""
        if self._closed:
            return
        phases = [worker.phase for worker in self.workers]
        if Phase.ENDED in phases:
            self.workers = [worker for worker in self.workers if worker.phase is not Phase.ENDED]
        if not self._waiting and Phase.INIT not in phases:
            # Nobody waits, not even for an environment that loads its code.
            return
        at_rest = [worker for worker in self.workers if worker.phase is Phase.IDLE and worker.can_take]
        loading = [worker for worker in self.workers if worker.phase is Phase.INIT] if Phase.INIT in phases else []
        for worker in sorted(at_rest, key=lambda worker: worker.freed_ms, reverse=True):
            errand = self._take_oldest(loading)
            if errand is None:
                return
            worker.begin(errand)
        for worker in loading:
            if worker.can_take and self._anybody_waits():
                worker.begin(self._waiting.popleft())
        while self._anybody_waits() and not self._is_served_soon() and self._may_start():
            self._start_for(self._waiting.popleft())

    def retire(self) -> list[Worker]:
        """Take no more requests; the environments that still run, to be stopped in the end."""
        for worker in self.workers:
            worker.retire()
        return [worker for worker in self.workers if worker.phase is not Phase.ENDED]

    def close(self) -> None:
        """Start nothing more."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
        for task in self._starting:
            task.cancel()

    def adopt(self, waiting: "Pool") -> None:
        """Take over those who wait for an older configuration of the function."""
        self._waiting.extend(waiting._waiting)
        waiting._waiting.clear()

    def _take_oldest(self, loading: list[Worker]) -> Errand | None:
        """The oldest that waits: for one of the environments that still load their code, or for none."""
        lenders = [(errand.number, worker) for worker in loading if (errand := worker.lends) is not None]
        if not lenders:
            return self._waiting.popleft() if self._anybody_waits() else None
        _, lender = min(lenders, key=lambda lent: lent[0])
        errand = lender.lends
        lender.hand_back()
        return errand

    def _anybody_waits(self) -> bool:
        """Whether there is a first to be served; callers who have gone are none."""
        while self._waiting and self._waiting[0].ending.done():
            self._waiting.popleft()
        return bool(self._waiting)

    def _may_start(self) -> bool:
        # An environment that has just answered polls again within a millisecond: waiting beats a cold start.
        returning = sum(worker.phase is Phase.RETURNING and worker.can_return for worker in self.workers)
        return (
            returning < len(self._waiting)
            and sum(worker.is_warming for worker in self.workers) < self.limits.starting
            and sum(not worker.is_engaged for worker in self.workers) < self.limits.environments
        )

    def _is_served_soon(self) -> bool:
        """Whether those who wait need no other environment yet; they are looked at again."""
        left_ms = self._waiting[0].since_ms + self.limits.patience_ms - self.now_ms()
        if not self._durations_ms or left_ms <= 0:
            return False
        usual_ms = statistics.median(self._durations_ms)
        unusual_ms = UNUSUAL * max(usual_ms, 1)
        at_work = sum(worker.phase is Phase.BUSY and worker.busy_ms < unusual_ms for worker in self.workers)
        if usual_ms * len(self._waiting) >= self.limits.start_ms * at_work:
            return False
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(left_ms / 1000, self._look_again)
        return True

    def _look_again(self) -> None:
        self._looking = None
        self.fill()

    def _start_for(self, errand: Errand) -> None:
        worker = self.make(self)
        self.workers.append(worker)
        worker.begin(errand)
        task = asyncio.create_task(self._start(worker))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, worker: Worker) -> None:
        try:
            await worker.start()
        except Exception as error:
            self.workers.remove(worker)
            if not worker.abandon(error):
                raise

    def _reclaim(self) -> None:
        oldest_ms = self.now_ms() - self.limits.idle_reclaim_ms
        for worker in self.workers:
            rests = worker.freed_ms < oldest_ms and worker.phase is Phase.IDLE and worker.can_take
            # Whoever attached a debugger should not have to again because of a pause.
            if rests and not worker.is_debugged:
                worker.retire()
