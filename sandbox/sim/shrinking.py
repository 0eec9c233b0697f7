"""From a run that fails to a smaller one that fails in the same way: fewer clients, fewer faults, shorter."""

import dataclasses
from collections.abc import Callable, Iterator

from sandbox.sim import scenarios
from sandbox.sim.outcome import Order, Outcome

SHORTEST_S = 5


def shrink(outcome: Outcome, run: Callable[[Order], Outcome], *, runs: int) -> Outcome:
    """The smallest failing run that was found with at most so many runs; at worst the outcome itself."""
    smallest = outcome
    while True:
        for order in _smaller(smallest.order):
            if runs == 0:
                return smallest
            runs -= 1
            found = run(order)
            if _alike(found, outcome):
                smallest = found
                break
        else:
            return smallest


def _alike(found: Outcome, wanted: Outcome) -> bool:
    """Whether it fails in the same way: the same kind, and one of the same invariants where any is broken."""
    if found.kind != wanted.kind:
        return False
    broken = {name for name, texts in wanted.invariants.items() if texts}
    return not broken or any(found.invariants[name] for name in broken)


def _smaller(order: Order) -> Iterator[Order]:
    """What is tried next: the largest steps first."""
    for name in order.faults.named():
        yield dataclasses.replace(order, faults=order.faults.without(name))
    if order.from_run is not None:
        return
    plan = scenarios.plan(order.scenario, seed=order.seed, size=order.size)
    listeners = max(len(speaker.listeners) for speaker in plan.speakers)
    for fewer in dict.fromkeys((1, listeners // 2, listeners - 1)):
        if 1 <= fewer < listeners:
            yield dataclasses.replace(order, size=dataclasses.replace(order.size, listeners=fewer))
    speech_s = max(speaker.talk.recording.duration_ms for speaker in plan.speakers) // 1_000
    for shorter in dict.fromkeys((speech_s // 2, speech_s * 3 // 4)):
        if SHORTEST_S <= shorter < speech_s:
            yield dataclasses.replace(order, size=dataclasses.replace(order.size, speech_s=shorter))
