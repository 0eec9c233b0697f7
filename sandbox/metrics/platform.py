"""AWS/Lambda's own metrics, and API Gateway's and EventBridge's, from what the journal says of each invocation. Pure.

Source: Lambda developer guide, "Types of metrics for Lambda functions".
"""

from collections.abc import Mapping
from typing import Any

from sandbox.metrics import api_gateway, event_bridge
from sandbox.metrics.emf import Datum

NAMESPACE = "AWS/Lambda"
SOURCES = ("gateway.", "schedule.", "lambda.")
"""How the kinds of events begin that are counted."""
_COUNTED = {
    "lambda.throttled": "Throttles", "lambda.event_dropped": "AsyncEventsDropped",
    "lambda.recursion_stopped": "RecursiveInvocationsDropped", "lambda.event_not_told": "DestinationDeliveryFailures",
}  # fmt: skip
_OF_AN_END = (("Invocations", "Count"), ("Errors", "Count"), ("Duration", "Milliseconds"))


def read(event: Mapping[str, Any], *, now_ms: int) -> list[Datum]:
    """The data points of one event of the journal; none for most."""
    if event["kind"].startswith("gateway."):
        return api_gateway.read(event, now_ms=now_ms)
    if event["kind"].startswith("schedule."):
        return event_bridge.read(event, now_ms=now_ms)
    counted = _COUNTED.get(event["kind"])
    if counted is not None:
        return [_datum(event, counted, "Count", 1, now_ms)]
    if event["kind"] != "lambda.end":
        return []
    values = {"Invocations": 1, "Errors": int(event["status"] != "ok"), "Duration": event["durationMs"]}
    return [_datum(event, name, unit, values[name], now_ms) for name, unit in _OF_AN_END]


def _datum(event: Mapping[str, Any], name: str, unit: str, value: float, now_ms: int) -> Datum:
    return Datum(
        namespace=NAMESPACE,
        name=name,
        unit=unit,
        dimensions=(("FunctionName", event["function"]),),
        values=(float(value),),
        timestamp_ms=now_ms,
    )
