"""DynamoDB's requests: to the items' core where it is certain, else to moto, never to both at once."""

import json
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.control_plane.items import ItemCalls
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.items.certain import PARAMETERS
from sandbox.items.errors import ItemError

TARGET = "DynamoDB_20120810."

Made = TypeVar("Made")


class DynamoDb:
    """Answers requests by the core's `calls`, or has moto answer."""

    def __init__(self, calls: ItemCalls) -> None:
        self._calls = calls

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The core's answer; None when moto is to answer, or is answering another."""
        operation = (request.header("X-Amz-Target") or "").removeprefix(TARGET)
        if operation not in PARAMETERS or not self._calls.lock.acquire(blocking=False):
            return None
        try:
            return self._core(operation, request.body)
        finally:
            self._calls.lock.release()

    def answer(self, target: str, body: bytes, otherwise: Callable[[], Made]) -> HttpResponse | Made:
        """The core's answer, or what `otherwise` makes while nobody else touches the tables."""
        operation = target.removeprefix(TARGET)
        with self._calls.lock:
            known = self._core(operation, body) if operation in PARAMETERS else None
            return known or otherwise()

    def _core(self, operation: str, body: bytes) -> HttpResponse | None:
        try:
            parameters = json.loads(body)
        except (ValueError, RecursionError):
            return None
        try:
            answer = self._calls.answer(operation, parameters) if isinstance(parameters, dict) else None
        except ItemError as error:
            return _response(400, error.document())
        return None if answer is None else _response(200, answer)


def _response(status: int, body: Any) -> HttpResponse:
    headers = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", uuid.uuid4().hex.upper()))
    return HttpResponse(status=status, headers=headers, body=json.dumps(body, separators=(",", ":")).encode())
