"""The values of every metric, as an alarm asks for them. Pure.

A metric is its namespace, name and exact set of dimensions (C-04); its data points are values at epoch milliseconds.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.metrics.emf import Datum

KEPT_MS = 24 * 3600 * 1000
"""Longer than any alarm looks back: an evaluation range of at most one day (CloudWatch, PutMetricAlarm)."""

Dimensions = Iterable[tuple[str, str]]
Key = tuple[str, str, frozenset[tuple[str, str]]]


def key(namespace: str, name: str, dimensions: Dimensions) -> Key:
    """What makes two metrics the same (C-04)."""
    return (namespace, name, frozenset(dimensions))


@dataclass(kw_only=True)
class _Points:
    at_ms: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


class Series:
    """Every metric of one Region."""

    def __init__(self) -> None:
        self._points: dict[Key, _Points] = {}

    def add(self, datum: Datum) -> None:
        """Take a metric's values at one moment."""
        points = self._points.setdefault(key(datum.namespace, datum.name, datum.dimensions), _Points())
        for value in datum.values:
            if not points.at_ms or points.at_ms[-1] <= datum.timestamp_ms:
                points.at_ms.append(datum.timestamp_ms)
                points.values.append(value)
                continue
            place = bisect_left(points.at_ms, datum.timestamp_ms + 1)
            points.at_ms.insert(place, datum.timestamp_ms)
            points.values.insert(place, value)
        if points.at_ms and points.at_ms[0] < points.at_ms[-1] - KEPT_MS:
            stale = bisect_left(points.at_ms, points.at_ms[-1] - KEPT_MS)
            del points.at_ms[:stale], points.values[:stale]

    def values(self, namespace: str, name: str, dimensions: Dimensions, *, from_ms: int, to_ms: int) -> list[float]:
        """The values of [from_ms, to_ms), in the order of their times."""
        points = self._points.get(key(namespace, name, dimensions))
        if points is None:
            return []
        return points.values[bisect_left(points.at_ms, from_ms) : bisect_left(points.at_ms, to_ms)]

    def names(self) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
        """Every metric that has ever had a value."""
        return sorted((space, name, tuple(sorted(dimensions))) for space, name, dimensions in self._points)


def reduce(values: Sequence[float], statistic: str) -> float | None:
    """One statistic of a period's values: Sum, Average, Minimum, Maximum, SampleCount or pNN; None without values.

    A percentile lies between the two nearest values, in proportion.
    """
    if not values:
        return None
    match statistic:
        case "Sum":
            return math.fsum(values)
        case "Average":
            return math.fsum(values) / len(values)
        case "Minimum":
            return min(values)
        case "Maximum":
            return max(values)
        case "SampleCount":
            return float(len(values))
        case _:
            ordered = sorted(values)
            place = (len(ordered) - 1) * float(statistic.removeprefix("p")) / 100
            low = math.floor(place)
            high = min(low + 1, len(ordered) - 1)
            return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
