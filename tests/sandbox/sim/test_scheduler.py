"""Fibers in virtual time: their order, freezing, and what becomes of those whose environment is gone."""

import functools
from contextvars import ContextVar

from sandbox.sim.scheduler import Fiber, Scheduler


class Box:
    """A group of fibers that notes when its process state is put in place."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.frozen = self.gone = False
        self.deferred: list[tuple[Fiber, int]] = []
        self.name, self._notes = name, notes

    def lose(self) -> None:
        self.gone = True

    def enter(self) -> None:
        self._notes.append(f"enter {self.name}")

    def leave(self) -> None:
        self._notes.append(f"leave {self.name}")


def test_ties_go_in_the_order_of_asking():
    """Two fibers that are due at one moment."""
    scheduler, seen = Scheduler(began_us=0), []

    def work(name: str) -> None:
        scheduler.sleep_us(10)
        seen.append((name, scheduler.now_us))

    for name in "ab":
        scheduler.spawn(functools.partial(work, name), name=name)
    assert not scheduler.run(until=lambda: False, limit_us=100)
    assert seen == [("a", 10), ("b", 10)]


def test_a_wake_up_that_comes_first_is_not_lost():
    """A fiber that was woken while it ran does not rest."""
    scheduler, seen = Scheduler(began_us=0), []

    def work() -> None:
        scheduler.wake(scheduler.current())
        scheduler.park()
        seen.append(scheduler.now_us)

    scheduler.spawn(work, name="work")
    scheduler.run(until=lambda: bool(seen), limit_us=100)
    assert seen == [0]


def test_frozen_fibers_go_on_when_they_are_thawed():
    """What fell due meanwhile happens then, as after SIGCONT."""
    scheduler, seen = Scheduler(began_us=0), []
    box = Box("box", [])

    def work() -> None:
        scheduler.sleep_us(10)
        seen.append(scheduler.now_us)

    scheduler.spawn(work, name="inside", confines=box)
    scheduler.call_at(5, lambda: setattr(box, "frozen", True))
    scheduler.call_at(50, lambda: scheduler.thaw(box))
    scheduler.run(until=lambda: bool(seen), limit_us=100)
    assert seen == [50]


def test_fibers_of_what_is_gone_never_run_again():
    """As after SIGKILL: not even to clean up."""
    scheduler, seen = Scheduler(began_us=0), []
    box = Box("box", [])

    def work() -> None:
        try:
            scheduler.sleep_us(10)
        finally:
            seen.append(scheduler.now_us)

    fiber = scheduler.spawn(work, name="inside", confines=box)
    scheduler.call_at(5, lambda: setattr(box, "gone", True))
    scheduler.run(until=lambda: False, limit_us=100)
    assert seen == []
    assert not fiber.dead


def test_process_state_is_exchanged_only_between_groups():
    """Two fibers of one group, then one of none."""
    notes: list[str] = []
    scheduler = Scheduler(began_us=0)
    box = Box("box", notes)
    for at_us, confines in ((1, box), (2, box), (3, None)):
        scheduler.spawn(lambda: notes.append("run"), name="fiber", confines=confines, delay_us=at_us)
    scheduler.run(until=lambda: False, limit_us=100)
    assert notes == ["enter box", "run", "run", "leave box", "run"]


def test_what_the_simulator_does_in_a_fiber_is_done_outside_of_its_group():
    """The process state is put back meanwhile, and is in place again afterwards."""
    notes: list[str] = []
    scheduler = Scheduler(began_us=0)

    def work() -> None:
        scheduler.as_nobody(lambda: notes.append("run"))
        notes.append("run on")

    scheduler.spawn(work, name="fiber", confines=Box("box", notes))
    scheduler.run(until=lambda: False, limit_us=100)
    assert notes == ["enter box", "leave box", "run", "enter box", "run on"]


def test_what_a_fiber_raises_ends_the_run():
    """An error is never swallowed."""
    scheduler = Scheduler(began_us=0)
    scheduler.spawn(lambda: 1 / 0, name="fails")
    try:
        scheduler.run(until=lambda: False, limit_us=100)
    except ZeroDivisionError:
        return
    raise AssertionError("the error was lost")


def test_a_fiber_knows_nothing_of_one_that_ended_before():
    """Context variables are those of a new thread."""
    said: ContextVar[str] = ContextVar("said", default="nothing")
    scheduler, seen = Scheduler(began_us=0), []

    def work() -> None:
        seen.append(said.get())
        said.set("something")

    for at_us in (1, 2):
        scheduler.spawn(work, name="fiber", delay_us=at_us)
    scheduler.run(until=lambda: False, limit_us=100)
    assert seen == ["nothing", "nothing"]
