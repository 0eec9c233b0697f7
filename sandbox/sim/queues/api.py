"""The queues of one world behind SQS's JSON protocol. Long polls wait on the event loop, the rest is at once."""

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.sim.queues.queue import Message, Queue, QueueSettings

PREFIX = "AmazonSQS."
_JSON = ("Content-Type", "application/x-amz-json-1.0")
BATCH_ENTRIES = 10
"""Amazon SQS quotas: entries of a batch, messages of a receive."""
MESSAGE_BYTES = 1_048_576
"""Amazon SQS quotas: a message and a batch, 1 MiB."""
RECREATE_AFTER_MS = 60_000
"""CreateQueue: a name can be used again 60 seconds after its queue was deleted."""

Body = Mapping[str, Any]


class QueueRefusal(Exception):  # noqa: N818 - the service's word for its answer
    """A refusal with the JSON protocol's type and the query protocol's code."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message


def _missing() -> QueueRefusal:
    text = "The specified queue does not exist."
    return QueueRefusal("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", text)


class Queues:
    """Answers SQS's requests. `draw_id` gives message ids and handles; `is_doubled` has a message delivered twice."""

    def __init__(
        self,
        *,
        now_ms: Callable[[], int],
        draw_id: Callable[[], str],
        region: str,
        account_id: str,
        is_doubled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._now_ms = now_ms
        self._draw_id = draw_id
        self._is_doubled = is_doubled
        self._base = f"https://sqs.{region}.amazonaws.com/{account_id}/"
        self._arn = f"arn:aws:sqs:{region}:{account_id}:"
        self._queues: dict[str, Queue] = {}
        self._deleted_ms: dict[str, int] = {}
        self._arrivals: dict[str, asyncio.Event] = {}

    def names(self) -> list[str]:
        """The queues that exist, for those who watch."""
        return sorted(self._queues)

    def counts(self, name: str) -> tuple[int, int]:
        """Visible messages and others of a queue."""
        return self._queues[name].counts(self._now_ms())

    def create(self, name: str, attributes: Mapping[str, Any]) -> str:
        """Make a queue with SQS's attributes; returns its URL."""
        self._queues[name] = Queue(name=name, settings=_settings(attributes), draw_handle=self._draw_id)
        return self._base + name

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """One request of the JSON protocol."""
        operation = (request.header("X-Amz-Target") or "").removeprefix(PREFIX)
        answer = await self.answer(operation, json.loads(request.body or b"{}"))
        if isinstance(answer, HttpResponse):
            return answer
        return HttpResponse(status=200, headers=(_JSON,), body=json.dumps(answer).encode())

    async def answer(self, operation: str, body: Body) -> dict[str, Any] | HttpResponse:
        """The document that answers an operation, or the refusal."""
        try:
            return await self._call(operation, body)
        except QueueRefusal as refusal:
            told = (_JSON, ("x-amzn-query-error", f"{refusal.code};Sender"))
            refused = {"__type": f"com.amazonaws.sqs#{refusal.kind}", "message": refusal.message}
            return HttpResponse(status=400, headers=told, body=json.dumps(refused).encode())

    async def _call(self, operation: str, body: Body) -> dict[str, Any]:
        match operation:
            case "CreateQueue":
                return self._create(body)
            case "GetQueueUrl":
                return {"QueueUrl": self._base + self._named(body["QueueName"]).name}
            case "ListQueues":
                prefix = body.get("QueueNamePrefix", "")
                return {"QueueUrls": [self._base + name for name in self.names() if name.startswith(prefix)]}
        name = str(body["QueueUrl"]).rpartition("/")[2]
        queue = self._named(name)
        match operation:
            case "ReceiveMessage":
                return await self._receive(queue, body)
            case "SendMessage":
                return self._send(queue, body)
            case "SendMessageBatch":
                return self._batch(body, lambda entry: self._send(queue, entry))
            case "DeleteMessage":
                return self._delete(queue, body)
            case "DeleteMessageBatch":
                return self._batch(body, lambda entry: self._delete(queue, entry))
            case "ChangeMessageVisibility":
                return self._change(queue, body)
            case "ChangeMessageVisibilityBatch":
                return self._batch(body, lambda entry: self._change(queue, entry))
            case "GetQueueAttributes":
                visible, other = queue.counts(self._now_ms())
                counts = {"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": other}
                shown = {name: str(count) for name, count in counts.items()}
                return {"Attributes": {**shown, "QueueArn": self._arn + name}}
            case "DeleteQueue":
                del self._queues[name]
                self._deleted_ms[name] = self._now_ms()
                self._arrival(name).set()
                return {}
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

    async def _receive(self, queue: Queue, body: Body) -> dict[str, Any]:
        most = int(body.get("MaxNumberOfMessages", 1))
        if not 1 <= most <= BATCH_ENTRIES:
            reason = "Must be between 1 and 10, if provided."
            text = f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: {reason}"
            raise QueueRefusal("InvalidParameterValueException", "InvalidParameterValue", text)
        wait_ms = int(body["WaitTimeSeconds"]) * 1000 if "WaitTimeSeconds" in body else queue.settings.wait_ms
        until_ms = self._now_ms() + wait_ms
        visibility = body.get("VisibilityTimeout")
        arrival = self._arrival(queue.name)
        while True:
            now_ms = self._now_ms()
            found = queue.receive(
                now_ms=now_ms, most=most, visibility_ms=None if visibility is None else int(visibility) * 1000
            )
            self._bury(queue)
            if found or now_ms >= until_ms:
                break
            next_ms = queue.next_visible_ms()
            arrival.clear()
            try:
                async with asyncio.timeout((min(until_ms, next_ms or until_ms) - now_ms) / 1000):
                    await arrival.wait()
            except TimeoutError:
                continue
            if self._queues.get(queue.name) is not queue:
                raise _missing()
        return {"Messages": [self._shown(message) for message in found]} if found else {}

    def _shown(self, message: Message) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "MessageId": message.message_id,
            "ReceiptHandle": message.handle,
            "MD5OfBody": _md5(message.body),
            "Body": message.body,
            "Attributes": {
                "SentTimestamp": str(message.sent_ms),
                "ApproximateReceiveCount": str(message.received),
                "ApproximateFirstReceiveTimestamp": str(message.first_received_ms),
            },
        }
        if message.attributes:
            shown["MessageAttributes"] = message.attributes
        return shown

    def _send(self, queue: Queue, body: Body) -> dict[str, Any]:
        text = str(body["MessageBody"])
        if len(text.encode()) > MESSAGE_BYTES:
            reason = "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
            raise QueueRefusal("InvalidParameterValueException", "InvalidParameterValue", reason)
        now_ms = self._now_ms()
        delay_ms = int(body["DelaySeconds"]) * 1000 if "DelaySeconds" in body else queue.settings.delay_ms
        message = Message(
            message_id=self._draw_id(),
            body=text,
            attributes=body.get("MessageAttributes") or {},
            sent_ms=now_ms,
            visible_ms=now_ms + delay_ms,
        )
        queue.send(message)
        if self._is_doubled():
            queue.send(dataclasses.replace(message))
        self._arrival(queue.name).set()
        return {"MessageId": message.message_id, "MD5OfMessageBody": _md5(text)}

    def _delete(self, queue: Queue, body: Body) -> dict[str, Any]:
        if not queue.delete(body["ReceiptHandle"]):
            text = f'The input receipt handle "{body["ReceiptHandle"]}" is not a valid receipt handle.'
            raise QueueRefusal("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", text)
        return {}

    def _change(self, queue: Queue, body: Body) -> dict[str, Any]:
        visibility_ms = int(body["VisibilityTimeout"]) * 1000
        if not queue.change_visibility(body["ReceiptHandle"], now_ms=self._now_ms(), visibility_ms=visibility_ms):
            text = (
                f"Value {body['ReceiptHandle']} for parameter ReceiptHandle is invalid. Reason: Message does not exist "
                "or is not available for visibility timeout change."
            )
            raise QueueRefusal("InvalidParameterValueException", "InvalidParameterValue", text)
        if visibility_ms == 0:
            self._arrival(queue.name).set()
        return {}

    @staticmethod
    def _batch(body: Body, one: Callable[[Body], dict[str, Any]]) -> dict[str, Any]:
        """Each entry by itself: some may fail while others succeed."""
        entries = body["Entries"]
        if not 1 <= len(entries) <= BATCH_ENTRIES:
            text = f"Maximum number of entries per request are 10. You have sent {len(entries)}."
            raise QueueRefusal(
                "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", text
            )
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in entries:
            try:
                answer["Successful"].append({"Id": entry["Id"], **one(entry)})
            except QueueRefusal as refusal:
                answer["Failed"].append(
                    {"Id": entry["Id"], "Code": refusal.code, "Message": refusal.message, "SenderFault": True}
                )
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
            raise _missing()
        return self._queues[name]

    def _arrival(self, name: str) -> asyncio.Event:
        return self._arrivals.setdefault(name, asyncio.Event())


def _settings(attributes: Mapping[str, Any]) -> QueueSettings:
    redrive = attributes.get("RedrivePolicy") or {}
    if isinstance(redrive, str):
        redrive = json.loads(redrive)
    return QueueSettings(
        visibility_ms=int(attributes.get("VisibilityTimeout", 30)) * 1000,
        delay_ms=int(attributes.get("DelaySeconds", 0)) * 1000,
        retention_ms=int(attributes.get("MessageRetentionPeriod", 345_600)) * 1000,
        wait_ms=int(attributes.get("ReceiveMessageWaitTimeSeconds", 0)) * 1000,
        dead_letter_arn=str(redrive.get("deadLetterTargetArn", "")),
        most_receives=int(redrive.get("maxReceiveCount", 0)),
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
