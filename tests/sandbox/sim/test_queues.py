"""A simulation's queues carry what SQS's do."""

import asyncio
import json
from typing import Any

from sandbox.edge.http import HttpRequest
from sandbox.sim.queues import Queues

TRACE = "Root=1-12345678-123456789012345678901234;Lineage=1:12345678:3"


def asked(operation: str, body: dict[str, Any], *more: tuple[str, str]) -> HttpRequest:
    return HttpRequest(
        method="POST", host="sqs", path="/", query="", source_ip="127.0.0.1", body=json.dumps(body).encode(),
        headers=(("X-Amz-Target", f"AmazonSQS.{operation}"), *more),
    )  # fmt: skip


def test_a_senders_trace_travels_with_its_messages():
    """L-33: so that a chain of invocations through queues ends in a simulation too."""
    queues = Queues(now_ms=lambda: 0, draw_id=iter("abcdefgh").__next__, region="us-east-1", account_id="1")
    url = queues.create("q", {})

    async def act() -> list[str | None]:
        await queues.handle(asked("SendMessage", {"QueueUrl": url, "MessageBody": "a"}, ("X-Amzn-Trace-Id", TRACE)))
        await queues.handle(asked("SendMessage", {"QueueUrl": url, "MessageBody": "b"}))
        wanted = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"]}
        answer = await queues.handle(asked("ReceiveMessage", wanted))
        found = {one["Body"]: one["Attributes"].get("AWSTraceHeader") for one in json.loads(answer.body)["Messages"]}
        return [found["a"], found["b"]]

    assert asyncio.run(act()) == [TRACE, None]
