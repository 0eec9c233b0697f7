"""When a pool starts another environment, and which of them takes a request."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import pytest

from sandbox.definitions.model import Function
from sandbox.functions.effects import Request, Settle
from sandbox.functions.environment import Phase
from sandbox.functions.invocation import Outcome
from sandbox.functions.pool import Pool, PoolLimits
from sandbox.functions.worker import Ending, Errand, Worker

T = TypeVar("T")


def request(name: str) -> Request:
    return Request(request_id=name, payload=b"{}", trace_id="", invoked_arn="")


class Place:
    """An environment that does what a test says."""

    is_debugged = False
    can_return = True
    freed_ms = 0

    def __init__(
        self, phase: Phase, *, warming: bool = False, engaged: bool = False, failure: Exception | None = None
    ) -> None:
        self.phase = phase
        self.is_engaged = engaged
        self.busy_ms = 0
        self.is_warming = warming
        self.errand: Errand | None = None
        self._failure = failure

    @property
    def can_take(self) -> bool:
        return self.errand is None and self.phase in (Phase.INIT, Phase.IDLE)

    @property
    def lends(self) -> Errand | None:
        return self.errand if self.phase is Phase.INIT else None

    async def start(self) -> None:
        if self._failure is not None:
            raise self._failure

    def begin(self, errand: Errand) -> None:
        self.errand = errand
        if self.phase is Phase.IDLE:
            self.phase = Phase.BUSY

    def hand_back(self) -> None:
        self.errand = None

    def abandon(self, error: Exception) -> bool:
        assert self.errand is not None
        self.errand.ending.set_exception(error)
        return True

    def answer(self, duration_ms: int = 1) -> str:
        """End what it was given, and be at rest; which request that was."""
        assert self.errand is not None
        name = self.errand.request.request_id
        settled = Settle(
            outcome=Outcome(status=200, request_id=name), status="ok", duration_ms=duration_ms, init_ms=None
        )
        self.errand.ending.set_result(Ending(settled=settled, environment_id="", used_mb=1, cold=False))
        self.errand, self.phase, self.is_warming = None, Phase.IDLE, False
        return name


class Yard:
    """A pool over such environments; each that it starts stays in its init."""

    def __init__(self, *places: Place, failure: Exception | None = None, start_ms: int = 0) -> None:
        self.now_ms = 0
        self.places = list(places)
        self.started: list[Place] = []
        self.starts = asyncio.Event()
        self._failure = failure
        self.pool = Pool(
            function=cast(Function, None), make=self._make, now_ms=lambda: self.now_ms,
            limits=PoolLimits(environments=6, starting=2, start_ms=start_ms, patience_ms=4 * start_ms),
            workers=cast(list[Worker], self.places),
        )  # fmt: skip
        self._calls: list[asyncio.Task[Ending]] = []

    def _make(self, _pool: Pool) -> Worker:
        place = Place(Phase.INIT, warming=True, failure=self._failure)
        self.started.append(place)
        self.starts.set()
        return cast(Worker, place)

    async def call(self, name: str) -> "asyncio.Task[Ending]":
        task = asyncio.create_task(self.pool.run(request(name)))
        self._calls.append(task)
        await settle()
        return task

    async def give_up(self) -> None:
        for task in self._calls:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def in_yard(yard: Callable[[], Yard], act: Callable[[Yard], Awaitable[T]]) -> T:
    async def main() -> T:
        made = yard()
        try:
            return await act(made)
        finally:
            await made.give_up()

    return asyncio.run(main())


def started_beside(*places: Place) -> int:
    """How many environments a request starts that finds these, where two may warm at once."""

    async def act(yard: Yard) -> int:
        await yard.call("a")
        return len(yard.started)

    return in_yard(lambda: Yard(*places), act)


def test_no_more_environments_warm_at_once_than_there_are_processors():
    """A burst would have its first requests starve each other."""
    assert started_beside(Place(Phase.BUSY, warming=True), Place(Phase.BUSY, warming=True)) == 0
    assert started_beside(Place(Phase.BUSY, warming=True)) == 1


def test_environments_that_work_on_hold_nobody_back():
    """However many there are: a stream worker lasts a minute."""
    assert started_beside(*[Place(Phase.BUSY)] * 5) == 1


def test_those_that_are_engaged_for_long_leave_room_for_others():
    """L-10: a crowd's stream workers would otherwise leave none for its audio."""
    busy = [Place(Phase.BUSY) for _ in range(5)]
    assert started_beside(*busy, Place(Phase.BUSY)) == 0
    assert started_beside(*busy, Place(Phase.BUSY, engaged=True)) == 1


