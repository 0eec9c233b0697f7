"""The sandbox's own requests to the control plane. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.edge.http import HttpRequest


def follow_clock(ahead_ms: int) -> HttpRequest:
    """How far the sandbox's clock is ahead of this machine's: queues hide and delay messages by the clock that this
    gives."""
    return _post("/_sandbox/clock", ahead_ms)


def order_failures(orders: Sequence[Mapping[str, Any]]) -> HttpRequest:
    """Services that are to fail, as `FailingServices.order` takes it; without any, all of them answer again."""
    return _post("/_sandbox/failures", list(orders))


def _post(path: str, document: Any) -> HttpRequest:
    return HttpRequest(
        method="POST", host="localhost", path=path, query="", headers=(("Host", "localhost"),),
        body=json.dumps(document).encode(), source_ip="127.0.0.1",
    )  # fmt: skip
