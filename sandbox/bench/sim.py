"""What a simulated second costs, and how that grows with listeners and sessions."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sandbox.sim.deployed import Deployed
from sandbox.sim.outcome import Order, carry_out
from sandbox.sim.scenarios import Size

LEAST_SPEED = 50
"""Times real time, with one speaker and ten listeners on one core that has nothing else to do."""
GROWTH_ALLOWED = 1.25
"""How much more than its share a listener or a session may cost among many: what a line through noise allows."""
LISTENERS = (10, 40, 160)
SESSIONS = (1, 2, 4, 8)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One size. `cpu_ms_per_s` is the processor time of a simulated second; `each` the same by listener or session."""

    sessions: int
    listeners: int
    virtual_s: float
    cpu_ms_per_s: float
    speed: float
    each: float
    growth: float
    """What one of them costs more than in the smallest run of its kind."""


def rows(deployed: Deployed, *, speech_s: int) -> Iterator[Row]:
    """First by listeners of one session, then by sessions of two listeners."""
    yield from _grown([(1, count) for count in LISTENERS], deployed, speech_s=speech_s)
    yield from _grown([(count, 2) for count in SESSIONS], deployed, speech_s=speech_s)


def _grown(sizes: list[tuple[int, int]], deployed: Deployed, *, speech_s: int) -> Iterator[Row]:
    first = 0.0
    for sessions, listeners in sizes:
        virtual_s, cpu_s = _measured(deployed, sessions=sessions, listeners=listeners, speech_s=speech_s)
        cost = cpu_s * 1000 / virtual_s
        each = cost / (sessions if len({one for one, _ in sizes}) > 1 else listeners)
        first = first or each
        yield Row(
            sessions=sessions, listeners=listeners, virtual_s=virtual_s, cpu_ms_per_s=cost,
            speed=virtual_s / cpu_s, each=each, growth=each / first,
        )  # fmt: skip


def _measured(deployed: Deployed, *, sessions: int, listeners: int, speech_s: int) -> tuple[float, float]:
    """Virtual seconds and processor seconds of one run, in a process of its own."""
    order = Order(
        scenario="fleet" if sessions > 1 else "steady",
        seed=1,
        size=Size(listeners=listeners, speech_s=speech_s, speakers=sessions),
    )
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("fork")) as pool:
        return pool.submit(_run, deployed, order).result()


def _run(deployed: Deployed, order: Order) -> tuple[float, float]:
    # Modules are imported and compiled once in a process, which is no cost of a simulated second.
    carry_out(Order(scenario="steady", seed=2, size=Size(listeners=1, speech_s=5)), deployed=deployed)
    began_s = time.process_time()
    outcome = carry_out(order, deployed=deployed)
    return outcome.virtual_ms / 1000, time.process_time() - began_s