@pytest.mark.parametrize(
    ("last_took_ms", "busy_ms", "came_ms_ago", "starts"),
    [(20, 0, 0, 0), (20, 0, 999, 0), (20, 0, 1_000, 1), (250, 0, 0, 1), (20, 99, 0, 0), (20, 100, 0, 1)],
    ids=["soon", "still soon", "waited for long", "slow function", "still likely", "long at it"],
)
def test_a_request_waits_for_an_environment_that_is_free_before_another_would_be_there(
    last_took_ms, busy_ms, came_ms_ago, starts
):
    """L-10: a start costs what dozens of requests do, and a crowd that starts more because it is slow is slower."""

    async def act(yard: Yard) -> int:
        [place] = yard.places
        await yard.call("first")
        place.answer(last_took_ms)
        await settle()
        await yard.call("second")
        place.busy_ms = busy_ms
        await yard.call("third")
        before = len(yard.started)
        yard.now_ms += came_ms_ago
        yard.pool.fill()
        return max(before, len(yard.started))

    assert in_yard(lambda: Yard(Place(Phase.IDLE), start_ms=250), act) == starts


def test_who_waits_is_not_forgotten_when_nobody_gets_free():
    async def act(yard: Yard) -> int:
        [place] = yard.places
        await yard.call("first")
        place.answer(1)
        await settle()
        await yard.call("second")
        await yard.call("third")
        yard.now_ms = 10_000
        async with asyncio.timeout(5):
            await yard.starts.wait()
        return len(yard.started)

    assert in_yard(lambda: Yard(Place(Phase.IDLE), start_ms=1), act) == 1


def test_a_request_goes_to_the_environment_that_is_free_first():
    """What was started for it is there for the next; the oldest request goes first."""

    async def act(yard: Yard) -> tuple[str, str, str]:
        await yard.call("working")
        for name in ("a", "b", "c"):
            await yard.call(name)
        assert len(yard.started) == 2
        [working] = yard.places[:1]
        first = working.answer()
        yard.pool.fill()
        second = working.answer()
        yard.pool.fill()
        return first, second, working.answer()

    assert in_yard(lambda: Yard(Place(Phase.IDLE)), act) == ("working", "a", "b")


def test_an_environment_whose_request_went_elsewhere_takes_one_that_waits():
    async def act(yard: Yard) -> list[str | None]:
        await yard.call("working")
        for name in ("a", "b", "c"):
            await yard.call(name)
        yard.places[0].answer()
        yard.pool.fill()
        places = (yard.places[0], *yard.started)
        return [place.errand.request.request_id if place.errand else None for place in places]

    assert in_yard(lambda: Yard(Place(Phase.IDLE)), act) == ["a", "c", "b"]


def test_a_request_whose_caller_has_gone_takes_no_environment():
    async def act(yard: Yard) -> list[Errand | None]:
        for place in yard.places:
            place.is_warming = True
        call = await yard.call("gone")
        call.cancel()
        await settle()
        for place in yard.places:
            place.phase, place.errand = Phase.IDLE, None
        yard.pool.fill()
        return [place.errand for place in yard.places]

    assert in_yard(lambda: Yard(Place(Phase.BUSY), Place(Phase.BUSY)), act) == [None, None]


def test_what_keeps_an_environment_from_starting_is_told_to_who_waits_for_it():
    """It leaves no environment behind that would count as one that warms."""

    async def act(yard: Yard) -> int:
        with pytest.raises(OSError, match="no such layer"):
            await (await yard.call("a"))
        return len(yard.pool.workers)

    assert in_yard(lambda: Yard(failure=OSError("no such layer")), act) == 0
