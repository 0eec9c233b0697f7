"""`sandbox sim`: the deployed handlers in virtual time, from one seed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, failure, print_json, usage_error

if TYPE_CHECKING:
    from rich.console import Console

    from sandbox.sim.outcome import Order
    from sandbox.sim.plan import Plan


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox sim --scenario handover --seeds 1..20 --faults all")(sim)


def sim(
    scenario: Annotated[str, typer.Option(help="Which one, see docs/simulator.md.")] = "steady",
    from_run: Annotated[
        str | None,
        typer.Option("--from-run", help="Play a live run of this id: its clients, timings and script."),
    ] = None,
    seed: Annotated[int, typer.Option(help="What decides every latency, interleaving and fault.")] = 1,
    seeds: Annotated[str | None, typer.Option(help="A range of seeds instead of one, as 1..100.")] = None,
    jobs: Annotated[int, typer.Option(help="How many seeds run at once.")] = 1,
    shard: Annotated[str | None, typer.Option(help="I/N: of the range, every Nth seed from the Ith on.")] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End a sweep at its first failure.")] = False,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="Look for a smaller run that fails as the first did.")
    ] = False,
    faults: Annotated[str, typer.Option(help="NAME=NUMBER,… or all for a bit of each.")] = "",
    listeners: Annotated[int | None, typer.Option(help="How many listeners a speaker has.")] = None,
    speech: Annotated[int | None, typer.Option(help="How many seconds each speaker speaks.")] = None,
    speakers: Annotated[int | None, typer.Option(help="How many speakers a fleet has.")] = None,
    chunk: Annotated[int | None, typer.Option(help="Milliseconds of audio in each message, 20 to 750.")] = None,
    until: Annotated[int | None, typer.Option(help="Stop after so many virtual seconds.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Every latency at its median: exact figures.")] = False,
    long_way: Annotated[
        bool, typer.Option("--long-way", help="Take hot AWS calls through all of botocore too.")
    ] = False,
    override: Annotated[
        list[str] | None, typer.Option(help="MODULE=FILE: a file in the place of a function's module.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Where to write the journal of a single seed.")] = None,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Run the whole system in one thread, in virtual time; the same seed gives the same journal, to the byte.

    Exit 0 ok, 1 an invariant broke, 2 wrong usage, 3 crash, 4 stuck.
    """
    from sandbox.cli.sim_runs import Sweep
    from sandbox.client.recording import LONGEST_CHUNK_MS, SHORTEST_CHUNK_MS
    from sandbox.sim.errors import SimulationError
    from sandbox.sim.faults import Faults
    from sandbox.sim.outcome import Order
    from sandbox.sim.scenarios import SCENARIOS, Size

    if scenario not in SCENARIOS:
        usage_error(f"expected a scenario of {', '.join(sorted(SCENARIOS))}, got {scenario}")
    for name, value in (
        ("--listeners", listeners),
        ("--speech", speech),
        ("--speakers", speakers),
        ("--jobs", jobs),
        ("--until", until),
    ):
        if value is not None and value < 1:
            usage_error(f"expected {name} to be 1 or more, got {value}")
    if chunk is not None and not SHORTEST_CHUNK_MS <= chunk <= LONGEST_CHUNK_MS:
        usage_error(f"expected --chunk from {SHORTEST_CHUNK_MS} to {LONGEST_CHUNK_MS} ms, got {chunk}")
    if from_run is not None and {listeners, speech, speakers, chunk} != {None}:
        usage_error("expected --from-run alone, got a size too: a run has the clients and the words that it had")
    span = _sharded(_span(seeds) if seeds is not None else range(seed, seed + 1), shard)
    if journal is not None and len(span) != 1:
        usage_error(f"expected --journal with one seed, got {len(span)} seeds: give --seed instead of --seeds")
    if journal is not None and journal.exists():
        usage_error(f"expected no file at {journal}, there is one: remove it or name another")
    try:
        order = Order(
            scenario=scenario,
            seed=span[0],
            size=Size(listeners=listeners, speech_s=speech, speakers=speakers, chunk_ms=chunk),
            faults=Faults.parse(faults),
            exact=exact,
            overrides=_overrides(override or []),
            long_way=long_way,
            until_s=until,
            from_run=from_run,
        )
        plan = _recorded(from_run, state_dir) if from_run is not None else None
    except SimulationError as error:
        usage_error(error)
    console = _console(quiet=as_json)
    console.print(_headline(order, span))
    try:
        sweep = Sweep(order, span, jobs=jobs, journal=journal, console=console, plan=plan)
        outcomes = sweep.run(fail_fast=fail_fast)
        failed = next((one for one in outcomes if one.exit_code), None)
        if failed is not None and shrink:
            sweep.shrink(failed)
    except SimulationError as error:
        failure(error)
    if as_json:
        documents = [one.document() for one in outcomes]
        print_json(documents[0] if seeds is None else documents)
    if failed is not None:
        print(f"repeat: {failed.order.command()}", file=sys.stderr if as_json else sys.stdout)
        raise typer.Exit(failed.exit_code)


def _recorded(run: str, state_dir: Path) -> "Plan":
    """The plan of a live run. Raises NoScenarioError."""
    from sandbox.cli.runs import events_of, run_folder
    from sandbox.sim import from_run, recorded

    return from_run.plan(events_of(run_folder(state_dir, run)), talk=recorded.talk)


def _span(text: str) -> range:
    first, dots, last = text.partition("..")
    if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        usage_error(f"expected --seeds as FIRST..LAST, for example 1..100, got {text}")
    return range(int(first), int(last) + 1)


def _sharded(span: range, shard: str | None) -> range:
    if shard is None:
        return span
    number, slash, count = shard.partition("/")
    if not (slash and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        usage_error(f"expected --shard as I/N with I from 1 to N, for example 2/4, got {shard}")
    part = span[int(number) - 1 :: int(count)]
    if not part:
        usage_error(f"expected at least {number} seeds for --shard {shard}, got {len(span)}: give a longer --seeds")
    return part


def _overrides(given: list[str]) -> dict[str, Path]:
    found = {}
    for one in given:
        module, equals, file = one.partition("=")
        if not equals or not Path(file).is_file():
            usage_error(f"expected --override MODULE=FILE with a file that exists, got {one}")
        found[module] = Path(file).resolve()
    return found


def _headline(order: "Order", span: range) -> str:
    """Seeds, options and commit, before anything runs."""
    command = order.command()
    if len(span) > 1:
        step = f" by {span.step}" if span.step > 1 else ""
        command = command.replace(f"--seed {order.seed}", f"--seeds {span[0]}..{span[-1]}{step}")
    return f"[bold]{command}[/] on {_commit()}"


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
