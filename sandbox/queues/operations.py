"""What SQS's operations on messages do to a queue, in the JSON protocol's documents. Pure.

Sources: Amazon SQS API reference; Q-01 to Q-09 of the behaviours.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.queues.errors import QueueRefusal, invalid, missing_parameter, over_limit
from sandbox.queues.queue import Message, Queue, QueueSettings

BATCH_ENTRIES = 10
"""Amazon SQS quotas: entries of a batch, messages of a receive."""
MESSAGE_BYTES = 1_048_576
"""Amazon SQS quotas: a message, and all of a batch together, 1 MiB."""
LONGEST_WAIT_S = 20
LONGEST_DELAY_S = 900
LONGEST_INVISIBLE_S = 43_200
SENDER = "AIDASANDBOXSENDER"
"""The `SenderId` of every message: senders are not told apart."""

_NOT_ALLOWED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""SendMessage: the characters of XML 1.0."""
_PLAIN = b"\t\n\r" + bytes(range(0x20, 0x80))
"""Those of them that are ASCII."""

Body = Mapping[str, Any]


TRACE_HEADER = "AWSTraceHeader"
"""The one system attribute that a sender gives: SQS takes it from the request's own header (SQS developer guide)."""


def traced(body: Body, trace_id: str | None) -> Body:
    """A request with its header's trace in each of its messages that names none."""
    if trace_id is None:
        return body
    given = {"MessageSystemAttributes": {TRACE_HEADER: {"DataType": "String", "StringValue": trace_id}}}
    if "MessageBody" in body:
        return {**given, **body}
    if isinstance(body.get("Entries"), list):
        return {**body, "Entries": [{**given, **one} if "MessageBody" in one else one for one in body["Entries"]]}
    return body


def settings(attributes: Mapping[str, Any], *, dead_letter_arn: str = "", most_receives: int = 0) -> QueueSettings:
    """A queue's settings from SQS's attributes, whose values are seconds."""
    return QueueSettings(
        visibility_ms=int(attributes.get("VisibilityTimeout", 30)) * 1000,
        delay_ms=int(attributes.get("DelaySeconds", 0)) * 1000,
        retention_ms=int(attributes.get("MessageRetentionPeriod", 345_600)) * 1000,
        wait_ms=int(attributes.get("ReceiveMessageWaitTimeSeconds", 0)) * 1000,
        dead_letter_arn=dead_letter_arn,
        most_receives=most_receives,
        fifo=_is_true(attributes.get("FifoQueue")),
        content_deduplication=_is_true(attributes.get("ContentBasedDeduplication")),
        deduplicates_by_group=attributes.get("DeduplicationScope") == "messageGroup",
    )


def send(queue: Queue, body: Body, *, now_ms: int, message_id: str) -> tuple[Message, dict[str, Any]]:
    """The message, put into the queue, and the answer. Raises QueueRefusal."""
    text = body.get("MessageBody")
    if not text:
        raise missing_parameter("MessageBody")
    content = text.encode()
    if len(content) > MESSAGE_BYTES:
        raise invalid(
            f"One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES} bytes."
        )
    # ASCII without control characters is seen in an eighth of the time.
    if (not text.isascii() or content.translate(None, _PLAIN)) and _NOT_ALLOWED.search(text):
        raise QueueRefusal(
            "InvalidMessageContents", "InvalidMessageContents", "Message body contains characters that are not allowed."
        )
    delay_s = _whole(body, "DelaySeconds", most=LONGEST_DELAY_S)
    delay_ms = queue.settings.delay_ms if delay_s is None else delay_s * 1000
    attributes = body.get("MessageAttributes") or {}
    trace = (body.get("MessageSystemAttributes") or {}).get(TRACE_HEADER, {}).get("StringValue")
    message = Message(
        message_id=message_id, body=text, attributes=attributes, sent_ms=now_ms, visible_ms=now_ms + delay_ms,
        group=str(body.get("MessageGroupId") or ""), deduplication=_deduplication(queue, body, text),
        trace=trace,
    )  # fmt: skip
    message = queue.send(message)
    answer = {"MessageId": message.message_id, "MD5OfMessageBody": _md5_of_text(text)}
    if queue.settings.fifo:
        answer["SequenceNumber"] = f"{message.sequence:020}"
    if attributes:
        answer["MD5OfMessageAttributes"] = _md5(_encoded(attributes))
    return message, answer


