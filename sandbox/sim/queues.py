"""The queues of a simulated world behind SQS's JSON protocol. Long polls wait on the loop, the rest is at once."""

import asyncio
import contextlib
import dataclasses
import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.queues import operations
from sandbox.queues.errors import QueueRefusal, missing_queue
from sandbox.queues.queue import Queue, QueueSettings

PREFIX = "AmazonSQS."
_JSON = ("Content-Type", "application/x-amz-json-1.0")
RECREATE_AFTER_MS = 60_000
"""CreateQueue: a name can be used again 60 seconds after its queue was deleted."""

Body = Mapping[str, Any]


class Queues:
    """Answers SQS's requests.

    `draw_id` gives message ids and handles; `is_doubled` has a message delivered twice, `late_ms` later.
    """

    def __init__(
        self,
        *,
        now_ms: Callable[[], int],
        draw_id: Callable[[], str],
        region: str,
        account_id: str,
        is_doubled: Callable[[], bool] = lambda: False,
        late_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        self._now_ms = now_ms
        self._draw_id = draw_id
        self._is_doubled = is_doubled
        self._late_ms = late_ms
        self._base = f"https://sqs.{region}.amazonaws.com/{account_id}/"
        self._arn = f"arn:aws:sqs:{region}:{account_id}:"
        self._queues: dict[str, Queue] = {}
        self._created_ms: dict[str, int] = {}
        self._deleted_ms: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = defaultdict(deque)
        """The long polls of each queue that wait, in the order of their beginning."""
        self._looks: dict[str, tuple[int, asyncio.TimerHandle]] = {}
        """When a poll of each queue will be let look again at what can be had only then."""

    def names(self) -> list[str]:
        """The queues that exist, for those who watch."""
        return sorted(self._queues)

    def counts(self, name: str) -> tuple[int, int]:
        """Visible messages and others of a queue."""
        return self._queues[name].counts(self._now_ms())

    def create(self, name: str, attributes: Mapping[str, Any]) -> str:
        """Make a queue with SQS's attributes; returns its URL."""
        self._queues[name] = Queue(name=name, settings=_settings(attributes), draw_handle=self._draw_id)
        self._created_ms[name] = self._now_ms()
        return self._base + name

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """One request of the JSON protocol."""
        operation = (request.header("X-Amz-Target") or "").removeprefix(PREFIX)
        asked = operations.traced(json.loads(request.body or b"{}"), request.header("X-Amzn-Trace-Id"))
        answer = await self.answer(operation, asked)
        if isinstance(answer, HttpResponse):
            return answer
        return HttpResponse(status=200, headers=(_JSON,), body=json.dumps(answer).encode())

    async def answer(self, operation: str, body: Body) -> dict[str, Any] | HttpResponse:
        """The document that answers an operation, or the refusal; a long poll waits for its message."""
        until_ms: int | None = None
        try:
            while (answer := self.answer_at_once(operation, body, until_ms=until_ms)) is None:
                queue = self._named(_queue_name(body))
                until_ms = until_ms or self._now_ms() + operations.wait_ms(queue, body)
                await self._something(queue, until_ms)
        except QueueRefusal as refusal:
            return HttpResponse(status=400, headers=refusal.headers, body=refusal.body)
        finally:
            if until_ms is not None:
                # What this one has left is another's.
                self._look(_queue_name(body))
        return answer

    def answer_at_once(
        self, operation: str, body: Body, *, until_ms: int | None = None
    ) -> dict[str, Any] | HttpResponse | None:
        """The document that answers an operation, or the refusal; None for a long poll that is to wait.

        `until_ms` is when the poll's wait ends, where it has begun.
        """
        try:
            return self._call(operation, body, until_ms)
        except QueueRefusal as refusal:
            return HttpResponse(status=400, headers=refusal.headers, body=refusal.body)

    def _call(self, operation: str, body: Body, until_ms: int | None) -> dict[str, Any] | None:
        match operation:
            case "CreateQueue":
                return self._create(body)
            case "GetQueueUrl":
                return {"QueueUrl": self._base + self._named(body["QueueName"]).name}
            case "ListQueues":
                prefix = body.get("QueueNamePrefix", "")
                return {"QueueUrls": [self._base + name for name in self.names() if name.startswith(prefix)]}
        name = _queue_name(body)
        queue = self._named(name)
        match operation:
            case "ReceiveMessage":
                return self._receive(queue, body, until_ms)
            case "SendMessage":
                return self._send(queue, body)
            case "SendMessageBatch":
                return operations.batch(body, partial(self._send, queue))
            case "DeleteMessage":
                return self._delete(queue, body)
            case "DeleteMessageBatch":
                return operations.batch(body, partial(self._delete, queue))
            case "ChangeMessageVisibility":
                return self._change(queue, body)
            case "ChangeMessageVisibilityBatch":
                return operations.batch(body, partial(self._change, queue))
            case "GetQueueAttributes":
                visible, other = queue.counts(self._now_ms())
                counts = {"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": other}
                shown = {name: str(count) for name, count in counts.items()}
                created_s = str(self._created_ms[name] // 1000)
                return {"Attributes": {**shown, "QueueArn": self._arn + name, "CreatedTimestamp": created_s}}
            case "DeleteQueue":
                return self._remove(name)
        raise QueueRefusal("UnknownOperationException", "InvalidAction", f"The action {operation} is not valid.")

    def _create(self, body: Body) -> dict[str, Any]:
        name = body["QueueName"]
        present = self._queues.get(name)
        settings = _settings(body.get("Attributes") or {})
        if present is not None and present.settings != settings:
            text = "A queue already exists with the same name and a different value for attribute VisibilityTimeout"
            raise QueueRefusal("QueueNameExists", "QueueAlreadyExists", text)
        if self._now_ms() < self._deleted_ms.get(name, -RECREATE_AFTER_MS) + RECREATE_AFTER_MS:
            text = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
            raise QueueRefusal("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", text)
        if present is None:
            self.create(name, body.get("Attributes") or {})
        return {"QueueUrl": self._base + name}

    def _remove(self, name: str) -> dict[str, Any]:
        del self._queues[name]
        self._deleted_ms[name] = self._now_ms()
        for poll in self._waiting.pop(name, ()):
            _wake(poll)
        return {}

    def _receive(self, queue: Queue, body: Body, until_ms: int | None) -> dict[str, Any] | None:
        operations.check_receive(body)
        now_ms = self._now_ms()
        found = operations.receive(queue, body, now_ms=now_ms)
        self._bury(queue)
        if found:
            return {"Messages": found}
        is_over = operations.wait_ms(queue, body) == 0 if until_ms is None else now_ms >= until_ms
        return {} if is_over else None

    async def _something(self, queue: Queue, until_ms: int) -> None:
        """Wait until the queue may have something for a poll, which waits until `until_ms`. Raises QueueRefusal."""
        loop, waiting = asyncio.get_running_loop(), self._waiting[queue.name]
        poll = loop.create_future()
        waiting.append(poll)
        self._look(queue.name)
        timer = loop.call_later((until_ms - self._now_ms()) / 1000, _wake, poll)
        try:
            await poll
        finally:
            timer.cancel()
            with contextlib.suppress(ValueError):
                waiting.remove(poll)
        if self._queues.get(queue.name) is not queue:
            raise missing_queue()

    def _look(self, name: str) -> None:
        """Let the poll that has waited for longest look for what can be had, now or once it can.

        One is enough: whoever has looked sees to it that another looks at what is left.
        """
        waiting, queue = self._waiting[name], self._queues.get(name)
        next_ms = queue.next_visible_ms() if waiting and queue is not None else None
        if next_ms is None:
            return
        rest_ms = next_ms - self._now_ms()
        if rest_ms <= 0:
            _wake(waiting.popleft())
            return
        if name in self._looks:
            at_ms, timer = self._looks[name]
            if at_ms <= next_ms:
                return
            timer.cancel()
        # Not the loop that runs: that may be of a function that sends.
        loop = waiting[0].get_loop()
        self._looks[name] = (next_ms, loop.call_later(rest_ms / 1000, self._look_now, name))

    def _look_now(self, name: str) -> None:
        del self._looks[name]
        self._look(name)

    def _delete(self, queue: Queue, body: Body) -> dict[str, Any]:
        answer = operations.delete(queue, body, now_ms=self._now_ms())
        if queue.settings.fifo:
            # The rest of the message's group can be had.
            self._look(queue.name)
        return answer

    def _send(self, queue: Queue, body: Body) -> dict[str, Any]:
        message, answer = operations.send(queue, body, now_ms=self._now_ms(), message_id=self._draw_id())
        message.visible_ms += self._late_ms()
        if self._is_doubled():
            queue.send(dataclasses.replace(message))
        self._look(queue.name)
        return answer

    def _change(self, queue: Queue, body: Body) -> dict[str, Any]:
        answer = operations.change_visibility(queue, body, now_ms=self._now_ms())
        self._look(queue.name)
        return answer

    def _bury(self, queue: Queue) -> None:
        target = self._queues.get(queue.settings.dead_letter_arn.rpartition(":")[2])
        for message in queue.dead:
            if target is not None:
                message.received, message.visible_ms = 0, self._now_ms()
                target.send(message)
        queue.dead.clear()

    def _named(self, name: str) -> Queue:
        if name not in self._queues:
            raise missing_queue()
        return self._queues[name]


def _wake(poll: "asyncio.Future[None]") -> None:
    if not poll.done():
        poll.set_result(None)


def _queue_name(body: Body) -> str:
    return str(body["QueueUrl"]).rpartition("/")[2]


def _settings(attributes: Mapping[str, Any]) -> QueueSettings:
    redrive = attributes.get("RedrivePolicy") or {}
    if isinstance(redrive, str):
        redrive = json.loads(redrive)
    return operations.settings(
        attributes,
        dead_letter_arn=str(redrive.get("deadLetterTargetArn", "")),
        most_receives=int(redrive.get("maxReceiveCount", 0)),
    )
