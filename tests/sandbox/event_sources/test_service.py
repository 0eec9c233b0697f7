"""Queues' messages reach their functions in batches, several at once, and only what was dealt with is deleted."""

import asyncio
import json
from typing import Any

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, EventSource
from sandbox.event_sources.queue_client import QueueCallError
from sandbox.event_sources.service import BATCHES_AT_ONCE, ELSEWHERE_WAIT_S, POLL_WAIT_S, EventSources
from sandbox.functions.invocation import Outcome
from sandbox.journal import Journal

ARN = "arn:aws:sqs:us-east-1:123456789012:q"


class Queue:
    """A queue that gives what it has, and then waits for ever."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = list(bodies)
        self.deleted: list[list[str]] = []
        self.refuses = False

    async def url(self, _arn: str) -> str:
        return "url"

    async def receive(self, _url: str, *, most: int, wait_s: int, access_key: str) -> list[dict[str, Any]]:
        if not self.waiting:
            if wait_s < 10:
                return []
            await asyncio.Event().wait()
        given, self.waiting = self.waiting[:most], self.waiting[most:]
        return [
            {"MessageId": body, "ReceiptHandle": f"r-{body}", "Body": body, "MD5OfBody": "m", "Attributes": {}}
            for body in given
        ]

    async def delete(self, _url: str, receipts: list[str], *, access_key: str) -> None:
        if self.refuses:
            raise QueueCallError("DeleteMessageBatch", 400, "no")
        self.deleted.append(receipts)


class House:
    """Event sources with one mapping; an invocation ends when `go` is set."""

    def __init__(self, queue: Queue, *, poll_wait_s: int = POLL_WAIT_S, **about) -> None:
        self.queue = queue
        self.go = asyncio.Event()
        self.invoked: list[list[str]] = []
        self.events: list[dict] = []
        clock = LiveClock()
        journal = Journal(clock)
        journal.subscribe(self.events.append)
        self.sources = EventSources(queues=queue, journal=journal, invoke=self.invoke, poll_wait_s=poll_wait_s)  # type: ignore[arg-type]
        given = {"mapping_id": "m", "function_arn": "f", "queue_arn": ARN, "batch_size": 1, **about}
        mapping = EventSource(**given)
        self.sources.apply(Definitions(revision=1, account_id="1", region="us-east-1", event_sources={"m": mapping}))

    async def invoke(self, invocation):
        self.invoked.append([record["body"] for record in json.loads(invocation.payload)["Records"]])
        await self.go.wait()
        return Outcome(status=200, payload=b"null")


async def turns(count: int = 40) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def in_house(queue: Queue, act, **about):
    async def run():
        house = House(queue, **about)
        await turns()
        try:
            return await act(house)
        finally:
            await house.sources.stop()

    return asyncio.run(run())


def test_five_batches_are_under_way_at_once_and_no_more():
    """A slow batch does not hold up the next; the sixth waits in the queue."""
    queue = Queue(*map(str, range(8)))

    async def act(house):
        before = len(house.invoked)
        house.go.set()
        await turns()
        return before, len(house.invoked)

    assert in_house(queue, act) == (BATCHES_AT_ONCE, 8)
    assert sorted(queue.deleted) == sorted([f"r-{number}"] for number in range(8))


class EmptyQueue(Queue):
    """One that notes how long it is asked to wait."""

    waited_s: int | None = None

    async def receive(self, _url: str, *, most: int, wait_s: int, access_key: str) -> list[dict[str, Any]]:
        self.waited_s = wait_s
        await asyncio.Event().wait()
        return []


def test_a_poll_waits_as_long_as_its_place_lets_it():
    """Another backend may give messages to polls of a sandbox that has ended, so none lasts long there."""

    async def act(house):
        return house.queue.waited_s

    assert in_house(EmptyQueue(), act) == POLL_WAIT_S
    assert in_house(EmptyQueue(), act, poll_wait_s=ELSEWHERE_WAIT_S) == ELSEWHERE_WAIT_S


def test_a_mapping_may_ask_for_less_at_once():
    """ScalingConfig: MaximumConcurrency."""

    async def act(house):
        return len(house.invoked)

    assert in_house(Queue("a", "b", "c"), act, maximum_concurrency=2) == 2


def test_a_fifo_queue_has_one_batch_under_way():
    """Q-03: what comes next hangs on how this one ends."""

    async def act(house):
        return house.invoked

    assert in_house(Queue("a", "b"), act, queue_arn=f"{ARN}.fifo") == [["a"]]


def test_a_batch_is_gathered_within_its_window():
    """MaximumBatchingWindowInSeconds: several receives, up to the batch's size; deleted ten at a time."""
    queue = Queue(*map(str, range(25)))

    async def act(house):
        house.go.set()
        await turns()
        return [len(batch) for batch in house.invoked]

    assert in_house(queue, act, batch_size=25, window_s=5) == [25]
    assert [len(part) for part in queue.deleted] == [10, 10, 5]


def test_without_a_window_a_batch_is_what_one_receive_has():
    """Ten at most."""

    async def act(house):
        house.go.set()
        await turns()
        return [len(batch) for batch in house.invoked]

    assert in_house(Queue(*map(str, range(12))), act, batch_size=10) == [10, 2]


def test_a_deletion_that_is_refused_is_noted():
    """The messages come again, as they do on AWS."""
    queue = Queue("a")
    queue.refuses = True

    async def act(house):
        house.go.set()
        await turns()
        return [event["kind"] for event in house.events]

    assert in_house(queue, act) == ["event_source.batch", "event_source.refused"]
