"""A run's metrics as rows, as text and as a section of a page with small plots. Pure."""

import html
from collections.abc import Sequence
from typing import Any

from sandbox.metrics.observed import Limit, Observed, never_emitted
from sandbox.report import plots
from sandbox.report.document import table

FIGURES = ("Sum", "Average", "p50", "p95", "Maximum")
HEADS = ("metric", "of", "unit", "values", "sum", "mean", "p50", "p95", "max", "alarm")


def row(one: Observed) -> dict[str, Any]:
    """One metric as JSON; figures are null where nothing came."""
    return {
        "namespace": one.namespace,
        "name": one.name,
        "dimensions": one.dimensions,
        "unit": one.unit,
        "watched": one.watched,
        "count": len(one.samples),
        **{statistic.lower(): _rounded(one.figure(statistic)) for statistic in FIGURES},
        "alarms": [limit.alarm for limit in one.limits],
    }


def rows(observed: Sequence[Observed]) -> list[list[str]]:
    """The cells under HEADS of every metric that came; a count has a sum, and everything else has a distribution."""
    return [
        [
            one.name,
            next(iter(one.dimensions.values()), one.namespace),
            "" if one.unit == "None" else one.unit,
            str(len(one.samples)),
            *_figures(one),
            "; ".join(map(words, one.limits)),
        ]
        for one in observed
        if one.samples
    ]


def lines(observed: Sequence[Observed]) -> list[tuple[str, str, str]]:
    """For a terminal: each metric that came, whose it is, and its figures in words."""
    return [
        (one.name, next(iter(one.dimensions.values()), one.namespace), _said(one)) for one in observed if one.samples
    ]


def section(observed: Sequence[Observed], *, span_ms: int) -> str:
    """The section of a page: what never came, a plot of each metric, and the table."""
    missing = [f"<code>{html.escape(_title(one))}</code>" for one in never_emitted(observed)]
    told = f"<p>Never emitted: {', '.join(missing)}.</p>" if missing else "<p>Every watched metric was emitted.</p>"
    drawn = "".join(_plot(one, span_ms) for one in observed if one.samples)
    cells = [[html.escape(cell) for cell in line] for line in rows(observed)]
    return (
        f'<h2>Metrics</h2>{told}<div class="plots">{drawn}</div>'
        f'<p class="faint">A dashed line is an alarm\'s threshold.</p>{table(HEADS, cells, text=frozenset({1, 2, 9}))}'
    )


def words(limit: Limit) -> str:
    """`LambdaErrorAlarm: Sum > 5`."""
    return f"{limit.alarm}: {limit.statistic} {'<' if limit.below else '>'} {limit.threshold:g}"


def _figures(one: Observed) -> list[str]:
    if one.unit == "Count":
        return [_shown(one.figure("Sum")), "", "", "", _shown(one.figure("Maximum"))]
    return ["", *(_shown(one.figure(statistic)) for statistic in FIGURES[1:])]


def _plot(one: Observed, span_ms: int) -> str:
    if one.unit == "Count":
        drawn = plots.counts(one.samples, span_ms)
    else:
        drawn = plots.levels(one.samples, span_ms, one.limits[0].threshold if one.limits else None)
    said = "; ".join([_said(one), *map(words, one.limits)])
    return f'<div class="plot"><b>{html.escape(_title(one))}</b><p>{html.escape(said)}</p>{drawn}</div>'


def _said(one: Observed) -> str:
    if one.unit == "Count":
        return f"{_shown(one.figure('Sum'))} in all"
    unit = {"None": "", "Milliseconds": " ms", "Percent": " %"}.get(one.unit, f" {one.unit.lower()}")
    figures = {name: _shown(one.figure(name)) for name in ("p50", "p95", "Maximum")}
    return f"median {figures['p50']}, p95 {figures['p95']}, most {figures['Maximum']}{unit} ({len(one.samples)} values)"


def _title(one: Observed) -> str:
    """Lambda's own metrics mean nothing without the function's name."""
    return f"{one.name} of {one.dimensions['FunctionName']}" if one.namespace == "AWS/Lambda" else one.name


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".removesuffix(".0")
