"""The values of every metric, as an alarm asks for them. Pure.

A metric is its namespace, name and exact set of dimensions, and each of its units is a series of its own (C-04). Data
points are values at epoch milliseconds: of standard resolution at the beginning of their minute, of high resolution
where they came, for three hours (C-05).
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.metrics.emf import Datum

MINUTE_MS = 60_000
KEPT_MS = 15 * 24 * 3_600_000
"""Of data points of a minute (CloudWatch user guide, "Metrics retention"): longer than any alarm looks back."""
FINE_MS = 3 * 3_600_000
"""Data points of less than a minute are kept so long, and are then a minute's (the same)."""

Dimensions = Iterable[tuple[str, str]]
Key = tuple[str, str, frozenset[tuple[str, str]]]


def key(namespace: str, name: str, dimensions: Dimensions) -> Key:
    """What makes two metrics the same (C-04)."""
    return (namespace, name, frozenset(dimensions))


@dataclass(kw_only=True)
class _Points:
    at_ms: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    is_fine: bool = False
    _coarse_before_ms: int = 0

    def add(self, at_ms: int, value: float) -> None:
        if at_ms < self._coarse_before_ms:
            at_ms -= at_ms % MINUTE_MS
        if not self.at_ms or self.at_ms[-1] <= at_ms:
            self.at_ms.append(at_ms)
            self.values.append(value)
            return
        place = bisect_left(self.at_ms, at_ms + 1)
        self.at_ms.insert(place, at_ms)
        self.values.insert(place, value)

    def age(self) -> None:
        """Forget what is too old, and the seconds of what is not young."""
        newest_ms = self.at_ms[-1]
        if self.at_ms[0] < newest_ms - KEPT_MS:
            stale = bisect_left(self.at_ms, newest_ms - KEPT_MS)
            del self.at_ms[:stale], self.values[:stale]
        if self.is_fine and newest_ms - FINE_MS > self._coarse_before_ms:
            first = bisect_left(self.at_ms, self._coarse_before_ms)
            self._coarse_before_ms = newest_ms - FINE_MS
            for place in range(first, bisect_left(self.at_ms, self._coarse_before_ms)):
                self.at_ms[place] -= self.at_ms[place] % MINUTE_MS


class Series:
    """Every metric of one Region."""

    def __init__(self) -> None:
        self._points: dict[Key, dict[str, _Points]] = {}
        self._of_data: dict[tuple[str, str, tuple[tuple[str, str], ...], str], _Points] = {}
        """The same, as data name them: found without a key of its own for each."""

    def add(self, datum: Datum) -> None:
        """Take a metric's values at one moment."""
        named = (datum.namespace, datum.name, datum.dimensions, datum.unit)
        points = self._of_data.get(named)
        if points is None:
            units = self._points.setdefault(key(datum.namespace, datum.name, datum.dimensions), {})
            points = self._of_data[named] = units.setdefault(datum.unit, _Points())
        is_fine = datum.resolution_s < 60
        points.is_fine |= is_fine
        at_ms = datum.timestamp_ms if is_fine else datum.timestamp_ms - datum.timestamp_ms % MINUTE_MS
        for value in datum.values:
            points.add(at_ms, value)
        if points.at_ms:
            points.age()

    def values(
        self, namespace: str, name: str, dimensions: Dimensions, *, from_ms: int, to_ms: int, unit: str | None = None
    ) -> list[float]:
        """The values of [from_ms, to_ms): those of one unit in the order of their times, or of all units."""
        units = self._points.get(key(namespace, name, dimensions), {})
        wanted = list(units.values()) if unit is None else [units[unit]] if unit in units else []
        return [
            value
            for points in wanted
            for value in points.values[bisect_left(points.at_ms, from_ms) : bisect_left(points.at_ms, to_ms)]
        ]

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