def _deduplication(queue: Queue, body: Body, text: str) -> str:
    """Q-01: what a FIFO queue must be given. Raises QueueRefusal."""
    if not queue.settings.fifo:
        return ""
    if not body.get("MessageGroupId"):
        raise missing_parameter("MessageGroupId")
    if body.get("DelaySeconds"):
        reason = "The request include parameter that is not valid for this queue type."
        raise invalid(f"Value {body['DelaySeconds']} for parameter DelaySeconds is invalid. Reason: {reason}")
    given = str(body.get("MessageDeduplicationId") or "")
    if not given and not queue.settings.content_deduplication:
        raise invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
    return given or hashlib.sha256(text.encode()).hexdigest()


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def check_receive(body: Body) -> None:
    """Raises QueueRefusal for a receive that asks for what cannot be."""
    most = body.get("MaxNumberOfMessages", 1)
    if not 1 <= int(most) <= BATCH_ENTRIES:
        reason = f"Must be between 1 and {BATCH_ENTRIES}, if provided."
        raise invalid(f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: {reason}")
    _whole(body, "WaitTimeSeconds", most=LONGEST_WAIT_S)
    _whole(body, "VisibilityTimeout", most=LONGEST_INVISIBLE_S)


def wait_ms(queue: Queue, body: Body) -> int:
    """How long a receive may wait for a message."""
    return int(body["WaitTimeSeconds"]) * 1000 if "WaitTimeSeconds" in body else queue.settings.wait_ms


def receive(queue: Queue, body: Body, *, now_ms: int) -> list[dict[str, Any]]:
    """The messages that can be had now, as shown to whoever receives them; those received too often are in `dead`.

    Raises QueueRefusal when as many are in flight as may be, but not to who waits, nor of a FIFO queue (Q-08).
    """
    if not queue.settings.fifo and not queue.room(now_ms) and not wait_ms(queue, body):
        raise over_limit()
    visibility = body.get("VisibilityTimeout")
    found = queue.receive(
        now_ms=now_ms,
        most=int(body.get("MaxNumberOfMessages", 1)),
        visibility_ms=None if visibility is None else int(visibility) * 1000,
    )
    wanted = {*(body.get("MessageSystemAttributeNames") or ()), *(body.get("AttributeNames") or ())}
    return [_shown(message, wanted, body.get("MessageAttributeNames") or ()) for message in found]


def delete(queue: Queue, body: Body, *, now_ms: int) -> dict[str, Any]:
    """Raises QueueRefusal for a handle that was never given, or that a FIFO queue takes no more."""
    handle = body.get("ReceiptHandle")
    if not handle:
        raise missing_parameter("ReceiptHandle")
    if queue.has_expired(handle, now_ms):
        reason = "The receipt handle has expired."
        raise invalid(f"Value {handle} for parameter ReceiptHandle is invalid. Reason: {reason}")
    if not queue.delete(handle):
        text = f'The input receipt handle "{handle}" is not a valid receipt handle.'
        raise QueueRefusal("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", text)
    return {}


def change_visibility(queue: Queue, body: Body, *, now_ms: int) -> dict[str, Any]:
    """Raises QueueRefusal for a message that is not in flight."""
    seconds, handle = _whole(body, "VisibilityTimeout", most=LONGEST_INVISIBLE_S), body.get("ReceiptHandle")
    if seconds is None or not handle:
        raise missing_parameter("ReceiptHandle" if seconds is not None else "VisibilityTimeout")
    if not queue.change_visibility(handle, now_ms=now_ms, visibility_ms=seconds * 1000):
        raise invalid(
            f"Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist "
            "or is not available for visibility timeout change."
        )
    return {}


def batch(body: Body, one: Callable[[Body], dict[str, Any]]) -> dict[str, Any]:
    """Each entry by itself: some may fail while others succeed. Raises QueueRefusal for the batch as a whole."""
    entries = body.get("Entries") or ()
    if not entries:
        code = "AWS.SimpleQueueService.EmptyBatchRequest"
        raise QueueRefusal("EmptyBatchRequest", code, "There should be at least one entry in the request.")
    if len(entries) > BATCH_ENTRIES:
        text = f"Maximum number of entries per request are {BATCH_ENTRIES}. You have sent {len(entries)}."
        raise QueueRefusal("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", text)
    size = sum(len(str(entry.get("MessageBody", "")).encode()) for entry in entries)
    if size > MESSAGE_BYTES:
        text = f"Batch requests cannot be longer than {MESSAGE_BYTES} bytes. You have sent {size} bytes."
        raise QueueRefusal("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", text)
    ids = [entry["Id"] for entry in entries]
    repeated = next((name for name in ids if ids.count(name) > 1), None)
    if repeated is not None:
        code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
        raise QueueRefusal("BatchEntryIdsNotDistinct", code, f"Id {repeated} repeated.")
    answer: dict[str, Any] = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            answer["Successful"].append({"Id": entry["Id"], **one(entry)})
        except QueueRefusal as refusal:
            answer["Failed"].append(
                {"Id": entry["Id"], "Code": refusal.code, "Message": refusal.message, "SenderFault": True}
            )
    return {name: entries for name, entries in answer.items() if entries}


def _shown(message: Message, wanted: set[str], attribute_names: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "MessageId": message.message_id,
        "ReceiptHandle": message.handle,
        "MD5OfBody": _md5_of_text(message.body),
        "Body": message.body,
    }
    if wanted:
        system = {
            "SenderId": SENDER,
            "SentTimestamp": str(message.sent_ms),
            "ApproximateReceiveCount": str(message.received),
            "ApproximateFirstReceiveTimestamp": str(message.first_received_ms),
        }
        if message.group:
            system["MessageGroupId"] = message.group
        if message.sequence:
            system["MessageDeduplicationId"] = message.deduplication
            system["SequenceNumber"] = f"{message.sequence:020}"
        if message.trace is not None:
            system[TRACE_HEADER] = message.trace
        shown["Attributes"] = {name: value for name, value in system.items() if wanted & {name, "All"}}
    attributes = {
        name: value for name, value in message.attributes.items() if any(_names(one, name) for one in attribute_names)
    }
    if attributes:
        shown["MessageAttributes"] = attributes
        shown["MD5OfMessageAttributes"] = _md5(_encoded(attributes))
    return shown


def _names(pattern: str, name: str) -> bool:
    """`All`, `.*`, a name, or the beginning of names: `foo.*`."""
    return pattern in ("All", ".*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-2]))


def _whole(body: Body, name: str, *, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not 0 <= int(value) <= most:
        reason = f"Must be >= 0 and <= {most}, if provided."
        raise invalid(f"Value {value} for parameter {name} is invalid. Reason: {reason}")
    return int(value)


@lru_cache(maxsize=64)
def _md5_of_text(text: str) -> str:
    # Of a message's body it is told when it is sent, and whenever it is received.
    return _md5(text.encode())


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _encoded(attributes: Mapping[str, Any]) -> bytes:
    """What the digest of message attributes is taken of (developer guide, "Amazon SQS message metadata")."""
    encoded = b""
    for name, value in sorted(attributes.items()):
        is_binary = value["DataType"].startswith("Binary")
        content = base64.b64decode(value["BinaryValue"]) if is_binary else str(value["StringValue"]).encode()
        for part in (name.encode(), value["DataType"].encode()):
            encoded += len(part).to_bytes(4, "big") + part
        encoded += (b"\2" if is_binary else b"\1") + len(content).to_bytes(4, "big") + content
    return encoded
