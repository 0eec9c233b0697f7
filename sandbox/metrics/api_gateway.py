"""AWS/ApiGateway's metrics of WebSocket APIs, from what the journal says of each connection and message. Pure.

Source: API Gateway developer guide, "Monitor WebSocket API execution with CloudWatch metrics" (WS-58): `ConnectCount`
is of what is sent to `$connect`'s integration, `IntegrationLatency` is none of callbacks. A route is counted by itself
where detailed metrics are on.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.metrics.emf import Datum

NAMESPACE = "AWS/ApiGateway"
_COUNTED = {"gateway.connect": "ConnectCount", "gateway.frame_in": "MessageCount", "gateway.frame_out": "MessageCount"}
_BEFORE_THE_INTEGRATION = "ClientError"


def read(event: Mapping[str, Any], *, now_ms: int) -> list[Datum]:
    """The data points of one event of the journal, for the API, its stage and perhaps its route; none for most."""
    counted, fault = _COUNTED.get(event["kind"]), event.get("fault")
    if counted == "ConnectCount" and fault == _BEFORE_THE_INTEGRATION:
        counted = None
    values = [(name, "Count", 1.0) for name in (counted, fault) if name is not None]
    if event["kind"] == "gateway.integration":
        values.append(("IntegrationLatency", "Milliseconds", float(event["latencyMs"])))
    if not values or "apiId" not in event:
        return []
    api, stage = ("ApiId", event["apiId"]), ("Stage", event["stage"])
    sets: list[tuple[tuple[str, str], ...]] = [(api,), (api, stage)]
    if event.get("detailed"):
        sets.append((api, stage, ("Route", event["routeKey"])))
    return [
        Datum(namespace=NAMESPACE, name=name, unit=unit, dimensions=one, values=(value,), timestamp_ms=now_ms)
        for name, unit, value in values
        for one in sets
    ]
