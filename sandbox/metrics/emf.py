"""CloudWatch embedded metric format: a log line that is one JSON object becomes data points. Pure.

C-12: at most 100 metrics a directive, targets on the root node.
"""

import json
from dataclasses import dataclass
from typing import Any

METRICS_PER_DIRECTIVE = 100
"""Embedded metric format specification, "MetricDirective object"."""


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One metric's values at one moment, for one set of dimensions."""

    namespace: str
    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    values: tuple[float, ...]
    timestamp_ms: int


def read(line: str) -> list[Datum]:
    """The data points of one log line; empty for a line that is not embedded metric format."""
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line[line.index("{") :])
        directives = document["_aws"]["CloudWatchMetrics"]
        timestamp_ms = int(document["_aws"]["Timestamp"])
    except (ValueError, KeyError, TypeError):
        return []
    return [datum for directive in directives for datum in _directive(document, directive, timestamp_ms)]


def _directive(document: dict[str, Any], directive: dict[str, Any], timestamp_ms: int) -> list[Datum]:
    data = []
    for metric in directive.get("Metrics", [])[:METRICS_PER_DIRECTIVE]:
        target = document.get(metric["Name"])
        values = _numbers(target if isinstance(target, list) else [target])
        if not values:
            continue
        for names in directive.get("Dimensions", [[]]):
            if all(name in document for name in names):
                data.append(
                    Datum(
                        namespace=directive["Namespace"],
                        name=metric["Name"],
                        unit=metric.get("Unit", "None"),
                        dimensions=tuple((name, str(document[name])) for name in names),
                        values=values,
                        timestamp_ms=timestamp_ms,
                    )
                )
    return data


def _numbers(values: list[Any]) -> tuple[float, ...]:
    """The values as floats; empty when one of them is not a number."""
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return ()
    return tuple(float(value) for value in values)
