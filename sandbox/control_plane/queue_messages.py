"""The messages of queues, in the place of moto's: by the pure core, which the simulator uses too.

moto keeps the queues themselves (their attributes, tags and policies). Its own messages cost some milliseconds each and
more with every other in the queue, and a FIFO queue forgets a duplicate with its message.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue, QueueDoesNotExist
from moto.sqs.models import Queue as MotoQueue
from moto.sqs.models import SQSBackend, sqs_backends

from sandbox.queues import operations
from sandbox.queues.errors import QueueRefusal, missing_queue
from sandbox.queues.queue import Message, Queue, QueueSettings

PREFIX = "AmazonSQS."
LOOK_AGAIN_S = 1.0
"""How long a long poll may not notice what moto did by itself: a deleted queue, or a topic's message."""

Body = Mapping[str, Any]
Operation = Callable[["_Kept", Body], dict[str, Any]]


class _Kept:
    """The messages of one of moto's queues. `changed` guards them and wakes those who wait for more."""

    def __init__(self, queue: MotoQueue, now_ms: Callable[[], int]) -> None:
        self.moto = queue
        self._now_ms = now_ms
        self.queue = Queue(name=queue.name, settings=_settings(queue), draw_handle=_draw)
        self.changed = threading.Condition()

    def refresh(self) -> None:
        """Take over changed attributes, and messages that a topic or a rule has put into moto's queue."""
        self.queue.settings = _settings(self.moto)
        for message in self.moto._messages:
            self.queue.send(
                Message(
                    message_id=message.id,
                    body=message.body,
                    attributes={},
                    sent_ms=self._now_ms(),
                    visible_ms=self._now_ms(),
                    group=message.group_id or "",
                    deduplication=message.deduplication_id or "",
                )
            )
        self.moto._messages = []


class QueueMessages:
    """Answers the operations on messages; whatever it does not answer is moto's."""

    def __init__(self, *, account_id: str, now_ms: Callable[[], int]) -> None:
        self._account_id = account_id
        self._now_ms = now_ms
        self._operations: dict[str, Operation] = {
            "SendMessage": self._send,
            "SendMessageBatch": lambda kept, body: operations.batch(body, partial(self._send, kept)),
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": lambda kept, body: operations.batch(body, partial(self._delete, kept)),
            "ChangeMessageVisibility": self._change,
            "ChangeMessageVisibilityBatch": lambda kept, body: operations.batch(body, partial(self._change, kept)),
            "PurgeQueue": self._purge,
        }

    def operation(self, target: str) -> Operation | None:
        """What answers an `X-Amz-Target`, or None for what moto answers."""
        return self._operations.get(target.removeprefix(PREFIX)) if target.startswith(PREFIX) else None

    def answer(
        self, operation: Operation, body: bytes, region: str, trace_id: str | None
    ) -> tuple[str, Iterable[tuple[str, str]], bytes]:
        """Status, headers and content; `trace_id` is the sender's."""
        try:
            asked = operations.traced(json.loads(body or b"{}"), trace_id)
            kept = self._kept(str(asked.get("QueueUrl", "")), region)
            return (
                "200 OK",
                [("Content-Type", "application/x-amz-json-1.0")],
                json.dumps(operation(kept, asked)).encode(),
            )
        except (ValueError, TypeError, AttributeError):
            refusal = QueueRefusal("SerializationException", "SerializationException", "")
            return "400 Bad Request", refusal.headers, refusal.body
        except QueueRefusal as refusal:
            return "400 Bad Request", refusal.headers, refusal.body

    def _kept(self, url: str, region: str) -> _Kept:
        try:
            queue = sqs_backends[self._account_id][region].get_queue(url.rpartition("/")[2])
        except QueueDoesNotExist:
            raise missing_queue() from None
        return kept_of(queue, self._now_ms)

    def _send(self, kept: _Kept, body: Body) -> dict[str, Any]:
        with kept.changed:
            kept.refresh()
            _, answer = operations.send(kept.queue, body, now_ms=self._now_ms(), message_id=_draw())
            kept.changed.notify_all()
        return answer

    def _receive(self, kept: _Kept, body: Body) -> dict[str, Any]:
        operations.check_receive(body)
        with kept.changed:
            kept.refresh()
            until_ms = self._now_ms() + operations.wait_ms(kept.queue, body)
            while True:
                now_ms = self._now_ms()
                found = operations.receive(kept.queue, body, now_ms=now_ms)
                dead, kept.queue.dead = kept.queue.dead, []
                if found or now_ms >= until_ms:
                    break
                due_ms = min(kept.queue.next_visible_ms() or until_ms, until_ms)
                kept.changed.wait(min((due_ms - now_ms) / 1000, LOOK_AGAIN_S))
                if kept.moto.name not in sqs_backends[self._account_id][kept.moto.region].queues:
                    raise missing_queue()
                kept.refresh()
        if dead and kept.moto.dead_letter_queue is not None:
            self._bury(dead, kept_of(kept.moto.dead_letter_queue, self._now_ms))
        return {"Messages": found} if found else {}

    def _delete(self, kept: _Kept, body: Body) -> dict[str, Any]:
        with kept.changed:
            answer = operations.delete(kept.queue, body, now_ms=self._now_ms())
            # The rest of a FIFO message's group can be had.
            kept.changed.notify_all()
        return answer

    def _change(self, kept: _Kept, body: Body) -> dict[str, Any]:
        with kept.changed:
            answer = operations.change_visibility(kept.queue, body, now_ms=self._now_ms())
            kept.changed.notify_all()
        return answer

    def _purge(self, kept: _Kept, _body: Body) -> dict[str, Any]:
        with kept.changed:
            kept.refresh()
            kept.queue.purge()
        return {}

    def _bury(self, dead: list[Message], target: _Kept) -> None:
        with target.changed:
            for message in dead:
                message.received, message.visible_ms = 0, self._now_ms()
                target.queue.send(message)
            target.changed.notify_all()


