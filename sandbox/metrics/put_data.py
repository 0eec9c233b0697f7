"""What a client puts into CloudWatch by PutMetricData, as data points. Pure.

Source: CloudWatch API reference, PutMetricData and MetricDatum, in the JSON protocol that AWS's SDKs speak.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.metrics.emf import Datum

VALUES_OF_A_DATUM = 10_000
"""More than a client gathers between two requests; what says that it stands for more is not taken, so that no request
fills this machine's memory."""


def read(parameters: Mapping[str, Any], *, now_ms: int) -> list[Datum]:
    """The data points of an accepted request; one without a time is of now."""
    return [_datum(parameters["Namespace"], one, now_ms) for one in parameters.get("MetricData") or ()]


def _datum(namespace: str, given: Mapping[str, Any], now_ms: int) -> Datum:
    at_s = given.get("Timestamp")
    return Datum(
        namespace=namespace,
        name=given["MetricName"],
        unit=given.get("Unit") or "None",
        dimensions=tuple((one["Name"], one["Value"]) for one in given.get("Dimensions") or ()),
        values=_values(given),
        timestamp_ms=now_ms if at_s is None else round(float(at_s) * 1000),
        resolution_s=1 if given.get("StorageResolution") == 1 else 60,
    )


def _values(given: Mapping[str, Any]) -> tuple[float, ...]:
    if given.get("Value") is not None:
        return (float(given["Value"]),)
    if given.get("Values"):
        counts = [int(count) for count in given.get("Counts") or [1] * len(given["Values"])]
        if sum(counts) > VALUES_OF_A_DATUM:
            return ()
        return tuple(float(value) for value, count in zip(given["Values"], counts, strict=True) for _ in range(count))
    return _of_statistics(given.get("StatisticValues") or {})


def _of_statistics(given: Mapping[str, Any]) -> tuple[float, ...]:
    """Values that have this count, sum, least and greatest: which they were is not known."""
    if not given:
        return ()
    count, total = int(given["SampleCount"]), float(given["Sum"])
    least, greatest = float(given["Minimum"]), float(given["Maximum"])
    if count > VALUES_OF_A_DATUM:
        return ()
    if count < 3:
        return ((total,), (least, greatest))[count - 1] if count else ()
    return (least, *([(total - least - greatest) / (count - 2)] * (count - 2)), greatest)
