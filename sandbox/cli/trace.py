"""`sandbox trace`: one message through all hops."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, print_json, usage_error
from sandbox.cli.runs import events_of, run_with

if TYPE_CHECKING:
    from sandbox.report.trace import Trace

_WHO = ("listener", "function", "connectionId")
_ID_CHARACTERS = 8
"""Shown of an id that is longer than it tells; --json has the whole."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox trace --segment golden-eagle-427-3")(trace)


def trace(
    run: Annotated[str, typer.Argument(help="A run's id; without, the latest in which something was said.")] = "",
    segment: Annotated[str, typer.Option(help="One segment's id; all without.")] = "",
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Follow each segment of a run, finished or going on, through all hops.

    From the chunk that carried its last word to each listener, in milliseconds since the run began and since the hop
    before; and in words, what of its way is not known.
    """
    from sandbox.report.trace import traces

    folder = run_with(state_dir, run, "segment.forwarded")
    if folder is None:
        where = f"run {run}" if run else f"the runs of {state_dir / 'runs'}"
        usage_error(f"expected a segment in {where}, found none: run 'sandbox smoke', or speak, and try again")
    found = traces(events_of(folder))
    chosen = [one for one in found if segment in ("", one.segment_id)]
    if not chosen:
        known = f"{found[0].segment_id} to {found[-1].segment_id}"
        usage_error(f"expected a segment of run {folder.name} ({known}), got {segment}")
    if as_json:
        print_json({"run": folder.name, "segments": [_document(one) for one in chosen]})
        return
    print(f"run {folder.name}")
    for one in chosen:
        _print(one)


def _document(trace: "Trace") -> dict[str, Any]:
    document = asdict(trace)
    return {"segmentId": document.pop("segment_id"), **document}


def _print(trace: "Trace") -> None:
    print(f"\n{trace.segment_id}  {trace.text}")
    before_ms: int | None = None
    for row in trace.hops:
        since = "" if before_ms is None else f"+{row['t_ms'] - before_ms:,}"
        before_ms = row["t_ms"]
        who = next((str(row[name]) for name in _WHO if name in row), "")
        print(f"  {row['t_ms']:>9,} {since:>7}  {row['hop']:<26} {who:<32} {_about(row)}".rstrip())
    for gap in trace.gaps:
        print(f"  {'?':>17}  {gap}")


def _about(row: dict[str, Any]) -> str:
    shown = []
    for name, value in row.items():
        match name:
            case "seq":
                shown.append(f"chunk {value}")
            case "positionMs":
                shown.append(f"at {value:,} ms of stream {row['streamId'][:_ID_CHARACTERS]}")
            case "resultId":
                shown.append(f"result {value[:_ID_CHARACTERS]}")
            case "requestId":
                shown.append(f"request {value[:_ID_CHARACTERS]}")
            case "durationMs":
                shown.append(f"{value:,} ms")
            case "why":
                shown[-1] += f": {value}"
            case "reason" | "text" | "language" | "message" | "exception_name":
                shown.append(str(value))
            case "status" if value != "ok":
                shown.append(str(value))
    return ", ".join(shown)
