"""`sandbox sim`: the deployed handlers in virtual time, from one seed."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.options import AsJson, failure, print_json, usage_error

if TYPE_CHECKING:
    from rich.console import Console

    from sandbox.sim.deployed import Deployed
    from sandbox.sim.outcome import Order, Outcome


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox sim --scenario handover --seeds 1..20 --faults all")(sim)


def sim(
    scenario: Annotated[str, typer.Option(help="steady, handover, swarm or fleet.")] = "steady",
    seed: Annotated[int, typer.Option(help="What decides every latency, interleaving and fault.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="A range of seeds instead of one, as 1..100.")] = None,
    jobs: Annotated[int, typer.Option(help="How many seeds run at once.")] = 1,
    faults: Annotated[str, typer.Option(help="NAME=NUMBER,… in thousandths, or all for a bit of each.")] = "",
    listeners: Annotated[int | None, typer.Option(help="How many listeners a speaker has.")] = None,
    speech: Annotated[int | None, typer.Option(help="How many seconds each speaker speaks.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Every latency at its median: exact figures.")] = False,
    long_way: Annotated[
        bool, typer.Option("--long-way", help="Take hot AWS calls through all of botocore too.")
    ] = False,
    override: Annotated[
        list[str] | None, typer.Option(help="MODULE=FILE: a file in the place of a function's module.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Where to write the journal of a single seed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole system in one thread, in virtual time; the same seed gives the same journal, to the byte.

    Exit 0 ok, 1 an invariant broke, 2 wrong usage, 3 crash, 4 stuck.
    """
    from sandbox.sim.errors import SimulationError
    from sandbox.sim.faults import Faults
    from sandbox.sim.outcome import Order
    from sandbox.sim.scenarios import SCENARIOS, Size

    if scenario not in SCENARIOS:
        usage_error(f"expected a scenario of {', '.join(sorted(SCENARIOS))}, got {scenario}")
    for name, value in (("--listeners", listeners), ("--speech", speech), ("--jobs", jobs)):
        if value is not None and value < 1:
            usage_error(f"expected {name} to be 1 or more, got {value}")
    span = _span(seeds) if seeds is not None else range(seed, seed + 1)
    if journal is not None and len(span) != 1:
        usage_error(f"expected --journal with one seed, got {len(span)} seeds: give --seed instead of --seeds")
    if journal is not None and journal.exists():
        usage_error(f"expected no file at {journal}, there is one: remove it or name another")
    try:
        order = Order(
            scenario=scenario,
            seed=span[0],
            size=Size(listeners=listeners, speech_s=speech),
            faults=Faults.parse(faults),
            exact=exact,
            overrides=_overrides(override or []),
            long_way=long_way,
        )
    except SimulationError as error:
        usage_error(error)
    console = _console(quiet=as_json)
    console.print(f"[bold]{order.command() if len(span) == 1 else f'{scenario}, seeds {seeds}'}[/] on {_commit()}")
    try:
        outcomes = _run(order, span, jobs, journal, console)
    except SimulationError as error:
        failure(error)
    if as_json:
        documents = [one.document() for one in outcomes]
        print_json(documents[0] if seeds is None else documents)
    failed = [one for one in outcomes if one.exit_code]
    if failed:
        print(f"repeat: {failed[0].order.command()}", file=sys.stderr if as_json else sys.stdout)
        raise typer.Exit(failed[0].exit_code)


def _run(order: "Order", span: range, jobs: int, journal: Path | None, console: "Console") -> "list[Outcome]":
    from sandbox.sim import deployed as deployments
    from sandbox.sim.outcome import carry_out
    from sandbox.sim.sweep import sweep

    deployed: Deployed = deployments.load(say=console.print)
    if len(span) == 1:
        outcomes = [carry_out(dataclasses.replace(order, seed=span[0]), deployed=deployed, journal=journal)]
        _show(outcomes[0], console)
        return outcomes
    outcomes = []
    for outcome in sweep(order, span, jobs=jobs, deployed=deployed):
        outcomes.append(outcome)
        if outcome.exit_code:
            _show(outcome, console)
    virtual_s, wall_s = (
        sum(times) / 1000 for times in zip(*((o.virtual_ms, o.wall_ms) for o in outcomes), strict=True)
    )
    good = sum(one.kind == "held" for one in outcomes)
    speed = virtual_s / max(wall_s, 0.001)
    console.print(f"{good} of {len(outcomes)} seeds held; {virtual_s:.0f} s in {wall_s:.1f} s, {speed:.0f} x real time")
    return outcomes


def _show(outcome: "Outcome", console: "Console") -> None:
    from rich.markup import escape
    from rich.table import Table

    speed = outcome.virtual_ms / max(outcome.wall_ms, 1)
    console.print(
        f"seed {outcome.order.seed}: {outcome.kind}; {outcome.virtual_ms / 1000:.1f} s in {outcome.wall_ms / 1000:.1f}"
        f" s ({speed:.0f} x), {outcome.calls} AWS calls, {outcome.events} events, {outcome.faults_met} faults"
    )
    if outcome.reason:
        console.print(escape(outcome.reason))
    for name, texts in outcome.invariants.items():
        console.print(f"  {name}: {'held' if not texts else 'BROKEN'}")
        for text in texts:
            console.print(f"    {escape(text)}")
    if outcome.latency_ms and not outcome.exit_code:
        table = Table("latency, ms", *("p50", "p95", "p99", "max", "count"))
        for name, shape in outcome.latency_ms.items():
            cells = (shape[key] for key in ("p50", "p95", "p99", "max", "count"))
            table.add_row(name, *("" if cell is None else str(cell) for cell in cells))
        console.print(table)


def _span(text: str) -> range:
    first, dots, last = text.partition("..")
    if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        usage_error(f"expected --seeds as FIRST..LAST, for example 1..100, got {text}")
    return range(int(first), int(last) + 1)


def _overrides(given: list[str]) -> dict[str, Path]:
    found = {}
    for one in given:
        module, equals, file = one.partition("=")
        if not equals or not Path(file).is_file():
            usage_error(f"expected --override MODULE=FILE with a file that exists, got {one}")
        found[module] = Path(file).resolve()
    return found


def _commit() -> str:
    """The checkout's commit, so that a seed is repeated on the code it was found on."""
    import subprocess

    from sandbox.live.settings import PROJECT

    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "no commit"


def _console(*, quiet: bool) -> "Console":
    from rich.console import Console

    return Console(highlight=False, stderr=quiet, soft_wrap=True)
