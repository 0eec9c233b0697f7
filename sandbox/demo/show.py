"""The demo in a terminal: who says what as it happens, then the table of latencies."""

from collections.abc import Callable
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

ROWS = (
    ("word_to_listener", "word spoken → listener reads it"),
    ("word_to_forward", "word spoken → sent to translation"),
    ("stable_to_forward", "word stable → sent to translation"),
    ("release_to_forward", "segment released → sent to translation"),
    ("forward_to_listener", "sent to translation → listener reads it"),
    ("audio_to_transcribe", "audio at the gateway → on the Transcribe stream"),
    ("stream_start", "first audio → on the Transcribe stream"),
)


class Show:
    """Prints events a line each; colours only where there is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began_ms: int | None = None
        self._late_ms: list[int] = []
        self._lines: dict[str, Callable[[dict[str, Any]], Text | None]] = {
            "client.session_created": lambda event: Text(f"session   {event['sessionId']}", style="bold"),
            "client.listener_joined": lambda event: Text(f"joined    {event['listener']}", style="bold"),
            "client.recording": lambda event: Text(f"plays     {event['name']}", style="bold"),
            "transcribe.partial": self._partial,
            "transcribe.final": self._final,
            "segment.forwarded": lambda event: Text(f"segment   {event['sequence']:>3}  {event['sourceText']}", "cyan"),
            "client.translation": self._translation,
            "transcribe.exception": lambda event: Text(f"exception {event.get('message', '')}", style="red"),
        }

    def event(self, event: dict[str, Any]) -> None:
        """Show one event of the journal or of the demo's own clients."""
        if event["kind"] == "client.stream_began":
            self._began_ms = event["atMs"]
        line = self._lines.get(event["kind"])
        text = line(event) if line else None
        if text is not None:
            self._console.print(text, soft_wrap=True)

    def _partial(self, event: dict[str, Any]) -> Text | None:
        """Stable words, a bar, and those that may still change."""
        if not event["words"]:
            return None
        text, barred = Text("hears     ", style="dim"), False
        for word, stable in event["words"]:
            if not stable and not barred:
                text.append("| ", style="dim")
                barred = True
            text.append(f"{word} ", style="" if stable else "dim italic")
        return text

    def _final(self, event: dict[str, Any]) -> Text | None:
        return Text("final     " + " ".join(word for word, _ in event["words"]), style="green")

    def _translation(self, event: dict[str, Any]) -> Text | None:
        """What a listener reads, how long after its last word was spoken, and the median of that so far."""
        if not event["new"]:
            return None
        text = Text(f"{event['listener']:<9} {event['sequence']:>3}  {event['text']}", "yellow")
        if self._began_ms is not None and "endMs" in event:
            self._late_ms.append(event["atMs"] - self._began_ms - event["endMs"])
            text.append(f"  +{self._late_ms[-1]} ms, median {round(median(self._late_ms))}", style="dim")
        return text


def table(report: dict[str, Any]) -> Table:
    """The latency table of a report."""
    shown = Table(title="latency, milliseconds", title_justify="left")
    shown.add_column("from → to")
    for heading in ("p50", "p95", "p99", "max", "values"):
        shown.add_column(heading, justify="right")
    for name, label in ROWS:
        figures = report["latency_ms"][name]
        shown.add_row(label, *(_cell(figures[key]) for key in ("p50", "p95", "p99", "max", "count")))
    baseline = report["baseline_finals_only"]["word_to_forward"]
    shown.add_row("had only finals been sent", _cell(baseline["p50"]), _cell(baseline["p95"]), "", "", "")
    return shown


def verdicts(report: dict[str, Any]) -> list[str]:
    """One line a listener: what it missed, if anything."""
    lines = []
    for name, listener in report["listeners"].items():
        faults = [
            f"{listener[key]} {key.removesuffix('_words')}"
            for key in ("omitted_words", "duplicated_words", "wrong_words")
            if listener[key]
        ]
        lines.append(f"{name}: {'every word, once' if not faults else ', '.join(faults) + ' words'}")
    return lines


def _cell(value: int | None) -> str:
    return "-" if value is None else str(value)
