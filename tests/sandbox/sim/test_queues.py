"""A simulation's queues carry what SQS's do."""

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine
from typing import Any

from sandbox.edge.http import HttpRequest
from sandbox.sim.event_loop import VirtualLoop
from sandbox.sim.queues import Queues
from sandbox.sim.scheduler import US_PER_S, Scheduler

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


WAITING = {"MaxNumberOfMessages": 1, "WaitTimeSeconds": 20, "VisibilityTimeout": 5}


def bodies(answer: object) -> list[str]:
    assert isinstance(answer, dict)
    return [one["Body"] for one in answer.get("Messages", [])]


def test_a_message_is_one_polls_and_the_next_one_the_others():
    """Two polls wait; each message wakes one of them."""
    polled: list[list[str]] = []

    async def story(queues: Queues, url: str) -> None:
        async def poll() -> None:
            polled.append(bodies(await queues.answer("ReceiveMessage", {"QueueUrl": url, **WAITING})))

        polls = [asyncio.create_task(poll()) for _ in range(2)]
        await asyncio.sleep(1)
        for text in ("first", "second"):
            queues.answer_at_once("SendMessage", {"QueueUrl": url, "MessageBody": text})
            await asyncio.sleep(1)
        await asyncio.gather(*polls)

    in_virtual_time(story)
    assert polled == [["first"], ["second"]]


def test_a_poll_that_waits_has_the_message_whose_receiver_let_it_become_visible_again():
    """Though it began to wait before that message had been sent."""
    had_ms: list[int] = []

    async def story(queues: Queues, url: str) -> None:
        began_s = asyncio.get_running_loop().time()

        async def poll() -> None:
            assert bodies(await queues.answer("ReceiveMessage", {"QueueUrl": url, **WAITING})) == ["one"]
            had_ms.append(round((asyncio.get_running_loop().time() - began_s) * 1000))

        polls = [asyncio.create_task(poll()) for _ in range(2)]
        await asyncio.sleep(1)
        queues.answer_at_once("SendMessage", {"QueueUrl": url, "MessageBody": "one"})
        await asyncio.gather(*polls)

    in_virtual_time(story)
    assert had_ms == [1_000, 6_000]


def in_virtual_time(story: Callable[[Queues, str], Coroutine[Any, Any, None]]) -> None:
    """A story with a queue, on a loop of its own."""
    scheduler = Scheduler(began_us=0)
    handles = map(str, itertools.count())
    done: list[bool] = []

    def live() -> None:
        queues = Queues(now_ms=lambda: scheduler.now_ms, draw_id=lambda: next(handles), region="r", account_id="1")
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(scheduler)) as runner:
            runner.run(story(queues, queues.create("q", {})))
        done.append(True)

    scheduler.spawn(live, name="story")
    assert scheduler.run(until=lambda: bool(done), limit_us=60 * US_PER_S)
