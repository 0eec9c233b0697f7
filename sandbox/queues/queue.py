"""One queue, standard or FIFO. Pure: moments and handles come in.

Sources: Amazon SQS developer guide, "Visibility timeout", "Delay queues", "Dead-letter queues", "Short and long
polling", "FIFO queue delivery logic", "Exactly-once processing"; Q-02 to Q-04 of the behaviours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HANDLES_KEPT = 20_000
"""Receipt handles of one queue that are still known when nothing is in flight under them: a deletion that is repeated
succeeds, as on SQS."""

IN_FLIGHT = 120_000
"""Q-08: messages that were received and are not deleted (Amazon SQS quotas, for standard and FIFO queues)."""

DEDUPLICATION_MS = 300_000
"""Q-02: how long a deduplication id is remembered, from the moment of sending."""


@dataclass(kw_only=True)
class Message:
    """One message. `handle` is the last receipt handle given for it; `group`, `deduplication` and `sequence` are a FIFO
    queue's."""

    message_id: str
    body: str
    attributes: Mapping[str, object]
    sent_ms: int
    visible_ms: int
    handle: str = ""
    received: int = 0
    first_received_ms: int = 0
    group: str = ""
    deduplication: str = ""
    sequence: int = 0
    is_deleted: bool = False
    trace: str | None = None
    """The AWSTraceHeader of whoever sent it."""


@dataclass(frozen=True, kw_only=True)
class QueueSettings:
    """A queue's attributes, in milliseconds."""

    visibility_ms: int = 30_000
    delay_ms: int = 0
    retention_ms: int = 345_600_000
    wait_ms: int = 0
    dead_letter_arn: str = ""
    most_receives: int = 0
    fifo: bool = False
    content_deduplication: bool = False
    deduplicates_by_group: bool = False


@dataclass(kw_only=True)
class Queue:
    """The state of one queue. `draw_handle` gives receipt handles."""

    name: str
    settings: QueueSettings
    draw_handle: Callable[[], str]
    _messages: list[Message] = field(default_factory=list)
    _by_handle: dict[str, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    """Messages received too often, for the dead-letter queue to take."""
    _sent: dict[str, Message] = field(default_factory=dict)
    """The latest message of each deduplication id; outlives its message."""
    _sequence: int = 0
    _full_ms: int | None = None
    """When as many messages were in flight as may be."""

    def send(self, message: Message) -> Message:
        """Put a message in; it can be had from its `visible_ms` on. A FIFO queue keeps the first of two with one
        deduplication id within five minutes (Q-02): the message that is kept is returned."""
        if self.settings.fifo and message.deduplication:
            scope = f"{message.group}/" if self.settings.deduplicates_by_group else ""
            known = self._sent.get(scope + message.deduplication)
            if known is not None and known.sent_ms + DEDUPLICATION_MS > message.sent_ms:
                return known
            oldest_ms = message.sent_ms - DEDUPLICATION_MS
            self._sent = {key: one for key, one in self._sent.items() if one.sent_ms > oldest_ms}
            self._sent[scope + message.deduplication] = message
        if self.settings.fifo:
            self._sequence += 1
            message.sequence = self._sequence
        self._messages.append(message)
        return message

    def receive(self, *, now_ms: int, most: int, visibility_ms: int | None) -> list[Message]:
        """Up to `most` visible messages, made invisible for a while."""
        self._expire(now_ms)
        room = self.room(now_ms)
        most, self._full_ms = min(most, room), None if room else now_ms
        until_ms = now_ms + (self.settings.visibility_ms if visibility_ms is None else visibility_ms)
        given: list[Message] = []
        waiting: set[str] = set()
        fifo, room_left = self.settings.fifo, most
        for message in self._messages:
            if room_left == 0:
                break
            if message.visible_ms > now_ms:
                if fifo:
                    # The rest of its group comes after it.
                    waiting.add(message.group)
                continue
            if fifo and message.group in waiting:
                continue
            limit = self.settings.most_receives
            if limit and message.received >= limit:
                self.dead.append(message)
                continue
            message.received += 1
            message.first_received_ms = message.first_received_ms or now_ms
            message.visible_ms = until_ms
            message.handle = self.draw_handle()
            self._by_handle[message.handle] = message
            self._forget_handle()
            given.append(message)
            room_left -= 1
        if self.dead:
            self._messages = [message for message in self._messages if message not in self.dead]
        return given

    def room(self, now_ms: int) -> int:
        """How many more messages may be in flight."""
        if len(self._messages) < IN_FLIGHT:
            return IN_FLIGHT
        return max(0, IN_FLIGHT - self.census(now_ms)[1])

    def delete(self, handle: str) -> bool:
        """Delete by a receipt handle; an earlier handle of a message that was received again deletes nothing.

        False for a handle that was never given.
        """
        message = self._by_handle.get(handle)
        if message is None:
            return False
        if message.handle == handle:
            self._messages = [one for one in self._messages if one is not message]
            # Its handles are known for a while yet, what it said need not be.
            message.is_deleted, message.body, message.attributes = True, "", {}
        return True

    def _forget_handle(self) -> None:
        if len(self._by_handle) > HANDLES_KEPT:
            oldest = next(iter(self._by_handle))
            message = self._by_handle.pop(oldest)
            if message.handle == oldest and not message.is_deleted:
                # It may yet be deleted by it.
                self._by_handle[oldest] = message

    def has_expired(self, handle: str, now_ms: int) -> bool:
        """Q-04: whether a FIFO queue takes a receipt handle no more, since its message is visible again."""
        message = self._by_handle.get(handle)
        if not self.settings.fifo or message is None or not any(one is message for one in self._messages):
            return False
        return message.handle != handle or message.visible_ms <= now_ms

    def change_visibility(self, handle: str, *, now_ms: int, visibility_ms: int) -> bool:
        """Make a message in flight visible at another moment; False when it is not in flight."""
        message = self._by_handle.get(handle)
        if message is None or message.handle != handle or message.visible_ms <= now_ms:
            return False
        if not any(one is message for one in self._messages):
            return False
        message.visible_ms = now_ms + visibility_ms
        return True

    def next_visible_ms(self) -> int | None:
        """When the next message can be had, or could be had already; None for an empty queue."""
        if self._full_ms is not None:
            return min(one.visible_ms for one in self._messages if one.visible_ms > self._full_ms)
        if self.settings.fifo:
            # What comes first in its group decides for all of it.
            heads: dict[str, int] = {}
            for message in self._messages:
                heads.setdefault(message.group, message.visible_ms)
            return min(heads.values(), default=None)
        return min([message.visible_ms for message in self._messages], default=None)

    def purge(self) -> None:
        """Delete every message."""
        self._messages, self.dead = [], []
        self._by_handle.clear()

    def counts(self, now_ms: int) -> tuple[int, int]:
        """Messages that are visible, and those in flight or delayed."""
        visible, in_flight, delayed = self.census(now_ms)
        return visible, in_flight + delayed

    def census(self, now_ms: int) -> tuple[int, int, int]:
        """Messages that are visible, those in flight, and those that are delayed."""
        self._expire(now_ms)
        hidden = [message for message in self._messages if message.visible_ms > now_ms]
        delayed = sum(message.received == 0 for message in hidden)
        return len(self._messages) - len(hidden), len(hidden) - delayed, delayed

    def _expire(self, now_ms: int) -> None:
        oldest_ms = now_ms - self.settings.retention_ms
        if self._messages and self._messages[0].sent_ms < oldest_ms:
            self._messages = [message for message in self._messages if message.sent_ms >= oldest_ms]
