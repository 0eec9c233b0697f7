"""Unchanged asyncio code in virtual time."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from sandbox.sim.event_loop import VirtualLoop
from sandbox.sim.executor import FiberExecutor
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Scheduler

BEGAN_US = 1_800_000_000 * US_PER_S


def run_each(*mains: Callable[[Scheduler, int], Any]) -> Scheduler:
    """Run each coroutine function in an event loop of its own, all in one thread."""
    scheduler = Scheduler(began_us=BEGAN_US)
    ended: list[int] = []

    def fiber(number: int) -> None:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(scheduler)) as runner:
            runner.run(mains[number](scheduler, number))
        ended.append(number)

    for number in range(len(mains)):
        scheduler.spawn(functools.partial(fiber, number), name=f"loop {number}")
    assert scheduler.run(until=lambda: len(ended) == len(mains), limit_us=BEGAN_US + 3600 * US_PER_S)
    return scheduler


def turn(scheduler: Scheduler, main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in an event loop of the fiber that calls."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(scheduler)) as runner:
        runner.run(main)


def test_two_loops_take_turns_in_one_thread():
    """Timers of both fire in the order of their moments, and an hour costs nothing."""
    seen: list[tuple[int, int]] = []

    async def main(scheduler: Scheduler, number: int) -> None:
        for _ in range(3):
            await asyncio.sleep(0.5 + number * 0.25)
            seen.append((scheduler.now_us // US_PER_MS - BEGAN_US // US_PER_MS, number))
        await asyncio.sleep(1000)

    run_each(main, main)
    assert seen == [(500, 0), (750, 1), (1000, 0), (1500, 1), (1500, 0), (2250, 1)]


def test_timeouts_queues_and_threads_work():
    """`wait_for`, `gather` and `to_thread` as asyncio means them."""
    got: list[Any] = []

    async def main(scheduler: Scheduler, _: int) -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()

        async def give() -> None:
            await asyncio.sleep(0.2)
            await queue.put(7)

        async def take() -> int:
            return await asyncio.wait_for(queue.get(), 1)

        got.append(await asyncio.gather(give(), take()))
        try:
            await asyncio.wait_for(queue.get(), 0.3)
        except TimeoutError:
            got.append("timeout")
        await asyncio.to_thread(scheduler.sleep_us, 250 * US_PER_MS)
        got.append((scheduler.now_us - BEGAN_US) // US_PER_MS)

    run_each(main)
    assert got == [[None, 7], "timeout", 750]


def test_a_loops_end_leaves_other_loops_generators_alone():
    """The hooks of asynchronous generators belong to the thread, so each fiber must have its own."""
    got: list[int] = []

    async def numbers() -> Any:
        for number in range(3):
            await asyncio.sleep(1)
            yield number

    async def long(_: Scheduler, __: int) -> None:
        async for number in numbers():
            got.append(number)

    async def short(_: Scheduler, __: int) -> None:
        await asyncio.sleep(1.5)

    run_each(long, short)
    assert got == [0, 1, 2]


def test_an_executor_runs_no_more_jobs_at_once_than_it_has_workers():
    """Five jobs of 100 ms on two workers take 300 ms."""
    took: list[int] = []
    scheduler = Scheduler(began_us=BEGAN_US)

    def job(number: int) -> int:
        scheduler.sleep_us(100 * US_PER_MS)
        return number

    def main() -> None:
        with FiberExecutor(scheduler, max_workers=2) as pool:
            assert list(pool.map(job, range(5))) == [0, 1, 2, 3, 4]
        took.append((scheduler.now_us - BEGAN_US) // US_PER_MS)

    scheduler.spawn(main, name="main")
    assert scheduler.run(until=lambda: bool(took), limit_us=BEGAN_US + US_PER_S * 10)
    assert took == [300]


def test_what_a_job_raises_reaches_who_asked():
    """An exception travels through the future."""
    seen: list[str] = []
    scheduler = Scheduler(began_us=BEGAN_US)

    def fail() -> None:
        raise ValueError("no")

    def main() -> None:
        try:
            FiberExecutor(scheduler).submit(fail).result()
        except ValueError as error:
            seen.append(str(error))

    scheduler.spawn(main, name="main")
    scheduler.run(until=lambda: bool(seen), limit_us=BEGAN_US + US_PER_S)
    assert seen == ["no"]


def test_a_call_from_another_fiber_wakes_a_loop_that_rests():
    """A core that is asked in a caller's own fiber may set an event that somebody waits for on the loop."""
    seen: list[int] = []
    scheduler = Scheduler(began_us=BEGAN_US)

    async def wait() -> None:
        arrival = asyncio.Event()
        scheduler.spawn(arrival.set, name="outside", delay_us=5)
        await arrival.wait()
        seen.append(scheduler.now_us - BEGAN_US)

    scheduler.spawn(lambda: turn(scheduler, wait()), name="loop")
    scheduler.run(until=lambda: False, limit_us=BEGAN_US + US_PER_S)
    assert seen == [5]


