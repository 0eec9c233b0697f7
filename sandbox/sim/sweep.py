"""Many seeds, each run in a process that began from the same state."""

import dataclasses
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from sandbox.sim.deployed import Deployed
from sandbox.sim.outcome import Order, Outcome, carry_out
from sandbox.sim.plan import Plan
from sandbox.sim.private_modules import compile_all
from sandbox.sim.scenarios import Size

SEEDS_PER_PROCESS = 10
"""Runs leave fibers behind that will never go on, so a process is not kept for long."""
WARMING_UP = Order(scenario="steady", seed=0, size=Size(listeners=1, speech_s=5))
"""Makes what a process makes once: clients' models, and the code of what dataclasses write."""


def sweep(
    order: Order, seeds: Sequence[int], *, jobs: int, deployed: Deployed, plan: Plan | None = None
) -> Iterator[Outcome]:
    """The outcomes of an order under each seed, in the order of the seeds; of one plan for all, if it is given."""
    # A fork carries what is imported and compiled, and of other runs no more than what one small one leaves to all.
    compile_all(deployed.definitions.functions.values())
    context = multiprocessing.get_context("fork")
    orders = [dataclasses.replace(order, seed=seed) for seed in seeds]
    at_once = jobs * SEEDS_PER_PROCESS
    if len(orders) > at_once:
        # Each process would do that for itself, in half of a run's time.
        carry_out(WARMING_UP, deployed=deployed)
    for first in range(0, len(orders), at_once):
        with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
            under_way: deque[Future[Outcome]] = deque()
            for one in orders[first : first + at_once]:
                under_way.append(pool.submit(_Run(deployed, plan), one))
                # No more than keeps everybody busy: whoever stops at a failure does not pay for seeds behind it.
                if len(under_way) == 2 * jobs - 1:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()


@dataclasses.dataclass(frozen=True)
class _Run:
    """A call that can be sent to another process."""

    deployed: Deployed
    plan: Plan | None

    def __call__(self, order: Order) -> Outcome:
        return carry_out(order, deployed=self.deployed, plan=self.plan)
