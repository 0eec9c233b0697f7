"""The messages of one of moto's queues, in the place of its own, and those who wait for more of them."""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from moto.sqs.models import Queue as MotoQueue

from sandbox.queues.queue import Message, Queue, QueueSettings

_MAKING = threading.Lock()


class KeptMessages:
    """A queue of the core's beside moto's. `changed` guards it; who waits at it, or watches, is told of more."""

    def __init__(self, queue: MotoQueue, now_ms: Callable[[], int]) -> None:
        self.moto = queue
        self._now_ms = now_ms
        self.queue = Queue(name=queue.name, settings=_settings(queue), draw_handle=drawn)
        self.changed = threading.Condition()
        self._watching: set[Callable[[], None]] = set()

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

    def tell(self) -> None:
        """Have everybody look again; `changed` is held."""
        self.changed.notify_all()
        for look in self._watching:
            look()

    @contextlib.contextmanager
    def watched(self, look: Callable[[], None]) -> Iterator[None]:
        """Meanwhile `look` is called at each change, by whichever thread it comes from."""
        with self.changed:
            self._watching.add(look)
        try:
            yield
        finally:
            with self.changed:
                self._watching.discard(look)


def kept_of(queue: MotoQueue, now_ms: Callable[[], int]) -> KeptMessages:
    """What is kept for a queue, for as long as moto has it."""
    kept: KeptMessages | None = getattr(queue, "kept_messages", None)
    if kept is None:
        with _MAKING:
            kept = getattr(queue, "kept_messages", None)
            if kept is None:
                kept = queue.kept_messages = KeptMessages(queue, now_ms)
    return kept


def wake(queue: MotoQueue) -> None:
    """The clock was moved, or the queue is gone: whoever waits for a message of it looks again."""
    kept: KeptMessages | None = getattr(queue, "kept_messages", None)
    if kept is not None:
        with kept.changed:
            kept.tell()


def drawn() -> str:
    """An id that nobody has."""
    return str(uuid.uuid4())


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
