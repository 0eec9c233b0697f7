"""`sandbox policies`: ways to forward partial results, compared on the same scripts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sandbox.cli.options import AsJson, failure, print_json, usage_error

Streams = list[list[dict[str, Any]]]
LEVELS = ("high", "medium", "low", "none")
ALL = "all"
COLUMNS = {
    "twice": "duplicated", "lost": "omitted", "wrong": "wrong", "left": "left_wrong", "mean": "mean_ms",
    "p50": "p50_ms", "p90": "p90_ms", "each": "words_per_segment",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox policies --level high --difficulty all --seeds 5")(policies)


def policies(
    level: Annotated[str, typer.Option(help="The stabilisation asked for: high, medium, low or none.")] = "high",
    seeds: Annotated[
        int, typer.Option(help="How many times the model says each recording, each time differently.")
    ] = 10,
    difficulty: Annotated[str, typer.Option(help="The scripts' difficulty by name, or all of them.")] = "default",
    revisions: Annotated[
        Path | None, typer.Option(help="A folder of what a real recogniser said, in place of scripts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare this product's core with finals only, every partial, score at sentence end, LocalAgreement-2, hold-1,
    oracle.

    What is said first is counted as twice, lost or wrong; left is what is still so after corrections.
    """
    from sandbox.report.difficulties import DIFFICULTIES
    from sandbox.report.revisions import RevisionsError, load

    if level not in LEVELS:
        usage_error(f"expected --level to be one of {', '.join(LEVELS)}, got {level}")
    if seeds < 1:
        usage_error(f"expected at least one seed, got {seeds}")
    if difficulty not in (ALL, *DIFFICULTIES):
        usage_error(f"expected --difficulty to be {ALL} or one of {', '.join(DIFFICULTIES)}, got {difficulty}")
    if revisions is not None:
        try:
            compared = {f"results recorded in {revisions}": _rows(load(revisions))}
        except RevisionsError as error:
            usage_error(error)
    else:
        names = DIFFICULTIES if difficulty == ALL else [difficulty]
        compared = {name: _rows(_scripted(name, level=level, seeds=seeds)) for name in names}
    if as_json:
        print_json([{"input": name} | row for name, rows in compared.items() for row in rows])
        return
    for name, rows in compared.items():
        _print_table(name if revisions is not None else f"{name}, stabilisation {level}", rows)


def _scripted(difficulty: str, *, level: str, seeds: int) -> Streams:
    """What the fake Transcribe says of the samples, once for each seed."""
    from fake_transcribe import recordings
    from sandbox.live.settings import PROJECT
    from sandbox.report.arrivals import arrivals
    from sandbox.report.difficulties import scripts_of

    scripts = list(recordings.load(PROJECT / "audio_samples").scripts.values())
    said = [script for seed in range(1, seeds + 1) for script in scripts_of(scripts, seed, difficulty)]
    return arrivals(said, level=None if level == "none" else level)


def _rows(streams: Streams) -> list[dict[str, Any]]:
    """The product's code runs as a program of its own: the sandbox imports nothing of it."""
    from sandbox.live.settings import PROJECT

    ended = subprocess.run(
        [sys.executable, "-m", "partial_results.evaluation"],
        input=json.dumps(streams), capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "services" / "shared")},
    )  # fmt: skip
    if ended.returncode:
        failure(ended.stderr.strip().splitlines()[-1])
    rows: list[dict[str, Any]] = json.loads(ended.stdout)
    return rows


def _print_table(name: str, rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{name}; milliseconds; words each", title_justify="left", padding=(0, 0, 0, 1))
    table.add_column("policy", no_wrap=True)
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(row["policy"], *(str(row[key]) for key in COLUMNS.values()))
    Console(highlight=False).print(table)
