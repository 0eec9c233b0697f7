"""The live clock's wake-ups come in their order, once, and follow it when it is moved."""

import asyncio
from collections.abc import Awaitable, Callable

from sandbox.clock import LiveClock

HOUR_MS = 3_600_000


def on_clock(act: Callable[[LiveClock], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(5):
            await act(LiveClock())

    asyncio.run(bounded())


def test_a_later_timer_that_is_set_first_holds_up_no_earlier_one():
    async def act(clock):
        seen, done = [], asyncio.Event()
        now_ms = clock.now_ms()
        clock.call_at(now_ms + HOUR_MS, lambda: seen.append("never"))
        clock.call_at(now_ms + 20, lambda: seen.append("second"))
        clock.call_at(now_ms + 10, lambda: seen.append("first"))
        clock.call_at(now_ms + 30, done.set)
        await done.wait()
        assert seen == ["first", "second"]

    on_clock(act)


def test_one_that_was_cancelled_holds_up_no_later_one():
    async def act(clock):
        seen, done = [], asyncio.Event()
        now_ms = clock.now_ms()
        clock.call_at(now_ms + 10, lambda: seen.append("cancelled")).cancel()
        clock.call_at(now_ms + 20, done.set)
        await done.wait()
        assert seen == []

    on_clock(act)


def test_moving_the_clock_fires_what_falls_due():
    async def act(clock):
        done = asyncio.Event()
        clock.call_at(clock.now_ms() + HOUR_MS, done.set)
        clock.advance(HOUR_MS)
        await done.wait()

    on_clock(act)


def test_one_set_by_another_is_not_missed():
    async def act(clock):
        done = asyncio.Event()
        clock.call_at(clock.now_ms(), lambda: clock.call_at(clock.now_ms() + 10, done.set))
        await done.wait()

    on_clock(act)
