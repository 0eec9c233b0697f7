"""`report.html`: one page that opens offline. Pure: a report and its timeline in, text out."""

import html
import json
from collections.abc import Iterable
from typing import Any

from sandbox.report.document import document
from sandbox.report.timeline import Timeline, per_word

PIXELS_PER_S = 90
LANES = (("spoken", 30), ("stable", 70), ("released", 110), ("heard", 150))
COLOURS = {"spoken": "#555555", "stable": "#2a7f62", "released": "#1f5fa8", "heard": "#b0562c"}


def page(report: dict[str, Any], gathered: Timeline, *, title: str, metrics: str = "") -> str:
    """The whole page; `metrics` is that section's markup."""
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        _verdicts(report),
        "<h2>Latency, milliseconds</h2>",
        _table(report),
        "<h2>Timeline</h2><p>Each word when it was spoken, and when the recogniser first called it stable; "
        "each segment when the core released it, and when the first listener had it.</p>",
        f'<div class="scroll framed">{_timeline(gathered)}</div>',
        "<h2>How late words were heard</h2>",
        _histogram(report, gathered),
        "<h2>Counts</h2>",
        _pairs(report["counts"]),
        metrics,
        "<h2>The fake Transcribe's model</h2>",
        f"<pre>{html.escape(json.dumps(report['model'], indent=1))}</pre>",
    ]
    return document(title, "\n".join(parts))


def _verdicts(report: dict[str, Any]) -> str:
    rows = []
    for name, listener in report["listeners"].items():
        faults = {key: listener[f"{key}_words"] for key in ("omitted", "duplicated", "wrong")}
        told = ", ".join(f"{count} {key}" for key, count in faults.items() if count) or "every word, once"
        rows.append(f"<li>{html.escape(name)}: {html.escape(told)}</li>")
    return f"<ul>{''.join(rows)}</ul>"


def _table(report: dict[str, Any]) -> str:
    columns = ("p50", "p95", "p99", "max", "count")
    rows = [(name, [figures[key] for key in columns]) for name, figures in report["latency_ms"].items()]
    baseline = report["baseline_finals_only"]["word_to_forward"]
    rows.append(("word_to_forward, had only finals been sent", [baseline["p50"], baseline["p95"], None, None, None]))
    head = "".join(f"<th>{key}</th>" for key in ("", *columns))
    return f"<table><tr>{head}</tr>{''.join(_row(name, values) for name, values in rows)}</table>"


def _row(name: str, values: Iterable[Any]) -> str:
    cells = "".join(f"<td>{'' if value is None else value}</td>" for value in values)
    return f"<tr><td>{html.escape(name)}</td>{cells}</tr>"


def _pairs(values: dict[str, Any]) -> str:
    return f"<table>{''.join(_row(name, [value]) for name, value in values.items())}</table>"


def _timeline(gathered: Timeline) -> str:
    marks: list[tuple[str, int, str]] = [("spoken", one.ended_ms, one.word) for one in gathered.spoken]
    marks += [("stable", one.stable_ms, one.word) for one in gathered.stream_words if one.stable_ms is not None]
    marks += [("released", one.released_ms, one.source_text) for one in gathered.segments]
    first = next(iter(gathered.received.values()), [])
    marks += [("heard", one.received_ms, one.source_text) for one in first]
    if not marks:
        return ""
    begin_ms = min(at_ms for _, at_ms, _ in marks) - 500
    width = round((max(at_ms for _, at_ms, _ in marks) - begin_ms + 2500) / 1000 * PIXELS_PER_S)
    heights = dict(LANES)
    drawn = [
        f'<text x="4" y="{height - 12}" fill="{COLOURS[lane]}" font-weight="bold">{lane}</text>'
        for lane, height in LANES
    ]
    for lane, at_ms, text in marks:
        x, y = round((at_ms - begin_ms) / 1000 * PIXELS_PER_S, 1), heights[lane]
        drawn.append(
            f'<line x1="{x}" y1="{y - 8}" x2="{x}" y2="{y + 4}" stroke="{COLOURS[lane]}"/>'
            f'<text x="{x + 2}" y="{y + 2}" fill="{COLOURS[lane]}">{html.escape(text)}'
            f"<title>{at_ms} ms</title></text>"
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="180">{"".join(drawn)}</svg>'


def _histogram(report: dict[str, Any], gathered: Timeline, *, bin_ms: int = 250) -> str:
    """Bars of the words' latency to the first listener."""
    first = next(iter(gathered.received.values()), [])
    moments = per_word([(one.source_text, one.received_ms) for one in first], gathered.spoken)
    values = [at_ms - gathered.spoken[index].ended_ms for index, at_ms in moments.items()]
    if not values:
        return "<p>No word was heard.</p>"
    counts: dict[int, int] = {}
    for value in values:
        counts[value // bin_ms] = counts.get(value // bin_ms, 0) + 1
    most, bars = max(counts.values()), []
    for place, bin_number in enumerate(range(min(counts), max(counts) + 1)):
        count = counts.get(bin_number, 0)
        height = round(100 * count / most)
        bars.append(
            f'<rect x="{place * 46}" y="{110 - height}" width="40" height="{height}" fill="{COLOURS["heard"]}"/>'
            f'<text x="{place * 46}" y="125">{bin_number * bin_ms}</text>'
            f'<text x="{place * 46}" y="{106 - height}">{count or ""}</text>'
        )
    width = len(bars) * 46 + 20
    median = report["latency_ms"]["word_to_listener"]["p50"]
    return (
        f"<p>Words by milliseconds from their end to the first listener; the median is {median}.</p>"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="130">{"".join(bars)}</svg>'
    )
