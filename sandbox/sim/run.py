"""One run: a scenario in a world of its own, from the seed to the verdicts of those who watched."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.journal import Event, Journal
from sandbox.sim.clock import VirtualClock
from sandbox.sim.confinement import Traveller, confined
from sandbox.sim.errors import StuckError
from sandbox.sim.event_loop import VirtualLoop
from sandbox.sim.private_modules import PrivateFinder, put_aside, texts_compiled_once
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Scheduler
from sandbox.sim.watchdog import watched
from sandbox.sim.world import SimulatedWorld, Story, WorldSettings

BEGAN_US = 1_800_000_000 * US_PER_S
"""Every run begins at this moment, 2027-01-15T08:00:00Z."""


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """How long a run may take before it is called stuck."""

    virtual_ms: int
    until_ms: int | None = None
    """Where to stop, and call nothing stuck."""


@dataclass(kw_only=True)
class Ended:
    """What a run leaves behind."""

    events: int
    virtual_ms: int
    calls: int
    faults_met: dict[str, int]
    resumptions: int
    waiting_for: str = ""
    logs: list[str] = field(default_factory=list)


def run(
    settings: WorldSettings,
    story: Story,
    *,
    limits: RunLimits,
    journal: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Ended:
    """Play a story to its end. Raises StuckError, EscapeError, and whatever the story or the world raises."""
    traveller = Traveller()
    scheduler = Scheduler(began_us=BEGAN_US, on_time=traveller.move)
    written = Journal(VirtualClock(scheduler), journal)
    first = written.count
    if on_event is not None:
        written.subscribe(on_event)
    finder = PrivateFinder()
    worlds: list[SimulatedWorld] = []
    done: list[bool] = []

    async def live() -> None:
        world = SimulatedWorld(settings, scheduler=scheduler, journal=written, finder=finder, set_skew=traveller.skew)
        worlds.append(world)
        with _seams(world):
            await world.start()
            await story(world)
            await world.stop()
        done.append(True)

    def fetch(url: Any) -> Any:
        return worlds[0].aws.fetch(url)

    def main() -> None:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(scheduler)) as runner:
            runner.run(live())

    sys.meta_path.insert(0, finder)
    gc.disable()
    try:
        with (
            put_aside(settings.deployed.definitions.functions.values()),
            texts_compiled_once(),
            watched(scheduler),
            confined(scheduler, seed=settings.seed, traveller=traveller, fetch=fetch),
        ):
            scheduler.spawn(main, name="the world")
            limit_ms = limits.virtual_ms if limits.until_ms is None else limits.until_ms
            whole = scheduler.run(until=done.__len__, limit_us=BEGAN_US + limit_ms * US_PER_MS)
            if not whole and limits.until_ms is None:
                raise StuckError(at_ms=(scheduler.now_us - BEGAN_US) // US_PER_MS, waiting="its story to end")
    finally:
        finder.use(None)
        # Fibers that will never go on hold nearly all of it, so that a search for garbage finds next to none.
        gc.freeze()
        gc.enable()
        sys.meta_path.remove(finder)
        written.close()
    return Ended(
        events=written.count - first,
        virtual_ms=(scheduler.now_us - BEGAN_US) // US_PER_MS,
        calls=worlds[0].aws.calls,
        faults_met=dict(sorted(worlds[0].trouble.met.items())),
        resumptions=scheduler.resumptions,
    )


@contextlib.contextmanager
def _seams(world: SimulatedWorld) -> Iterator[None]:
    seams = world.seams()
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in seams]
    for holder, name, value in seams:
        setattr(holder, name, value)
    try:
        yield
    finally:
        for holder, name, value in before:
            setattr(holder, name, value)
