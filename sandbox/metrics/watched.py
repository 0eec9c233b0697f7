"""Which metrics somebody watches: those of the deployed alarms and on the deployed dashboards. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.definitions.model import Alarm, Dashboard, Definitions
from sandbox.metrics.series import Key, key


def watched(definitions: Definitions) -> list[dict[str, Any]]:
    """For the journal: each metric once, with the alarms that watch it; thresholds are in thousandths."""
    alarms: dict[Key, list[Alarm]] = {}
    for dashboard in definitions.dashboards.values():
        for shown in on_dashboard(dashboard):
            alarms.setdefault(shown, [])
    for alarm in definitions.alarms.values():
        alarms.setdefault(key(alarm.namespace, alarm.metric, alarm.dimensions), []).append(alarm)
    return [
        {
            "namespace": namespace,
            "name": name,
            "dimensions": dict(sorted(dimensions)),
            "alarms": [
                {
                    "alarm": alarm.name,
                    "statistic": alarm.statistic,
                    "comparison": alarm.comparison,
                    "thresholdMilli": round(alarm.threshold * 1000),
                    "periodS": alarm.period_s,
                }
                for alarm in watching
            ],
        }
        for (namespace, name, dimensions), watching in alarms.items()
    ]


def on_dashboard(dashboard: Dashboard) -> Iterator[Key]:
    """The metrics of a dashboard's graphs; `.` repeats what stands above (CloudWatch, "Dashboard body structure")."""
    try:
        widgets = json.loads(dashboard.body)["widgets"]
    except (ValueError, KeyError, TypeError):
        return
    for widget in widgets:
        above: list[str] = []
        for row in widget.get("properties", {}).get("metrics", []):
            texts = [one for one in row if isinstance(one, str)]
            texts = [above[place] if one == "." and place < len(above) else one for place, one in enumerate(texts)]
            above = texts
            if len(texts) >= 2:
                yield key(texts[0], texts[1], zip(texts[2::2], texts[3::2], strict=False))
