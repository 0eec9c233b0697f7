"""What becomes of an asynchronous invocation after each attempt (L-25, L-26). Pure."""

from dataclasses import dataclass

from sandbox.definitions.model import Function
from sandbox.functions import limits
from sandbox.functions.invocation import Outcome


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Try again at `at_ms`, with the same request id."""

    at_ms: int


@dataclass(frozen=True, kw_only=True)
class Done:
    """The function returned."""


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Give up; `condition` is the one of an onFailure destination's record."""

    condition: str


def after_attempt(
    function: Function, outcome: Outcome, *, failures: int, throttles: int, accepted_ms: int, now_ms: int
) -> Retry | Done | Drop:
    """`failures` and `throttles` count this attempt too. A retry that would be older than the maximum age is
    dropped."""
    if outcome.status == 200 and outcome.function_error is None:
        return Done()
    if outcome.status == 429 and function.reserved_concurrency == 0:
        # A function that was stopped by its reservation is not waited for.
        return Drop(condition="ZeroReservedConcurrency")
    if outcome.function_error is not None:
        if failures > function.maximum_retry_attempts:
            return Drop(condition="RetriesExhausted")
        at_ms = now_ms + limits.RETRY_DELAYS_MS[failures - 1]
    elif outcome.status == 429 or outcome.status >= 500:
        first_ms, longest_ms = limits.THROTTLE_BACKOFF_MS
        at_ms = now_ms + min(longest_ms, first_ms * 2 ** min(throttles - 1, 20))
    else:
        return Drop(condition=outcome.error_type or "Refused")
    if at_ms - accepted_ms > function.maximum_event_age_s * 1000:
        return Drop(condition="EventAgeExceeded")
    return Retry(at_ms=at_ms)
