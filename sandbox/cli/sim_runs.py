"""The runs of `sandbox sim`: carried out, told, and made smaller when one fails."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.sim import deployed as deployments
from sandbox.sim.outcome import Order, Outcome, carry_out
from sandbox.sim.plan import Plan
from sandbox.sim.shrinking import shrink
from sandbox.sim.sweep import sweep

SHRINKING_RUNS = 40
TOLD_EVERY = 50
"""Seeds of a sweep, after which it says how it stands."""
COLUMNS = ("p50", "p95", "p99", "max", "count")


class Sweep:
    """One seed of an order, or many. Raises NotDeployedError at its making."""

    def __init__(
        self, order: Order, span: range, *, jobs: int, journal: Path | None, console: Console, plan: Plan | None = None
    ) -> None:
        self._order, self._span, self._jobs, self._journal = order, span, jobs, journal
        self._console = console
        self._plan = plan
        self._deployed = deployments.load(say=console.print)

    def run(self, *, fail_fast: bool) -> list[Outcome]:
        """What came of each seed; a single one is told in full, of many those that fail."""
        alone = len(self._span) == 1
        outcomes = []
        for outcome in self._carried_out():
            outcomes.append(outcome)
            if alone or outcome.exit_code:
                self._show(outcome)
            if fail_fast and outcome.exit_code:
                break
            if not alone and len(outcomes) % TOLD_EVERY == 0:
                self._console.print(f"up to seed {outcome.order.seed}: {_held(outcomes)}", style="dim")
        if not alone:
            self._sum_up(outcomes)
        return outcomes

    def shrink(self, failed: Outcome) -> None:
        """Tell the smallest run that fails alike."""
        # Each in a process of its own: this one may carry what the failed run has left behind.
        smallest = shrink(failed, self._apart, runs=SHRINKING_RUNS)
        if smallest is failed:
            self._console.print("nothing smaller was found that fails alike")
            return
        self._show(smallest)
        self._console.print(f"smaller: {smallest.order.command()}")

    def _apart(self, order: Order) -> Outcome:
        (outcome,) = sweep(order, [order.seed], jobs=1, deployed=self._deployed, plan=self._plan)
        self._console.print(f"{outcome.kind}: {order.command()}", style="dim")
        return outcome

    def _carried_out(self) -> Iterator[Outcome]:
        if len(self._span) == 1:
            order = dataclasses.replace(self._order, seed=self._span[0])
            return iter([carry_out(order, deployed=self._deployed, journal=self._journal, plan=self._plan)])
        return sweep(self._order, self._span, jobs=self._jobs, deployed=self._deployed, plan=self._plan)

    def _sum_up(self, outcomes: list[Outcome]) -> None:
        virtual_s = sum(one.virtual_ms for one in outcomes) / 1000
        wall_s = sum(one.wall_ms for one in outcomes) / 1000
        self._console.print(
            f"{_held(outcomes)}; {virtual_s:.0f} s in {wall_s:.1f} s, {virtual_s / max(wall_s, 0.001):.0f} x real time"
        )

    def _show(self, outcome: Outcome) -> None:
        speed = outcome.virtual_ms / max(outcome.wall_ms, 1)
        self._console.print(
            f"seed {outcome.order.seed}: {outcome.kind}; {outcome.virtual_ms / 1000:.1f} s in "
            f"{outcome.wall_ms / 1000:.1f} s ({speed:.0f} x), {outcome.calls} AWS calls, {outcome.events} events, "
            f"{sum(outcome.faults_met.values())} faults"
        )
        if outcome.reason:
            self._console.print(escape(outcome.reason))
        for name, texts in outcome.invariants.items():
            self._console.print(f"  {name}: {'held' if not texts else 'BROKEN'}")
            for text in texts:
                self._console.print(f"    {escape(text)}")
        if outcome.latency_ms and not outcome.exit_code:
            table = Table("latency, ms", *COLUMNS)
            for name, shape in outcome.latency_ms.items():
                table.add_row(name, *("" if shape[key] is None else str(shape[key]) for key in COLUMNS))
            self._console.print(table)


def _held(outcomes: list[Outcome]) -> str:
    good = sum(one.kind == "held" for one in outcomes)
    return f"{good} of {len(outcomes)} seeds held"
