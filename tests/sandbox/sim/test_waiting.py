"""What `threading` waits on, in virtual time: nobody rests for real, and who is woken goes on at that moment."""

import contextlib
import multiprocessing
import queue
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from sandbox.sim import deployed
from sandbox.sim.confinement import Traveller, confined
from sandbox.sim.errors import EscapeError
from sandbox.sim.outcome import Order, carry_out
from sandbox.sim.scenarios import Size
from sandbox.sim.scheduler import US_PER_S, Scheduler

BEGAN_US = 1_800_000_000 * US_PER_S


@contextlib.contextmanager
def world() -> Iterator[Scheduler]:
    """A scheduler in whose fibers nothing real is in reach."""
    traveller = Traveller()
    scheduler = Scheduler(began_us=BEGAN_US, on_time=traveller.move)
    with confined(scheduler, seed=1, traveller=traveller, fetch=lambda _: None):
        yield scheduler


def play(scheduler: Scheduler, *works: Callable[[], None]) -> float:
    """Run each in a fiber until nothing is left to happen; returns the seconds that passed."""
    for work in works:
        scheduler.spawn(work, name=work.__name__)
    scheduler.run(until=lambda: False, limit_us=BEGAN_US + 86_400 * US_PER_S)
    return (scheduler.now_us - BEGAN_US) / US_PER_S


def test_a_wait_for_what_does_not_come_ends_at_its_time():
    """An hour of it costs nothing, and says that nothing came."""
    ended: list[bool] = []
    with world() as scheduler:
        event = threading.Event()
        assert play(scheduler, lambda: ended.append(event.wait(3_600))) == 3_600
    assert ended == [False]


def test_a_wait_ends_when_another_fiber_ends_it():
    """At the moment of `set`, for all who wait; and whoever comes later does not wait."""
    ended: list[tuple[str, bool, float]] = []
    with world() as scheduler:
        event = threading.Event()

        def waiter(name: str) -> None:
            ended.append((name, event.wait(60), (scheduler.now_us - BEGAN_US) / US_PER_S))

        def setter() -> None:
            scheduler.sleep_us(2 * US_PER_S)
            event.set()
            waiter("late")

        play(scheduler, lambda: waiter("first"), lambda: waiter("second"), setter)
    assert sorted(ended) == [("first", True, 2), ("late", True, 2), ("second", True, 2)]


def test_queues_and_semaphores_hand_on_in_order():
    """`queue.Queue` gives each item to one getter; a semaphore lets one in for each that leaves."""
    got: list[tuple[int, float]] = []
    with world() as scheduler:
        items: queue.Queue[int] = queue.Queue(maxsize=1)
        places = threading.Semaphore(1)

        def getter() -> None:
            with places:
                got.append((items.get(), (scheduler.now_us - BEGAN_US) / US_PER_S))
                scheduler.sleep_us(US_PER_S)

        def putter() -> None:
            for number in range(3):
                items.put(number)

        play(scheduler, getter, getter, getter, putter)
    assert got == [(0, 0), (1, 1), (2, 2)]


def test_a_wake_up_for_something_else_ends_no_wait():
    """Whoever wakes the fiber meanwhile."""
    with world() as scheduler:
        event = threading.Event()
        fiber = scheduler.spawn(lambda: event.wait(10), name="waiter")
        assert play(scheduler, lambda: scheduler.wake(fiber)) == 10


def test_what_is_real_is_refused_where_it_is_asked_for():
    """A thread is not begun: the one who asks is told."""
    with world() as scheduler, pytest.raises(EscapeError, match="got a thread by"):
        play(scheduler, lambda: threading.Thread(target=print).start())


def test_a_run_waits_for_nothing_real():
    """Its process does not once rest of itself while somebody speaks: the kernel counts how often one does."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        kind, chunks, rests = pool.submit(_rests).result()
    assert (kind, chunks > 40) == ("held", True)
    assert rests < chunks / 4


def _rests() -> tuple[str, int, int]:
    """How a run ended, its chunks, and how often its process waited; a run before reads files and imports modules."""
    world = deployed.load(say=lambda _: None)
    carry_out(Order(scenario="steady", seed=1, size=Size(listeners=1, speech_s=5)), deployed=world)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    outcome = carry_out(Order(scenario="steady", seed=1, size=Size(listeners=1, speech_s=10)), deployed=world)
    rests = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before
    return outcome.kind, outcome.counts.get("audio_chunks", 0), rests
