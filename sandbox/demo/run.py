"""One demo from beginning to end: a run is begun, played, recorded, reported and judged."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from sandbox import journal
from sandbox.demo.plan import DemoPlan
from sandbox.demo.play import Performance
from sandbox.demo.show import Show, table, verdicts
from sandbox.live.client import ask
from sandbox.live.state import SandboxState
from sandbox.metrics.observed import observe
from sandbox.report import metrics
from sandbox.report.build import build, is_whole
from sandbox.report.html import page
from sandbox.report.timeline import timeline

SHOWN_FROM_JOURNAL = ("transcribe.partial", "transcribe.final", "transcribe.exception", "segment.forwarded")
SETTLE_WITHIN_S = 6.0


class JournalTail:
    """The lines added to a growing journal since the last look."""

    def __init__(self, path: Path) -> None:
        self._lines = path.open(encoding="utf-8")
        self._part = ""

    def new(self) -> Iterator[dict[str, Any]]:
        while True:
            self._part += self._lines.readline()
            if not self._part.endswith("\n"):
                return
            yield json.loads(self._part)
            self._part = ""

    def close(self) -> None:
        self._lines.close()


async def run_demo(state: SandboxState, plan: DemoPlan, console: Console) -> bool:
    """Play, print and write the run folder; True when every listener got every word once."""
    run = await asyncio.to_thread(ask, state, "POST", "runs", {})
    token = (await asyncio.to_thread(ask, state, "POST", "token", {"user": "demo-speaker"}))["token"]
    folder = Path(run["folder"])
    show = Show(console)
    performance = Performance(plan=plan, url=state.webSocketUrl, token=token, show=show.event)
    tail = JournalTail(folder / "journal.jsonl")
    watching = asyncio.create_task(_watch(tail, show))
    try:
        await performance.run()
        await _settle(folder / "journal.jsonl")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        tail.close()
        await asyncio.to_thread(ask, state, "POST", "events", {"events": performance.events})
    events = journal.read(folder / "journal.jsonl")
    report = build(events, run_began_ms=run["beganMs"], model=run["model"])
    (folder / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False))
    gathered = timeline(events, run_began_ms=run["beganMs"])
    measured = metrics.section(observe(events), span_ms=max((event["t_ms"] for event in events), default=0))
    (folder / "report.html").write_text(
        page(report, gathered, title=f"Run {run['id']}", metrics=measured), encoding="utf-8"
    )
    console.print()
    console.print(table(report))
    for line in verdicts(report):
        console.print(line)
    console.print(f"run folder: {folder}", soft_wrap=True)
    return is_whole(report)


async def _watch(tail: JournalTail, show: Show) -> None:
    while True:
        for event in tail.new():
            if event["kind"] in SHOWN_FROM_JOURNAL:
                show.event(event)
        await asyncio.sleep(0.05)


async def _settle(path: Path) -> None:
    """Wait until no invocation is under way, so that the journal holds the workers' last figures."""
    tail = JournalTail(path)
    under_way: set[str] = set()
    for _ in range(int(SETTLE_WITHIN_S / 0.1)):
        for event in tail.new():
            if event["kind"] == "lambda.invoke":
                under_way.add(event["requestId"])
            elif event["kind"] == "lambda.end":
                under_way.discard(event["requestId"])
        if not under_way:
            break
        await asyncio.sleep(0.1)
    tail.close()
