"""Metrics in the journal: a data point as an event, in thousandths, since a journal has integers alone. Pure."""

from typing import Any

from sandbox.metrics.emf import Datum


def about(datum: Datum) -> dict[str, Any]:
    """The data of a `metric` event."""
    return {
        "namespace": datum.namespace,
        "name": datum.name,
        "unit": datum.unit,
        "dimensions": dict(datum.dimensions),
        "count": len(datum.values),
        "sum": round(sum(datum.values)),
        "valuesMilli": [round(value * 1000) for value in datum.values],
    }
