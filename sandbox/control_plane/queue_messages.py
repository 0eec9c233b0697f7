"""The messages of queues, in the place of moto's: by the pure core, which the simulator uses too.

moto keeps the queues themselves (their attributes, tags and policies). Its own messages cost some milliseconds each and
more with every other in the queue, and a FIFO queue forgets a duplicate with its message.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue, QueueDoesNotExist
from moto.sqs.models import Queue as MotoQueue
from moto.sqs.models import SQSBackend, sqs_backends

from sandbox.control_plane.kept_messages import KeptMessages, drawn, kept_of, wake
from sandbox.control_plane.receive import Receive
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.permissions import calls
from sandbox.queues import operations
from sandbox.queues.errors import QueueRefusal, missing_queue

PREFIX = "AmazonSQS."
RECEIVE = "ReceiveMessage"
TRACE = "X-Amzn-Trace-Id"

Body = Mapping[str, Any]
Operation = Callable[[KeptMessages, Body], dict[str, Any]]


class QueueMessages:
    """Answers the operations on messages; whatever it does not answer is moto's."""

    def __init__(self, *, account_id: str, now_ms: Callable[[], int]) -> None:
        self._account_id = account_id
        self._now_ms = now_ms
        self._operations: dict[str, Operation] = {
            "SendMessage": self._send,
            "SendMessageBatch": lambda kept, body: operations.batch(body, partial(self._send, kept)),
            RECEIVE: lambda kept, body: Receive(kept, body, now_ms).blocking(),
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": lambda kept, body: operations.batch(body, partial(self._delete, kept)),
            "ChangeMessageVisibility": self._change,
            "ChangeMessageVisibilityBatch": lambda kept, body: operations.batch(body, partial(self._change, kept)),
            "PurgeQueue": self._purge,
        }

    def answers(self, target: str) -> bool:
        """Whether this answers an `X-Amz-Target`, and not moto."""
        return target.startswith(PREFIX) and target.removeprefix(PREFIX) in self._operations

    def answer(self, target: str, body: bytes, region: str, trace_id: str | None) -> HttpResponse:
        """The answer to a request; `trace_id` is the sender's. A receive may block."""
        try:
            return _answered(self._operations[target.removeprefix(PREFIX)](*self._asked(body, region, trace_id)))
        except (ValueError, TypeError, AttributeError):
            return _UNREADABLE
        except QueueRefusal as refusal:
            return _refusal(refusal)

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The same; None for a receive, which may wait, and for what is moto's."""
        target = request.header("X-Amz-Target") or ""
        signer = calls.signer(request.header("Authorization"))
        if signer is None or signer.service != "sqs" or not self.answers(target) or target == PREFIX + RECEIVE:
            return None
        return self.answer(target, request.body, signer.region, request.header(TRACE))

    def receiving(self, request: HttpRequest) -> Coroutine[Any, Any, HttpResponse] | None:
        """The answer to a receive, once it is there; None for every other request."""
        signer = calls.signer(request.header("Authorization"))
        if signer is None or signer.service != "sqs" or request.header("X-Amz-Target") != PREFIX + RECEIVE:
            return None
        return self._receive(request.body, signer.region)

    async def _receive(self, body: bytes, region: str) -> HttpResponse:
        try:
            return _answered(await Receive(*self._asked(body, region, None), self._now_ms).waiting())
        except (ValueError, TypeError, AttributeError):
            return _UNREADABLE
        except QueueRefusal as refusal:
            return _refusal(refusal)

    def _asked(self, body: bytes, region: str, trace_id: str | None) -> tuple[KeptMessages, Body]:
        asked = operations.traced(json.loads(body or b"{}"), trace_id)
        name = str(asked.get("QueueUrl", "")).rpartition("/")[2]
        try:
            queue = sqs_backends[self._account_id][region].get_queue(name)
        except QueueDoesNotExist:
            raise missing_queue() from None
        return kept_of(queue, self._now_ms), asked

    def _send(self, kept: KeptMessages, body: Body) -> dict[str, Any]:
        with kept.changed:
            kept.refresh()
            _, answer = operations.send(kept.queue, body, now_ms=self._now_ms(), message_id=drawn())
            kept.tell()
        return answer

    def _delete(self, kept: KeptMessages, body: Body) -> dict[str, Any]:
        with kept.changed:
            answer = operations.delete(kept.queue, body, now_ms=self._now_ms())
            if kept.queue.settings.fifo:
                # The rest of the message's group can be had.
                kept.tell()
        return answer

    def _change(self, kept: KeptMessages, body: Body) -> dict[str, Any]:
        with kept.changed:
            answer = operations.change_visibility(kept.queue, body, now_ms=self._now_ms())
            kept.tell()
        return answer

    def _purge(self, kept: KeptMessages, _body: Body) -> dict[str, Any]:
        with kept.changed:
            kept.refresh()
            kept.queue.purge()
        return {}


def _answered(content: Mapping[str, Any]) -> HttpResponse:
    headers = (("Content-Type", "application/x-amz-json-1.0"),)
    return HttpResponse(status=200, headers=headers, body=json.dumps(content).encode())


def _refusal(refusal: QueueRefusal) -> HttpResponse:
    return HttpResponse(status=400, headers=tuple(refusal.headers), body=refusal.body)


_UNREADABLE = _refusal(QueueRefusal("SerializationException", "SerializationException", ""))


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
