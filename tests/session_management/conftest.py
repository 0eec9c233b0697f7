"""The product's tables in moto, and API Gateway as a list of what was posted."""

import json
from typing import Any

import pytest
from broadcast import audience, aws, callbacks

from tests.broadcast.conftest import tables

__all__ = ["Posts", "posts", "tables"]


class Posts:
    """`messages`: connection and message of each post, in order; `closed`: connections that were closed."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.closed: list[str] = []
        self.gone: set[str] = set()

    def told(self, connection_id: str) -> list[str]:
        """The types of what a connection was sent."""
        return [message["type"] for to, message in self.messages if to == connection_id]

    def send(self, _url: str, connection_id: str, data: bytes) -> bool:
        self.messages.append((connection_id, json.loads(data)))
        return connection_id not in self.gone

    def close(self, _url: str, connection_id: str) -> None:
        self.closed.append(connection_id)

    def is_open(self, _url: str, connection_id: str) -> bool:
        return connection_id not in self.gone


@pytest.fixture
def posts(monkeypatch, tables):
    """API Gateway, and the variables that the handlers' stack sets."""
    made = Posts()
    for name in ("send", "close", "is_open"):
        monkeypatch.setattr(callbacks, name, getattr(made, name))
    # moto checks a condition and writes as two steps: its tables are asked by one thread at a time.
    monkeypatch.setattr(audience, "ONE_BY_ONE", 1_000)
    status_queue = aws.client("sqs").create_queue(QueueName="session-status-test")["QueueUrl"]
    for name, value in {
        "STATUS_QUEUE_URL": status_queue, "SESSION_MAX_DURATION_HOURS": "2", "DATA_RETENTION_HOURS": "12",
        "RATE_LIMIT_SESSIONS_PER_HOUR": "50", "AUDIO_PROCESSOR_FUNCTION_NAME": "audio-processor-test",
        "MAX_LISTENERS_PER_SESSION": "500", "RATE_LIMIT_LISTENER_JOINS_PER_MIN": "10",
        "POWERTOOLS_METRICS_NAMESPACE": "test", "POWERTOOLS_SERVICE_NAME": "test",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return made
