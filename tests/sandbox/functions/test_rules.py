"""Asynchronous retries, recursive-loop detection and Lambda's own answers."""

import json

import pytest

from sandbox.definitions.model import Function
from sandbox.functions import async_events, limits, lineage, outcomes
from sandbox.functions.async_events import Done, Drop, Retry
from sandbox.functions.invocation import Outcome

FUNCTION = Function(
    name="f", arn="arn:aws:lambda:us-east-1:123456789012:function:f", runtime="python3.11", handler="h.handler",
    role_arn="r", timeout_s=3, memory_mb=128, path="/code", code_sha256="0",
)  # fmt: skip
ERROR = Outcome(status=200, function_error="Unhandled")
THROTTLE = outcomes.throttled("ConcurrentInvocationLimitExceeded")


def decide(outcome, *, failures=0, throttles=0, now_ms=1000, **changes):
    function = Function(**{**FUNCTION.__dict__, **changes})
    return async_events.after_attempt(
        function, outcome, failures=failures, throttles=throttles, accepted_ms=0, now_ms=now_ms
    )


@pytest.mark.parametrize(
    ("failures", "decision"),
    [(1, Retry(at_ms=61_000)), (2, Retry(at_ms=121_000)), (3, Drop(condition="RetriesExhausted"))],
)
def test_a_failed_event_is_tried_again_after_one_and_two_minutes(failures, decision):
    """L-25."""
    assert decide(ERROR, failures=failures) == decision


def test_a_function_without_retries_drops_at_once():
    """The stream worker's event configuration."""
    assert decide(ERROR, failures=1, maximum_retry_attempts=0) == Drop(condition="RetriesExhausted")


def test_a_retry_past_the_maximum_age_is_dropped():
    """L-25: at the age it is tried, past it not."""
    assert decide(ERROR, failures=1, now_ms=0, maximum_event_age_s=60) == Retry(at_ms=60_000)
    assert decide(ERROR, failures=1, now_ms=1, maximum_event_age_s=60) == Drop(condition="EventAgeExceeded")


@pytest.mark.parametrize(("throttles", "wait_ms"), [(1, 1000), (2, 2000), (9, 256_000), (10, 300_000), (60, 300_000)])
def test_a_throttled_event_backs_off_up_to_five_minutes(throttles, wait_ms):
    """L-25."""
    assert decide(THROTTLE, throttles=throttles, now_ms=0) == Retry(at_ms=wait_ms)


def test_an_event_for_a_function_that_is_stopped_is_given_up_at_once():
    """L-25: a reservation of nothing is no throttle that passes."""
    assert decide(THROTTLE, throttles=1, reserved_concurrency=0) == Drop(condition="ZeroReservedConcurrency")


def test_a_success_is_done():
    """Nothing more happens."""
    assert decide(Outcome(status=200, payload=b"null")) == Done()


def test_the_sixteenth_hop_is_stopped_unless_the_function_allows_it():
    """L-33."""
    header = None
    for _ in range(limits.RECURSION_HOPS - 1):
        header = lineage.continued(header, "3c1e7c4e-0000-4000-8000-000000000000")
    assert not lineage.stops(header, "Terminate")
    header = lineage.continued(header, "3c1e7c4e-0000-4000-8000-000000000001")
    assert lineage.hops(header) == limits.RECURSION_HOPS
    assert lineage.stops(header, "Terminate")
    assert not lineage.stops(header, "Allow")


def test_a_chain_keeps_its_root():
    """The trace is one."""
    first = lineage.continued(None, "3c1e7c4e-0000-4000-8000-000000000000")
    second = lineage.continued(first, "4c1e7c4e-0000-4000-8000-000000000000")
    assert first.split(";")[0] == second.split(";")[0]


@pytest.mark.parametrize(
    ("payload", "character", "place"),
    [
        (b"x", "('x' (code 120))", "line: 1, column: 1"), (b'{"a":\n nope}', "('n' (code 110))", "line: 2, column: 2"),
        (b'{"a":NaN}', "('{' (code 123))", "line: 1, column: 1"),
    ],
)  # fmt: skip
def test_a_payload_that_is_no_json_is_refused_in_the_words_of_lambdas_parser(payload, character, place):
    """L-24."""
    refusal = outcomes.not_json(payload)
    message = json.loads(refusal.payload)["message"]
    assert (refusal.status, refusal.error_type) == (400, "InvalidRequestContentException")
    assert message.startswith(
        "Could not parse request body into json: Could not parse payload into json: Unexpected character " + character
    )
    assert message.endswith(f"disabled); {place}]")


def test_a_request_that_is_too_large_is_refused_as_recorded():
    """L-22."""
    refusal = outcomes.too_large(limits.SYNC_PAYLOAD_BYTES)
    assert (refusal.status, refusal.error_type) == (413, "RequestEntityTooLargeException")
    assert json.loads(refusal.payload) == {
        "Message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    }


def test_a_response_over_six_megabytes_is_an_error_of_the_function():
    """L-23: at the limit it passes, one byte past it not."""
    assert outcomes.returned("r", b"x" * limits.RESPONSE_PAYLOAD_BYTES).function_error is None
    over = outcomes.returned("r", b"x" * (limits.RESPONSE_PAYLOAD_BYTES + 1))
    assert json.loads(over.payload)["errorType"] == "Function.ResponseSizeTooLarge"
