"""CloudWatch embedded metric format: a log line that is one JSON object becomes data points. Pure.

What the specification does not allow becomes no metric, as on CloudWatch (C-12): a directive without its members, more
than 100 metrics, more than 30 dimensions, a target that is not on the root node.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DOCUMENT_BYTES = 256 * 1024
METRICS_PER_DIRECTIVE = 100
DIMENSIONS_PER_SET = 30
VALUES_PER_TARGET = 100
"""Embedded metric format specification: "Embedded metric format document format", "DimensionSet array", "Target
members"."""


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One metric's values at one moment, for one set of dimensions.

    `resolution_s` is 1, or 60: standard resolution, where the moment is its minute (C-05).
    """

    namespace: str
    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    values: tuple[float, ...]
    timestamp_ms: int
    resolution_s: int = 60


def read(line: str) -> list[Datum]:
    """The data points of one log line; empty for a line that is not embedded metric format."""
    if '"_aws"' not in line:
        return []
    try:
        text = line[line.index("{") :]
        document = json.loads(text) if len(text.encode()) <= DOCUMENT_BYTES else {}
        directives = document["_aws"]["CloudWatchMetrics"]
        timestamp_ms = int(document["_aws"]["Timestamp"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    if not isinstance(directives, list):
        return []
    return [datum for directive in directives for datum in _directive(document, directive, timestamp_ms)]


def _directive(document: Mapping[str, Any], directive: Any, timestamp_ms: int) -> list[Datum]:
    if not isinstance(directive, Mapping) or not isinstance(directive.get("Namespace"), str):
        return []
    metrics, sets = directive.get("Metrics"), directive.get("Dimensions")
    if not isinstance(metrics, list) or len(metrics) > METRICS_PER_DIRECTIVE or not isinstance(sets, list):
        return []
    dimensions = [found for names in sets if (found := _dimensions(document, names)) is not None]
    data = []
    for metric in metrics:
        name = metric.get("Name") if isinstance(metric, Mapping) else None
        if not isinstance(name, str):
            continue
        target = document.get(name)
        values = _numbers(target if isinstance(target, list) else [target])
        data += [
            Datum(
                namespace=directive["Namespace"],
                name=name,
                unit=metric.get("Unit", "None"),
                dimensions=found,
                values=values,
                timestamp_ms=timestamp_ms,
                resolution_s=1 if metric.get("StorageResolution") == 1 else 60,
            )
            for found in dimensions
            if values
        ]
    return data


def _dimensions(document: Mapping[str, Any], names: Any) -> tuple[tuple[str, str], ...] | None:
    """One set of dimensions with its values; None for a set that is too large or has no value on the root node."""
    if not isinstance(names, list) or len(names) > DIMENSIONS_PER_SET:
        return None
    if not all(isinstance(name, str) and isinstance(document.get(name), str) for name in names):
        return None
    return tuple((name, document[name]) for name in names)


def _numbers(values: list[Any]) -> tuple[float, ...]:
    """The values as floats; empty when one of them is not a number, or when they are too many."""
    if len(values) > VALUES_PER_TARGET:
        return ()
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return ()
    return tuple(float(value) for value in values)
