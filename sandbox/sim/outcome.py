"""One seed of a scenario, run and judged."""

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sandbox.journal import Event
from sandbox.report.build import build
from sandbox.sim import scenarios, speech
from sandbox.sim.cast import Cast
from sandbox.sim.deployed import Deployed
from sandbox.sim.errors import StuckError
from sandbox.sim.faults import Faults
from sandbox.sim.invariants.checker import Checker
from sandbox.sim.invariants.every import checkers
from sandbox.sim.latency import LatencyModel
from sandbox.sim.plan import Plan
from sandbox.sim.run import BEGAN_US, Ended, RunLimits, run
from sandbox.sim.scenarios import Size
from sandbox.sim.scheduler import US_PER_MS
from sandbox.sim.world import SimulatedWorld, WorldSettings

Kind = Literal["held", "broken", "crash", "stuck"]
EXIT: Mapping[Kind, int] = {"held": 0, "broken": 1, "crash": 3, "stuck": 4}
LOOKED_AT = {"run.heard": "heard", "run.rested": "rested"}
"""When checkers look at the world itself, and what they call it."""
SHOWN = 5
"""Violations of one invariant that are told; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run: all that decides a run, but for the code itself."""

    scenario: str
    seed: int
    size: Size = field(default_factory=Size)
    faults: Faults = field(default_factory=Faults)
    exact: bool = False
    overrides: Mapping[str, Path] = field(default_factory=dict)
    long_way: bool = False
    until_s: int | None = None
    """Stop after so many virtual seconds; what has not happened by then is nobody's fault."""
    from_run: str | None = None
    """The live run whose plan is played in the place of a scenario's."""

    def command(self) -> str:
        """The command line that repeats it."""
        what = ["--scenario", self.scenario] if self.from_run is None else ["--from-run", self.from_run]
        words = ["sandbox", "sim", *what, "--seed", str(self.seed)]
        if self.size.listeners is not None:
            words += ["--listeners", str(self.size.listeners)]
        if self.size.speech_s is not None:
            words += ["--speech", str(self.size.speech_s)]
        if self.size.speakers is not None:
            words += ["--speakers", str(self.size.speakers)]
        if self.size.chunk_ms is not None:
            words += ["--chunk", str(self.size.chunk_ms)]
        if self.faults.named():
            words += ["--faults", ",".join(f"{name}={value}" for name, value in self.faults.named().items())]
        if self.exact:
            words.append("--exact")
        if self.long_way:
            words.append("--long-way")
        if self.until_s is not None:
            words += ["--until", str(self.until_s)]
        for module, path in self.overrides.items():
            words += ["--override", f"{module}={path}"]
        return " ".join(words)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an order."""

    order: Order
    kind: Kind
    reason: str
    invariants: Mapping[str, list[str]]
    virtual_ms: int
    wall_ms: int
    events: int
    calls: int
    faults_met: Mapping[str, int]
    latency_ms: Mapping[str, Any]
    counts: Mapping[str, int]

    @property
    def exit_code(self) -> int:
        return EXIT[self.kind]

    def document(self) -> dict[str, Any]:
        """The result as JSON has it."""
        return {
            "scenario": self.order.scenario if self.order.from_run is None else f"run {self.order.from_run}",
            "seed": self.order.seed,
            "outcome": self.kind,
            "reason": self.reason,
            "virtual_s": self.virtual_ms / 1000,
            "wall_s": self.wall_ms / 1000,
            "invariants": {name: texts or "held" for name, texts in self.invariants.items()},
            "faults": {**self.order.faults.named(), "met": self.faults_met},
            "latency_ms": self.latency_ms,
            "counts": self.counts,
            "events": self.events,
            "aws_calls": self.calls,
            "repeat": self.order.command(),
        }


def carry_out(order: Order, *, deployed: Deployed, journal: Path | None = None, plan: Plan | None = None) -> Outcome:
    """Run an order: its scenario's plan, or the one that is given.

    Raises UnknownScenarioError; everything that happens in the run itself is the outcome's.
    """
    plan = plan or scenarios.plan(order.scenario, seed=order.seed, size=order.size)
    watching = checkers(plan, provoked=bool(order.faults.named()), whole=order.until_s is None)
    seen_by: dict[str, list[Checker]] = {}
    for checker in watching:
        for seen in checker.sees:
            seen_by.setdefault(seen, []).append(checker)
    reports = plan.has_latencies
    events: list[Event] = []
    last_ms = [0]
    began = time.perf_counter()
    ended: Ended | None = None
    kind: Kind = "held"
    reason = ""
    cast: list[Cast] = []

    def note(event: Event) -> None:
        if reports:
            events.append(event)
        last_ms[0] = event["t_ms"]
        for checker in seen_by.get(event["kind"], ()):
            checker.note(event)

    async def story(world: SimulatedWorld) -> None:
        def look(event: Event) -> None:
            for checker in watching:
                checker.look(world, LOOKED_AT[event["kind"]])

        world.journal.subscribe(look, kinds=LOOKED_AT)
        cast.append(Cast(world, plan))
        await cast[0].play()

    settings = WorldSettings(
        seed=order.seed,
        deployed=deployed,
        recordings=speech.recordings([one.talk for one in plan.speakers]),
        latency=LatencyModel(exact=order.exact),
        faults=order.faults,
        overrides=order.overrides,
        long_way=order.long_way,
    )
    try:
        limits = RunLimits(
            virtual_ms=plan.longest_ms, until_ms=None if order.until_s is None else order.until_s * 1_000
        )
        ended = run(settings, story, limits=limits, journal=journal, on_event=note)
    except StuckError as error:
        kind, reason = "stuck", f"{error} ({cast[0].waiting_for if cast else 'the world to start'})"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        kind, reason = "crash", "".join(traceback.format_exception(error))
    found = _found(watching) if kind != "crash" else {}
    if kind == "held" and any(found.values()):
        only_late = all(not found[one.name] or one.liveness for one in watching)
        kind = "stuck" if only_late else "broken"
    report = build(events, run_began_ms=BEGAN_US // US_PER_MS, model={}) if reports and kind == "held" else {}
    return Outcome(
        order=order,
        kind=kind,
        reason=reason,
        invariants=found,
        virtual_ms=ended.virtual_ms if ended else last_ms[0],
        wall_ms=round((time.perf_counter() - began) * 1000),
        events=ended.events if ended else 0,
        calls=ended.calls if ended else 0,
        faults_met=ended.faults_met if ended else {},
        latency_ms=report.get("latency_ms", {}),
        counts=report.get("counts", {}),
    )


def _found(watching: list[Checker]) -> dict[str, list[str]]:
    found = {}
    for checker in watching:
        texts = [f"{one.at_ms} ms: {one.text}" for one in checker.violations()]
        more = len(texts) - SHOWN
        found[checker.name] = texts[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
    return found
