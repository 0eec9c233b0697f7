"""`sandbox bench …`: what the product costs and how fast it is, on this machine."""

from dataclasses import asdict

import typer

from sandbox.cli.options import AsJson, failure, print_json

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
