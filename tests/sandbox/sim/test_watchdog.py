"""Code that never lets go of the thread is ended, and named."""

import pytest

from sandbox.sim.errors import EscapeError
from sandbox.sim.scheduler import Scheduler
from sandbox.sim.watchdog import watched


def test_a_fiber_that_turns_on_the_spot_is_named():
    """Within twice the patience, from where it is."""
    scheduler = Scheduler(began_us=0)

    def spin() -> None:
        while True:
            pass

    scheduler.spawn(spin, name="spins")
    with watched(scheduler, patience_s=0.05), pytest.raises(EscapeError, match=r"test_watchdog\.py:\d+ in spin"):
        scheduler.run(until=lambda: False, limit_us=1)


def test_a_run_that_goes_on_is_left_alone():
    """However long it takes, as long as fibers take turns."""
    scheduler, looks = Scheduler(began_us=0), 0

    def work() -> None:
        nonlocal looks
        for _ in range(50_000):
            scheduler.sleep_us(1)
        looks = scheduler.resumptions

    scheduler.spawn(work, name="works")
    with watched(scheduler, patience_s=0.05):
        scheduler.run(until=lambda: bool(looks), limit_us=1_000_000)
    assert looks > 50_000
