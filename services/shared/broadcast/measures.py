"""Metrics in CloudWatch's embedded metric format: log lines, no API call on the hot path."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@cache
def _metrics() -> Metrics:
    """Namespace and service come from the function's environment."""
    return Metrics()


def count(name: str, value: int = 1) -> None:
    _metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)


def milliseconds(name: str, value_ms: int) -> None:
    _metrics().add_metric(name=name, unit=MetricUnit.Milliseconds, value=value_ms)


def flush() -> None:
    """Write what there is; nothing where there is nothing."""
    if _metrics().metric_set:
        _metrics().flush_metrics()


def flushed(handler: Handler) -> Handler:
    """The handler, its metrics written when it ends, however it ends; nothing is written where there are none."""

    @wraps(handler)
    def with_metrics(event: dict[str, Any], context: object) -> dict[str, Any]:
        try:
            return handler(event, context)
        finally:
            flush()

    return with_metrics
