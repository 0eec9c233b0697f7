"""`sandbox report`: the deployment report."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from sandbox.cli import alarms, smoke
from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, print_json
from sandbox.cli.runs import events_of, run_folder
from sandbox.cli.system import current


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox report")(report)


def report(
    run: Annotated[str, typer.Argument(help="The run whose metrics and issues are told; the latest without.")] = "",
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Write the deployment report of the running sandbox as Markdown and as a page.

    What is deployed, the last smoke test, a run's metrics, the alarms proven, issues met, and what of the configuration
    changed since the last report.
    """
    from sandbox.deployment_report.changes import changes
    from sandbox.deployment_report.gather import gather
    from sandbox.deployment_report.issues import issues
    from sandbox.deployment_report.model import Findings, sections
    from sandbox.deployment_report.write import markdown, page
    from sandbox.metrics.observed import observe
    from sandbox.report import metrics

    deployed = gather(current(state_dir))
    folder = run_folder(state_dir, run)
    events = events_of(folder)
    observed = observe(events)
    now_ms = time.time_ns() // 1_000_000
    before = _last(state_dir / "reports")
    figures = _json(folder / "report.json")
    found = Findings(
        deployed=deployed,
        at_ms=now_ms,
        smoke=_json(state_dir / smoke.EVIDENCE),
        proofs=_json(state_dir / alarms.EVIDENCE),
        run_id=folder.name,
        observed=observed,
        latencies=figures["latency_ms"] if figures else {},
        issues=issues(events),
        changes=None if before is None else changes(before["configuration"], deployed.configuration),
    )
    told = sections(found)
    title = f"Deployment report: {deployed.environment}"
    plots = metrics.section(observed, span_ms=max((event["t_ms"] for event in events), default=0))
    name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now_ms / 1000)) + f"-{now_ms % 1000:03d}"
    target = state_dir / "reports" / name
    target.mkdir(parents=True)
    (target / "report.md").write_text(markdown(title, told), encoding="utf-8")
    (target / "report.html").write_text(page(title, told, metrics=plots), encoding="utf-8")
    document = {
        "atMs": now_ms,
        "environment": deployed.environment,
        "fingerprint": deployed.fingerprint,
        "good": told[0].good,
        "summary": [dict(zip(told[0].tables[0].heads, row, strict=True)) for row in told[0].tables[0].rows],
        "changes": None if found.changes is None else [vars(one) for one in found.changes],
        "issues": [vars(one) for one in found.issues],
        "configuration": dict(deployed.configuration),
        "folder": str(target),
    }
    (target / "report.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    if as_json:
        print_json(document)
        return
    for part, said, verdict in told[0].tables[0].rows:
        print(f"{part:<12} {said}{f': {verdict}' if verdict else ''}")
    for one in found.changes or ():
        print(f"{'changed':<12} {one.name}: {one.before} -> {one.after}")
    print(f"report: {target / 'report.md'}, {target / 'report.html'}")


def _last(reports: Path) -> dict[str, Any] | None:
    folders = sorted(path.parent for path in reports.glob("*/report.json"))
    return _json(folders[-1] / "report.json") if folders else None


def _json(path: Path) -> dict[str, Any] | None:
    """A document that a command has left, or None."""
    if not path.exists():
        return None
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
