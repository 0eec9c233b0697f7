"""One receive at a queue: looked for again at each change, until there is a message or its time is over."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs.models import sqs_backends

from sandbox.control_plane.kept_messages import KeptMessages, kept_of
from sandbox.queues import operations
from sandbox.queues.errors import missing_queue
from sandbox.queues.queue import Message

LOOK_AGAIN_S = 1.0
"""How long a long poll may not notice what moto did by itself: a deleted queue, or a topic's message."""


class Receive:
    """`body` is the request's. Raises QueueRefusal, here and where it is waited for."""

    def __init__(self, kept: KeptMessages, body: Mapping[str, Any], now_ms: Callable[[], int]) -> None:
        operations.check_receive(body)
        self._kept, self._body, self._now_ms = kept, body, now_ms
        self._dead: list[Message] = []
        with kept.changed:
            kept.refresh()
            self._until_ms = now_ms() + operations.wait_ms(kept.queue, body)

    def blocking(self) -> dict[str, Any]:
        """The answer, waited for by this thread."""
        with self._kept.changed:
            while isinstance(found := self._attempt(), float):
                self._kept.changed.wait(found)
        return self._ended(found)

    async def waiting(self) -> dict[str, Any]:
        """The answer, waited for by a task."""
        found = self._attempt()
        if isinstance(found, float):
            loop, changed = asyncio.get_running_loop(), asyncio.Event()
            with self._kept.watched(lambda: _set(changed, loop)):
                # Between the two, somebody may have sent one.
                while isinstance(found := self._attempt(), float):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(found):
                            await changed.wait()
                    changed.clear()
        return self._ended(found)

    def _attempt(self) -> dict[str, Any] | float:
        """The answer, or for how many seconds to wait for a change."""
        kept = self._kept
        with kept.changed:
            if kept.moto.name not in sqs_backends[kept.moto.account_id][kept.moto.region].queues:
                raise missing_queue()
            kept.refresh()
            now_ms = self._now_ms()
            found = operations.receive(kept.queue, self._body, now_ms=now_ms)
            self._dead += kept.queue.dead
            kept.queue.dead = []
            if found or now_ms >= self._until_ms:
                return {"Messages": found} if found else {}
            due_ms = min(kept.queue.next_visible_ms() or self._until_ms, self._until_ms)
            return min((due_ms - now_ms) / 1000, LOOK_AGAIN_S)

    def _ended(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Outside of the queue's own lock: its dead-letter queue has another."""
        dead_letters = self._kept.moto.dead_letter_queue
        if self._dead and dead_letters is not None:
            target = kept_of(dead_letters, self._now_ms)
            with target.changed:
                for message in self._dead:
                    message.received, message.visible_ms = 0, self._now_ms()
                    target.queue.send(message)
                target.tell()
        return answer


def _set(event: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    """By whichever thread."""
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        loop.call_soon_threadsafe(event.set)
        return
    if here is loop:
        event.set()
    else:
        loop.call_soon_threadsafe(event.set)
