"""AWS/Events' metrics of rules, from what the journal says of each run. Pure.

Source: EventBridge user guide, "Monitoring Amazon EventBridge": rules that ran, and events that no retry delivered
(E-06), for each rule.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.metrics.emf import Datum

NAMESPACE = "AWS/Events"
_COUNTED = {"schedule.fired": "TriggeredRules", "schedule.failed": "FailedInvocations"}


def read(event: Mapping[str, Any], *, now_ms: int) -> list[Datum]:
    """The data points of one event of the journal; none for most."""
    name = _COUNTED.get(event["kind"])
    if name is None:
        return []
    dimensions = (("RuleName", event["rule"]),)
    return [
        Datum(namespace=NAMESPACE, name=name, unit="Count", dimensions=dimensions, values=(1.0,), timestamp_ms=now_ms)
    ]
