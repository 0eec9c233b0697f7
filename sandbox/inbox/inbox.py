"""Keeps the latest messages of every topic, and notes each in the journal."""

from collections import deque
from dataclasses import asdict
from typing import Any

from sandbox.clock import LiveClock
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.inbox.messages import Message, accepted
from sandbox.journal import Journal

KEPT = 1000


class Inbox:
    """Told of every request that the control plane answered."""

    def __init__(self, *, clock: LiveClock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._messages: deque[Message] = deque(maxlen=KEPT)

    def note(self, request: HttpRequest, response: HttpResponse) -> None:
        """Keep what the request published."""
        for message in accepted(request, response, now_ms=self._clock.now_ms()):
            self._messages.append(message)
            about = {"topic": message.topic_arn, "messageId": message.message_id, "subject": message.subject}
            self._journal.write("inbox.message", about)

    def messages(self) -> list[dict[str, Any]]:
        """The kept messages, the oldest first."""
        return [asdict(message) for message in self._messages]
