"""`sandbox policies`: ways to forward partial results, compared on the same scripts."""

import json
import os
import subprocess
import sys
from typing import Annotated

import typer

from sandbox.cli.options import AsJson, failure, print_json, usage_error

LEVELS = ("high", "medium", "low", "none")


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox policies --level high --seeds 20")(policies)


def policies(
    level: Annotated[str, typer.Option(help="The stabilisation asked for: high, medium, low or none.")] = "high",
    seeds: Annotated[
        int, typer.Option(help="How many times the model says each recording, each time differently.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Compare this product's core with finals only, every partial, score at sentence end, LocalAgreement-2, hold-1,
    oracle."""
    from rich.console import Console
    from rich.table import Table

    from fake_transcribe import recordings
    from sandbox.live.settings import PROJECT
    from sandbox.report.arrivals import arrivals, with_seed

    if level not in LEVELS:
        usage_error(f"expected --level to be one of {', '.join(LEVELS)}, got {level}")
    if seeds < 1:
        usage_error(f"expected at least one seed, got {seeds}")
    scripts = recordings.load(PROJECT / "audio_samples").scripts.values()
    said = [with_seed(script, seed) for seed in range(1, seeds + 1) for script in scripts]
    streams = arrivals(said, level=None if level == "none" else level)
    # The product's code runs as a program of its own: the sandbox imports nothing of it.
    ended = subprocess.run(
        [sys.executable, "-m", "partial_results.evaluation"],
        input=json.dumps(streams), capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "services" / "shared")},
    )  # fmt: skip
    if ended.returncode:
        failure(ended.stderr.strip().splitlines()[-1])
    rows = json.loads(ended.stdout)
    if as_json:
        print_json(rows)
        return
    title = f"{len(said)} recordings, stabilisation {level}; milliseconds; words each"
    table = Table(title=title, title_justify="left")
    table.add_column("policy", no_wrap=True)
    for heading in ("words", "twice", "lost", "wrong", "mean", "p50", "p90", "each"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(highlight=False).print(table)
