"""A transaction under a token that was carried out already is not carried out again. Pure.

D-06. Source: DynamoDB API reference, TransactWriteItems, `ClientRequestToken`: valid for ten minutes after the first
request that uses it is completed; with other parameters within them it is a mismatch, in whatever order a request has
its members.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from sandbox.items.errors import TokenMismatchError

REMEMBERED_MS = 600_000


class Idempotency:
    """The tokens of the last ten minutes."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, tuple[int, object]] = OrderedDict()

    def is_done(self, request: Mapping[str, Any], now_ms: int) -> bool:
        """Whether this transaction has been carried out. Raises TokenMismatchError."""
        while self._done and next(iter(self._done.values()))[0] + REMEMBERED_MS <= now_ms:
            self._done.popitem(last=False)
        known = self._done.get(request.get("ClientRequestToken", ""))
        if known is None:
            return False
        if known[1] != request.get("TransactItems"):
            raise TokenMismatchError
        return True

    def remember(self, request: Mapping[str, Any], now_ms: int) -> None:
        """This transaction has just been carried out."""
        token = request.get("ClientRequestToken")
        if token:
            self._done[token] = (now_ms, request.get("TransactItems"))
