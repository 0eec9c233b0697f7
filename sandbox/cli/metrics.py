"""`sandbox metrics`: what the functions measured in a run."""

from typing import Annotated

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, print_json
from sandbox.cli.runs import events_of, run_folder


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox metrics --json")(metrics)


def metrics(
    run: Annotated[str, typer.Argument(help="A run's id; the latest without.")] = "",
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Print every metric of a run and what never came; its plots go to metrics.html in the run's folder."""
    from sandbox.metrics.observed import never_emitted, observe
    from sandbox.report.document import document
    from sandbox.report.metrics import lines, row, section

    folder = run_folder(state_dir, run)
    events = events_of(folder)
    observed = observe(events)
    span_ms = max((event["t_ms"] for event in events), default=0)
    page = folder / "metrics.html"
    title = f"Metrics of run {folder.name}"
    page.write_text(document(title, f"<h1>{title}</h1>{section(observed, span_ms=span_ms)}"), encoding="utf-8")
    missing = [row(one) for one in never_emitted(observed)]
    if as_json:
        print_json(
            {"run": folder.name, "metrics": [row(one) for one in observed], "neverEmitted": missing, "page": str(page)}
        )
        return
    print(title)
    shown = lines(observed)
    widths = [max((len(cells[place]) for cells in shown), default=0) for place in (0, 1)]
    for name, of, figures in shown:
        print(f"{name:<{widths[0]}}  {of:<{widths[1]}}  {figures}")
    for one in missing:
        of = next(iter(one["dimensions"].values()), one["namespace"])
        print(f"never emitted: {one['name']} ({of})")
    print(f"plots: {page}")
