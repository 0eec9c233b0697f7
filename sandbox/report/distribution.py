"""Quantiles of integer milliseconds, null where there are too few values to mean anything."""

from collections.abc import Iterable
from typing import Any

P95_NEEDS = 200
P99_NEEDS = 1000


def quantile(ordered: list[int], q: float) -> int:
    """The nearest-rank quantile of a sorted, non-empty list."""
    return ordered[min(len(ordered) - 1, max(0, -(-int(q * 1000) * len(ordered) // 1000) - 1))]


def distribution(values: Iterable[int]) -> dict[str, Any]:
    """`{"p50", "p95", "p99", "max", "count"}`; p95 needs 200 values and p99 1,000, else they are null."""
    ordered = sorted(values)
    count = len(ordered)
    return {
        "p50": quantile(ordered, 0.5) if ordered else None,
        "p95": quantile(ordered, 0.95) if count >= P95_NEEDS else None,
        "p99": quantile(ordered, 0.99) if count >= P99_NEEDS else None,
        "max": ordered[-1] if ordered else None,
        "count": count,
    }