def wake(queue: MotoQueue) -> None:
    """The clock was moved, or the queue is gone: whoever waits for a message of it looks again."""
    kept: _Kept | None = getattr(queue, "kept_messages", None)
    if kept is not None:
        with kept.changed:
            kept.changed.notify_all()


def install(now_ms: Callable[[], int]) -> None:
    """Have moto's queues count the messages that are kept here, and no others, once a process."""
    counted = (
        "approximate_number_of_messages",
        "approximate_number_of_messages_not_visible",
        "approximate_number_of_messages_delayed",
    )

    def counting(index: int) -> property:
        def count(queue: MotoQueue) -> int:
            kept = kept_of(queue, now_ms)
            with kept.changed:
                kept.refresh()
                return kept.queue.census(now_ms())[index]

        return property(count)

    for index, name in enumerate(counted):
        setattr(MotoQueue, name, counting(index))
    for name in ("receive_message", "delete_message", "change_message_visibility"):
        setattr(SQSBackend, name, _refused)
    delete = SQSBackend.delete_queue

    def told(backend: SQSBackend, queue_name: str) -> None:
        queue = backend.queues.get(queue_name)
        delete(backend, queue_name)
        if queue is not None:
            wake(queue)

    SQSBackend.delete_queue = told


def _refused(_backend: SQSBackend, _queue_name: str, *_given: Any, **_named: Any) -> Any:
    """moto's own operation, which requests of the older query protocol reach: it does not have these messages."""
    raise InvalidParameterValue("expected SQS's JSON protocol, which SDKs speak since November 2023: update the client")


_MAKING = threading.Lock()


def kept_of(queue: MotoQueue, now_ms: Callable[[], int]) -> _Kept:
    """What is kept for a queue, for as long as moto has it."""
    kept: _Kept | None = getattr(queue, "kept_messages", None)
    if kept is None:
        with _MAKING:
            kept = getattr(queue, "kept_messages", None)
            if kept is None:
                kept = queue.kept_messages = _Kept(queue, now_ms)
    return kept


def _settings(queue: MotoQueue) -> QueueSettings:
    redrive = queue.redrive_policy or {}
    return QueueSettings(
        visibility_ms=int(queue.visibility_timeout) * 1000,
        delay_ms=int(queue.delay_seconds) * 1000,
        retention_ms=int(queue.message_retention_period) * 1000,
        wait_ms=int(queue.receive_message_wait_time_seconds) * 1000,
        dead_letter_arn=str(redrive.get("deadLetterTargetArn", "")),
        most_receives=int(redrive.get("maxReceiveCount", 0)),
        fifo=bool(queue.fifo_queue),
        content_deduplication=_is_true(queue.content_based_deduplication),
        deduplicates_by_group=queue.deduplication_scope == "messageGroup",
    )


def _is_true(attribute: Any) -> bool:
    return str(attribute).lower() == "true"


def _draw() -> str:
    return str(uuid.uuid4())
