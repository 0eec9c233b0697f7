"""Services of the sandbox's own that are told to fail for a while: throttled, or down. Pure.

What fails are calls of functions; the sandbox's own, and those of whoever deploys, are answered as ever.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.edge.http import HttpResponse
from sandbox.standins.faults import Faults

FAILURES = {
    "dynamodb": {
        "ProvisionedThroughputExceededException": 400,
        "ThrottlingException": 400,
        "RequestLimitExceeded": 400,
        "InternalServerError": 500,
        "ServiceUnavailable": 503,
    },
    "sqs": {"RequestThrottled": 403, "ThrottlingException": 400, "InternalFailure": 500, "ServiceUnavailable": 503},
    "ssm": {"ThrottlingException": 400, "InternalServerError": 500, "ServiceUnavailable": 503},
    "lambda": {"TooManyRequestsException": 429, "ServiceException": 500},
    "execute-api": {"LimitExceededException": 429, "InternalServerErrorException": 500},
}
"""What each service answers when it is throttled or down, with its HTTP status (the services' API references, "Errors"
and "Common errors")."""

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/[^/]+/[^/]+/(?P<service>[^/]+)/")
_OF_FUNCTIONS = "ASIA"
"""Temporary credentials, which functions have here and nobody else (`sandbox/functions/credentials.py`)."""


class FailingServices:
    """Orders by service; `answer` is asked for each call before it is carried out."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._faults: dict[str, Faults] = {}

    def order(
        self, service: str, code: str, *, times: int | None = None, for_ms: int | None = None, operation: str = ""
    ) -> None:
        """Have calls fail: so many, or for so long, of one operation or all. Raises LookupError for an unknown code."""
        known = FAILURES.get(service)
        if known is None:
            raise LookupError(f"service: expected one of {', '.join(FAILURES)}, got {service}")
        if code not in known:
            raise LookupError(f"code: expected one of {', '.join(known)}, got {code}")
        until_ms = None if for_ms is None else self._now_ms() + for_ms
        self._faults.setdefault(service, Faults()).add(code, times=times, until_ms=until_ms, operation=operation)

    def take(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Each order as `order` has it; without any, every service answers again."""
        if not orders:
            self.clear()
        for order in orders:
            self.order(**order)

    def clear(self) -> None:
        """Have every service answer again."""
        self._faults.clear()

    def answer(self, *, authorization: str, target: str) -> HttpResponse | None:
        """The failure of a call, by its signature's scope and its `X-Amz-Target`; None when it is to be carried out."""
        if not self._faults:
            return None
        scope = _SCOPE.search(authorization)
        if scope is None or not scope["key"].startswith(_OF_FUNCTIONS) or scope["service"] not in self._faults:
            return None
        service, operation = scope["service"], target.rpartition(".")[2]
        code = self._faults[service].next(now_ms=self._now_ms(), operation=operation)
        if code is None:
            return None
        body = json.dumps({"__type": code, "message": "failed as ordered"}).encode()
        headers = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-ErrorType", code))
        return HttpResponse(status=FAILURES[service][code], headers=headers, body=body)
