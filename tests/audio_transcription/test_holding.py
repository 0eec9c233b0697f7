"""What a worker knows of its session, and since when."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from audio_processor.checkpoint import Checkpoint
from audio_processor.holding import Holding
from audio_processor.lease import Lease
from audio_processor.ports import SessionView

NOW = 1_000
VIEW = SessionView(
    is_active=True, source_language="en", quality_tier="standard", speaker_connection_id="c",
    lease=Lease(token=1, owner="me"), checkpoint=Checkpoint(),
)  # fmt: skip


class Clock:
    def now_ms(self) -> int:
        return NOW


class Store:
    """Answers with `view`, after whatever `meanwhile` does."""

    def __init__(self) -> None:
        self.view = VIEW
        self.meanwhile: Callable[[], None] = lambda: None

    async def read(self) -> SessionView:
        self.meanwhile()
        return self.view

    async def save(self, **_: object) -> SessionView:
        return await self.read()


def holding() -> tuple[Holding, Store]:
    store = Store()
    # Of the ports' calls, these are all that are made.
    made = Holding(store=store, owner="me", view=VIEW, clock=Clock(), snapshot=Checkpoint)  # type: ignore[arg-type]
    return made, store


def test_a_change_that_was_told_of_is_doubted_until_it_is_seen():
    """By a look or by a renewal."""
    for see in (Holding.look, Holding.save):
        held, store = holding()
        held.doubt(900)
        assert held.pauses.is_silent(950) is None
        store.view = replace(VIEW, silent_since_ms=900)
        asyncio.run(see(held))
        assert held.pauses.is_silent(950) is True


def test_a_look_that_was_under_way_settles_nothing():
    """It may have read the session before the change."""
    held, store = holding()
    store.meanwhile = lambda: held.doubt(900)
    asyncio.run(held.look())
    store.meanwhile = lambda: None
    assert held.pauses.is_silent(950) is None
    asyncio.run(held.look())
    assert held.pauses.is_silent(950) is False


def test_a_session_that_another_holds_by_now_says_nothing():
    held, store = holding()
    held.doubt(900)
    store.view = replace(VIEW, lease=Lease(token=2, owner="another"))
    asyncio.run(held.look())
    assert held.pauses.is_silent(950) is None
