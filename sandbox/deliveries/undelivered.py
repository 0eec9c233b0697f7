"""Why a message was not taken, in the codes that EventBridge writes on its dead letters (E-06). Pure.

Source: EventBridge user guide, "Using dead-letter queues to process undelivered events": missing permissions and
targets that no longer exist are not tried again; "Debugging event delivery": retriable errors are.
"""

from dataclasses import dataclass

from sandbox.functions.invocation import Outcome

_GONE = ("NonExistentQueue", "QueueDoesNotExist", "NotFound")
_THROTTLED = ("Throttl", "RequestLimitExceeded", "TooManyRequests", "OverLimit")
REASON_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """`reason` is the service's own text; `is_retriable`: the same may be taken later."""

    code: str
    reason: str
    is_retriable: bool = False


def of_answer(status: int, said: str) -> Undelivered | None:
    """What a queue's or a topic's answer means; None when the message was taken."""
    if status == 200:
        return None
    code, is_retriable = _kind(status, said)
    return Undelivered(code=code, reason=said[:REASON_CHARACTERS], is_retriable=is_retriable)


def of_outcome(outcome: Outcome) -> Undelivered | None:
    """What the answer to an asynchronous invocation means; None when the event was accepted."""
    if outcome.status == 202:
        return None
    said = outcome.error_type or "the function refused it"
    code, is_retriable = _kind(outcome.status, said)
    return Undelivered(code=code, reason=said, is_retriable=is_retriable)


def _kind(status: int, said: str) -> tuple[str, bool]:
    if status == 429 or any(one in said for one in _THROTTLED):
        return "THROTTLING", True
    if status >= 500:
        return "SDK_CLIENT_ERROR", True
    if status == 403:
        return "NO_PERMISSIONS", False
    if status == 404 or any(one in said for one in _GONE):
        return "NO_RESOURCE", False
    return "ERROR_FROM_TARGET", False
