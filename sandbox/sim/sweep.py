"""Many seeds, each in a process of its own that begins from the same state."""

import dataclasses
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from sandbox.sim.deployed import Deployed
from sandbox.sim.outcome import Order, Outcome, carry_out


def sweep(order: Order, seeds: range, *, jobs: int, deployed: Deployed) -> Iterator[Outcome]:
    """The outcomes of an order under each seed, in the order of the seeds."""
    # A fork carries what is imported and nothing that another run has left behind.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, max_tasks_per_child=None) as pool:
        orders = [dataclasses.replace(order, seed=seed) for seed in seeds]
        yield from pool.map(_Run(deployed), orders)


@dataclasses.dataclass(frozen=True)
class _Run:
    """A call that can be sent to another process."""

    deployed: Deployed

    def __call__(self, order: Order) -> Outcome:
        return carry_out(order, deployed=self.deployed)
