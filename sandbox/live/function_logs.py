"""Functions' lines on their way to CloudWatch Logs: in batches, and before anybody reads there."""

import asyncio
import json
from collections.abc import Callable

from sandbox.edge.http import HttpRequest, HttpResponse, Route
from sandbox.functions.log_book import LogLine

SENT_AT = 500
"""As many lines are not left waiting: the data plane keeps a few thousand, and sending many at once would be felt."""


class FunctionLogs:
    """`lines` are those after a number; `send` is the way to the control plane."""

    def __init__(self, lines: Callable[[int], list[LogLine]], send: Route) -> None:
        self._lines = lines
        self._send = send
        self._sent = 0
        self._sending = asyncio.Lock()

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """A request to CloudWatch Logs: answered when everything written so far is there."""
        await self.flush()
        return await self._send(request)

    async def flush_many(self) -> None:
        """Send what waits, when that is a lot."""
        waiting = self._lines(self._sent)
        if len(waiting) >= SENT_AT:
            await self.flush()

    async def flush(self) -> None:
        """Send what waits."""
        async with self._sending:
            lines = self._lines(self._sent)
            if not lines:
                return
            self._sent = lines[-1].number
            events = [
                {
                    "group": f"/aws/lambda/{line.function}", "stream": line.stream, "timestamp": line.at_ms,
                    "message": line.line,
                }
                for line in lines
            ]  # fmt: skip
            await self._send(
                HttpRequest(
                    method="POST", host="localhost", path="/_sandbox/logs", query="", headers=(("Host", "localhost"),),
                    body=json.dumps(events).encode(), source_ip="127.0.0.1",
                )
            )  # fmt: skip
