"""The session's audio queue on Amazon SQS."""

import asyncio
import base64
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from broadcast import aws, clock, queues

from audio_processor import limits
from audio_processor.aws_call import call
from audio_processor.chunk import Chunk, Delivery
from audio_processor.errors import QueueGoneError, ServiceCallError

_GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
"""The code of the query-compatible protocol, and the JSON protocol's own."""

log = logging.getLogger(__name__)


def read_message(message: dict[str, Any], *, now_ms: int) -> Chunk | None:
    """The chunk of a message as received; None for one that ingest did not write."""
    try:
        body = json.loads(message["Body"])
        return Chunk(
            seq=int(body["seq"]),
            audio=base64.b64decode(body["audio"], validate=True),
            received_at_ms=int(body["receivedAtMs"]),
            message_id=message["MessageId"],
            receipt_handle=message["ReceiptHandle"],
            taken_at_ms=now_ms,
            arrived_at_ms=int(body.get("arrivedAtMs", body["receivedAtMs"])),
            connection_id=str(body.get("connectionId", "")),
            refused_before=int(body.get("refusedBefore", 0)),
        )
    except (ValueError, KeyError, TypeError):
        return None


def read_change(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a message says of a change of the session's item; None for one that says nothing of the kind."""
    try:
        body = json.loads(message["Body"])
        return body if body["kind"] == queues.STATE_CHANGED else None
    except (ValueError, KeyError, TypeError):
        return None


def changed_since_ms(changes: Sequence[Mapping[str, Any]]) -> int | None:
    """The earliest time since which one of them holds."""
    return min((one["sinceMs"] for one in changes if isinstance(one.get("sinceMs"), int)), default=None)


class SqsAudioQueue:
    """`ports.AudioQueue` on a standard queue."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sqs = aws.client("sqs")

    async def _call(self, operation: Callable[..., Any], **request: Any) -> dict[str, Any]:
        try:
            return await call(operation, QueueUrl=self._url, **request)
        except ServiceCallError as error:
            if error.code not in _GONE:
                raise
            raise QueueGoneError(queue_url=self._url) from None

    async def receive(self) -> Delivery:
        answer = await self._call(
            self._sqs.receive_message,
            MaxNumberOfMessages=limits.BATCH_ENTRIES,
            WaitTimeSeconds=limits.RECEIVE_WAIT_S,
        )
        now_ms = clock.now_ms()
        chunks, others = [], []
        for message in answer.get("Messages", []):
            chunk = read_message(message, now_ms=now_ms)
            if chunk is not None:
                chunks.append(chunk)
            else:
                others.append(message)
        changes = []
        for message in others:
            change = read_change(message)
            if change is not None:
                changes.append(change)
            else:
                log.warning("a message that is no chunk is deleted: %s", message["MessageId"])
        return Delivery(
            chunks=tuple(chunks),
            state_changed=bool(changes),
            changed_since_ms=changed_since_ms(changes),
            read=tuple(message["ReceiptHandle"] for message in others),
        )

    async def discard(self, handles: Sequence[str]) -> None:
        for handle in handles:
            await self._call(self._sqs.delete_message, ReceiptHandle=handle)

    async def delete(self, chunks: Sequence[Chunk]) -> None:
        await self._in_batches(self._sqs.delete_message_batch, chunks, {})

    async def extend(self, chunks: Sequence[Chunk]) -> None:
        visibility = {"VisibilityTimeout": limits.VISIBILITY_MS // 1_000}
        await self._in_batches(self._sqs.change_message_visibility_batch, chunks, visibility)

    async def put_back(self, chunks: Sequence[Chunk]) -> None:
        await self._in_batches(self._sqs.change_message_visibility_batch, chunks, {"VisibilityTimeout": 0})

    async def tell_of_change(self) -> None:
        await self._call(self._sqs.send_message, MessageBody=queues.state_change())

    async def remove(self) -> None:
        await call(queues.delete, queue_url=self._url)

    async def _in_batches(self, operation: Callable[..., Any], chunks: Sequence[Chunk], fields: dict[str, Any]) -> None:
        """All batches at once. An entry that fails is a message that is visible or deleted already: nothing to do."""
        batches = [chunks[at : at + limits.BATCH_ENTRIES] for at in range(0, len(chunks), limits.BATCH_ENTRIES)]
        await asyncio.gather(
            *(
                self._call(
                    operation,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": chunk.receipt_handle, **fields}
                        for number, chunk in enumerate(batch)
                    ],
                )
                for batch in batches
            )
        )
