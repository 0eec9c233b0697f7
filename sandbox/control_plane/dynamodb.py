"""DynamoDB's requests: to the items' core where it is certain, else to moto, never to both at once."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.control_plane.items import ItemCalls
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.items.certain import PARAMETERS
from sandbox.items.errors import ItemError
from sandbox.items.idempotency import Idempotency

TARGET = "DynamoDB_20120810."
TRANSACTION = "TransactWriteItems"


class DynamoDb:
    """Answers requests by the core's `calls`, or has moto answer."""

    def __init__(self, calls: ItemCalls, now_ms: Callable[[], int]) -> None:
        self._calls = calls
        self._now_ms = now_ms
        self._transactions = Idempotency()

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The core's answer; None when moto is to answer, or is answering another."""
        operation = (request.header("X-Amz-Target") or "").removeprefix(TARGET)
        if operation not in PARAMETERS or not self._calls.lock.acquire(blocking=False):
            return None
        try:
            return self._core(operation, _parameters(request.body))
        finally:
            self._calls.lock.release()

    def answer(self, target: str, body: bytes, by_moto: Callable[[], HttpResponse]) -> HttpResponse:
        """The core's answer, or moto's while nobody else touches the tables."""
        operation = target.removeprefix(TARGET)
        with self._calls.lock:
            parameters = _parameters(body) if operation in PARAMETERS else None
            known = self._core(operation, parameters)
            if known is not None:
                return known
            answer = by_moto()
            if operation == TRANSACTION and parameters is not None and answer.status == 200:
                self._transactions.remember(parameters, self._now_ms())
            return answer

    def _core(self, operation: str, parameters: dict[str, Any] | None) -> HttpResponse | None:
        if parameters is None:
            return None
        try:
            if operation == TRANSACTION and self._transactions.is_done(parameters, self._now_ms()):
                return _response(200, {})
            answer = self._calls.answer(operation, parameters)
        except ItemError as error:
            return _response(400, error.document())
        if answer is None:
            return None
        if operation == TRANSACTION:
            self._transactions.remember(parameters, self._now_ms())
        return _response(200, answer)


def _parameters(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _response(status: int, body: Any) -> HttpResponse:
    headers = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", uuid.uuid4().hex.upper()))
    return HttpResponse(status=status, headers=headers, body=json.dumps(body, separators=(",", ":")).encode())
