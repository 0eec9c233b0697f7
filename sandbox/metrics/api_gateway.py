"""AWS/ApiGateway's metrics of WebSocket APIs, from what the journal says of each connection and message. Pure.

Source: API Gateway developer guide, "Monitor WebSocket API execution with CloudWatch metrics" (WS-58). Detailed metrics
of routes and the integrations' latency are not among them.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.metrics.emf import Datum

NAMESPACE = "AWS/ApiGateway"
_COUNTED = {"gateway.connect": "ConnectCount", "gateway.frame_in": "MessageCount", "gateway.frame_out": "MessageCount"}


def read(event: Mapping[str, Any], *, now_ms: int) -> list[Datum]:
    """The data points of one event of the journal, for the API and for its stage; none for most."""
    names = [name for name in (_COUNTED.get(event["kind"]), event.get("fault")) if name is not None]
    if not names or "apiId" not in event:
        return []
    api, stage = ("ApiId", event["apiId"]), ("Stage", event["stage"])
    return [
        Datum(
            namespace=NAMESPACE, name=name, unit="Count", dimensions=dimensions, values=(1.0,), timestamp_ms=now_ms
        )
        for name in names
        for dimensions in ((api,), (api, stage))
    ]  # fmt: skip
