"""`sandbox bench …`: what the product costs and how fast it is, on this machine."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, child_failure, failure, print_json, usage_error

group = typer.Typer(
    help="Measure the product on this machine.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="bench")


@group.command(epilog="Example: sandbox bench audio --json")
def audio(as_json: AsJson = False) -> None:
    """Measure the processor time of the audio's measures for one stream; fails at 2 % of real time."""
    from rich.console import Console
    from rich.table import Table

    from sandbox.bench.audio import LIMIT_PERCENT, BenchFailedError, costs
    from sandbox.client.recording import load_pcm
    from sandbox.functions.errors import TwinFailedError
    from sandbox.live.settings import PROJECT

    recordings = sorted((PROJECT / "audio_samples").glob("*.wav"))
    try:
        rows = costs(b"".join(map(load_pcm, recordings)), project=PROJECT, cache_dir=PROJECT / ".cache")
    except (BenchFailedError, TwinFailedError) as error:
        failure(error)
    if as_json:
        print_json({"limit_percent": LIMIT_PERCENT, "measures": [asdict(row) for row in rows]})
    else:
        table = Table(title=f"{len(recordings)} recordings, one stream, one core", title_justify="left")
        table.add_column("measure", no_wrap=True)
        for heading in ("CPU ms per s of audio", "percent of real time"):
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(row.measure, f"{row.cpu_ms_per_s:.3f}", f"{row.percent:.4f}")
        Console(highlight=False).print(table)
    total = rows[-1].percent
    if total >= LIMIT_PERCENT:
        failure(f"expected less than {LIMIT_PERCENT} % of real time in all, got {total} %")


@group.command(epilog="Example: sandbox bench sessions --sessions 10 --listeners 20 --repeat 4")
def sessions(
    sessions: Annotated[int, typer.Option(min=1, help="How many at once.")] = 10,
    listeners: Annotated[int, typer.Option(min=1, help="Of each session.")] = 20,
    repeat: Annotated[int, typer.Option(min=1, help="How often the recordings (15 s) are played.")] = 4,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Measure how late words are with many sessions against one; fails beyond 1.5 times, or when a word is missing.

    In both, the recordings are played once before what is measured: environments start in this rehearsal.
    """
    from rich.console import Console

    from sandbox.bench.sessions import Crowd, measure
    from sandbox.demo.plan import DEFAULT_SAMPLES, plan_samples
    from sandbox.live.borrow import running_sandbox
    from sandbox.live.settings import SandboxSettings
    from sandbox.processes import ChildFailedError

    settings = SandboxSettings(state_dir=state_dir.resolve(), port=0)
    plan = plan_samples(settings.samples_dir, list(DEFAULT_SAMPLES), listen=["es"], repeat=repeat)
    console = Console(stderr=as_json, highlight=False)

    async def perform() -> dict[str, Any]:
        async with running_sandbox(settings, say=console.print) as state:
            return await measure(state, plan, Crowd(sessions=sessions, listeners=listeners))

    try:
        figures = asyncio.run(perform())
    except ChildFailedError as error:
        child_failure(error)
    if as_json:
        print_json(figures)
    else:
        for name in ("alone", "together"):
            console.print(f"{name}:", *(f"{key}={value}" for key, value in figures[name].items()))
        console.print(f"ratio of p95: {figures['ratio']}")
    if figures["beyond"]:
        failure("; ".join(figures["beyond"]))


@group.command(epilog="Example: sandbox bench gateway --against ministack,serverless-offline,architect --json")
def gateway(
    against: Annotated[str, typer.Option(help="Peers, separated by commas; installed into .cache/peers.")] = "",
    repetitions: Annotated[int, typer.Option(min=1, help="How often each emulator is measured, in turn.")] = 3,
    messages: Annotated[int, typer.Option(min=20, help="Messages of request/reply.")] = 300,
    connections: Annotated[int, typer.Option(min=1, help="Of the fan-out and of the handshakes at once.")] = 500,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as the README has it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the gateway beside other emulators (four minutes a repetition with all three); fails beyond a ratio."""
    from rich.console import Console

    from sandbox.bench.gateway import figures, peers, show
    from sandbox.bench.gateway.errors import GatewayBenchError
    from sandbox.bench.gateway.run import Sizes, measure
    from sandbox.live.settings import PROJECT

    names = [name for name in against.split(",") if name]
    unknown = [name for name in names if name not in peers.NAMES]
    if unknown:
        usage_error(f"expected --against from {', '.join(peers.NAMES)}, got {', '.join(unknown)}")
    console = Console(stderr=as_json or as_markdown, highlight=False)
    sizes = Sizes(messages=messages, crowd=connections, repetitions=repetitions)
    try:
        installed = peers.install(names, PROJECT / ".cache", console.print)
        results = measure(names, installed, sizes, console.print)
    except GatewayBenchError as error:
        failure(error)
    measured = figures.rows(results)
    beyond = figures.beyond(results, measured, crowd=connections)
    shown = (figures.OURS, *names)
    if as_json:
        print_json({"results": results, "ratios": {row.figure.name: row.ratio for row in measured}, "beyond": beyond})
    elif as_markdown:
        print(show.markdown(measured, shown))
    else:
        console.print(show.table(measured, shown))
    if beyond:
        failure("; ".join(beyond))


@group.command(epilog="Example: sandbox bench sim --speech 60")
def sim(
    speech: Annotated[int, typer.Option(min=5, help="How many seconds each speaker speaks.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Measure what a simulated second costs; fails when it grows faster than listeners or sessions do."""
    from rich.console import Console
    from rich.table import Table

    from sandbox.bench import sim as bench
    from sandbox.sim import deployed
    from sandbox.sim.errors import SimulationError

    console = Console(highlight=False, stderr=as_json)
    try:
        rows = list(bench.rows(deployed.load(say=console.print), speech_s=speech))
    except SimulationError as error:
        failure(error)
    if as_json:
        print_json({"least_speed": bench.LEAST_SPEED, "rows": [asdict(row) for row in rows]})
    else:
        table = Table(title="simulated seconds on one core", title_justify="left")
        for heading in ("sessions", "listeners", "x real time", "CPU ms per s", "each", "growth"):
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(
                str(row.sessions), str(row.listeners), f"{row.speed:.0f}", f"{row.cpu_ms_per_s:.1f}",
                f"{row.each:.2f}", f"{row.growth:.2f}",
            )  # fmt: skip
        console.print(table)
    worst = max(row.growth for row in rows)
    if worst > bench.GROWTH_ALLOWED:
        failure(f"expected costs to grow no faster than listeners and sessions, got {worst:.2f} times their share")


@group.command(epilog="Example: sandbox bench deploy --repetitions 1")
def deploy(
    repetitions: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure how soon a sandbox is ready, and what `cdk deploy` to it takes against one with nothing to change.

    Fails beyond 8 s, 2 s of them in the project's own code, and a ratio of 1.2.
    """
    from rich.console import Console

    from sandbox.bench.deployment import run
    from sandbox.bench.deployment.errors import DeploymentBenchError
    from sandbox.tools.errors import InstallError

    console = Console(stderr=as_json, highlight=False)
    try:
        figures = run.measure(repetitions=repetitions, say=console.print)
    except (DeploymentBenchError, InstallError) as error:
        failure(error)
    beyond = run.beyond(figures)
    if as_json:
        print_json({**figures, "beyond": beyond})
    else:
        console.print(*(f"{name}={value}" for name, value in figures.items()))
    if beyond:
        failure("; ".join(beyond))
