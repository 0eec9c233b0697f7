"""`ports.Meter` as CloudWatch embedded metric format: lines on the standard output, no call on the hot path."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit


class EmfMeter:
    """Namespace and service come from Powertools' variables in the function's environment."""

    def __init__(self) -> None:
        self._metrics = Metrics()

    def count(self, name: str, value: int = 1) -> None:
        if value:
            self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)

    def time(self, name: str, value_ms: int) -> None:
        self._metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=value_ms)

    def level(self, name: str, value: float, unit: str) -> None:
        self._metrics.add_metric(name=name, unit=MetricUnit(unit), value=value)

    def flush(self) -> None:
        if self._metrics.metric_set:
            self._metrics.flush_metrics()
