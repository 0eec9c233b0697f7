"""What functions wrote, in moto's CloudWatch Logs, so that every client of it finds their groups and streams."""

from typing import Any

from moto.logs.models import logs_backends

EVENTS_KEPT = 10_000
"""Of one stream, the newest: the journals of runs have all, and this process keeps what it has in memory."""


class FunctionLogs:
    """The log groups of one account and Region."""

    def __init__(self, *, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def take(self, events: list[dict[str, Any]]) -> None:
        """Add events: `group`, `stream`, `timestamp` (epoch milliseconds) and `message` each, the oldest first.

        They are Lambda's own, so neither their age nor their being ahead of this machine's clock is asked.
        """
        backend = logs_backends[self._account_id][self._region]
        by_stream: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for event in events:
            by_stream.setdefault((event["group"], event["stream"]), []).append(event)
        for (group, name), found in by_stream.items():
            backend.ensure_log_group(group)
            streams = backend.groups[group].streams
            if name not in streams:
                backend.groups[group].create_log_stream(name)
            streams[name].put_log_events(found)
            del streams[name].events[:-EVENTS_KEPT]