def test_a_timer_that_is_cancelled_does_not_turn_the_loop():
    """Time goes on to what is due next."""
    moments: list[int] = []
    scheduler = Scheduler(began_us=BEGAN_US, on_time=lambda now_us: moments.append(now_us - BEGAN_US))

    async def wait() -> None:
        asyncio.get_running_loop().call_later(0.25, moments.append, -1).cancel()
        await asyncio.sleep(0.5)

    scheduler.spawn(lambda: turn(scheduler, wait()), name="loop")
    scheduler.run(until=lambda: False, limit_us=BEGAN_US + US_PER_S)
    assert moments == [500_000]


def test_a_loop_awaits_its_jobs_and_hears_what_they_raise():
    """Three jobs of a second on two workers: one waits for another to end, one fails."""
    seen: list[object] = []

    def job(scheduler: Scheduler, number: int) -> int:
        scheduler.sleep_us(US_PER_S)
        return 10 // number

    async def ask(scheduler: Scheduler, _: int) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(FiberExecutor(scheduler, max_workers=2))
        jobs = [loop.run_in_executor(None, job, scheduler, number) for number in (5, 0, 2)]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        seen.extend([*map(repr, results), scheduler.now_us - BEGAN_US])

    run_each(ask)
    assert seen == ["2", repr(ZeroDivisionError("integer division or modulo by zero")), "5", 2 * US_PER_S]


def test_a_job_that_was_given_up_before_it_began_never_does():
    """The one under way goes on, and the loop's end waits for it."""
    done: list[str] = []

    def job(scheduler: Scheduler, name: str) -> None:
        scheduler.sleep_us(US_PER_S)
        done.append(name)

    async def give_up(scheduler: Scheduler, _: int) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(FiberExecutor(scheduler, max_workers=1))
        under_way, waiting = (loop.run_in_executor(None, job, scheduler, name) for name in ("first", "second"))
        waiting.cancel()
        under_way.cancel()

    scheduler = run_each(give_up)
    assert (done, scheduler.now_us - BEGAN_US) == (["first"], US_PER_S)


def test_a_closed_executor_cancels_what_waits_for_a_loop_too():
    """Whoever awaits it is told."""
    ended: list[bool] = []

    async def close(scheduler: Scheduler, _: int) -> None:
        workers = FiberExecutor(scheduler, max_workers=1)
        loop = asyncio.get_running_loop()
        first, second = (loop.run_in_executor(workers, scheduler.sleep_us, US_PER_S) for _ in range(2))
        workers.shutdown(wait=False, cancel_futures=True)
        await asyncio.wait([first, second])
        ended.extend([first.cancelled(), second.cancelled()])

    run_each(close)
    assert ended == [False, True]


def test_a_loop_that_runs_is_its_fibers_alone():
    """Another fiber finds none, in whichever order they go on."""
    seen: list[bool] = []

    async def rest(scheduler: Scheduler, _: int) -> None:
        loop = asyncio.get_running_loop()
        scheduler.spawn(lambda: seen.append(asyncio._get_running_loop() is None), name="other", delay_us=5)
        scheduler.sleep_us(10)
        seen.append(asyncio.get_running_loop() is loop)

    run_each(rest)
    assert seen == [True, True]
