"""Functions' lines are in CloudWatch Logs before anybody reads there, once each."""

import asyncio
import json

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.functions.log_book import LogLine
from sandbox.live.function_logs import SENT_AT, FunctionLogs

READ = HttpRequest(method="POST", host="logs", path="/", query="", headers=(), body=b"read", source_ip="127.0.0.1")


class House:
    """Some lines, and what is sent to the control plane."""

    def __init__(self, lines: int) -> None:
        self.lines: list[LogLine] = []
        self.sent: list[HttpRequest] = []
        self.write(lines)

    def write(self, lines: int) -> None:
        for number in range(len(self.lines) + 1, len(self.lines) + lines + 1):
            line = LogLine(number=number, function="f", stream="s", at_ms=number, line=f"l{number}", request_id=None)
            self.lines.append(line)

    def after(self, number: int) -> list[LogLine]:
        return self.lines[number:]

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        return HttpResponse(status=200)


def test_a_reader_finds_what_was_written_before():
    """The lines go first, each once."""
    house = House(2)

    async def run():
        logs = FunctionLogs(house.after, house.send)
        await logs.handle(READ)
        house.write(1)
        await logs.handle(READ)
        await logs.handle(READ)

    asyncio.run(run())
    assert [request.path for request in house.sent] == ["/_sandbox/logs", "/", "/_sandbox/logs", "/", "/"]
    events = [event for request in house.sent if request.body != b"read" for event in json.loads(request.body)]
    assert [event["message"] for event in events] == ["l1", "l2", "l3"]
    assert events[0] == {"group": "/aws/lambda/f", "stream": "s", "timestamp": 1, "message": "l1"}


def test_many_lines_do_not_wait_for_a_reader():
    """The data plane keeps a few thousand only."""

    async def sent(lines: int) -> int:
        house = House(lines)
        await FunctionLogs(house.after, house.send).flush_many()
        return len(house.sent)

    assert (asyncio.run(sent(SENT_AT - 1)), asyncio.run(sent(SENT_AT))) == (0, 1)
