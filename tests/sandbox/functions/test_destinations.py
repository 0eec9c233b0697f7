"""The end of an asynchronous invocation is told to the dead-letter queue and to the destinations."""

import json

import pytest

from sandbox.definitions.model import Function
from sandbox.functions import destinations
from sandbox.functions.destinations import SUCCESS, Event
from sandbox.functions.invocation import Outcome
from tests.sandbox.functions.lab import in_lab

QUEUE, TOPIC, OTHER = (f"arn:aws:{kind}:us-east-1:123456789012:x" for kind in ("sqs", "sns", "lambda"))
FUNCTION = Function(
    name="f", arn="arn:aws:lambda:us-east-1:123456789012:function:f", runtime="python3.11", handler="h.h", role_arn="r",
    timeout_s=3, memory_mb=128, path="/code", code_sha256="0", dead_letter_arn=QUEUE, on_failure_arn=TOPIC,
    on_success_arn=OTHER,
)  # fmt: skip
FAILED = Outcome(status=200, function_error="Unhandled", payload=b'{"errorMessage":"no","errorType":"E"}')


def event(condition: str, outcome: Outcome = FAILED, attempts: int = 3) -> Event:
    return Event(
        request_id="r-1", payload=b'{"a":1}', condition=condition, attempts=attempts, outcome=outcome,
        ended_ms=1_715_770_680_042,
    )  # fmt: skip


def test_a_failure_has_a_dead_letter_and_its_destinations_record():
    """L-26."""
    letter, record = destinations.notices(FUNCTION, event("RetriesExhausted"))
    assert (letter.setting, letter.arn, letter.body) == ("dead_letter", QUEUE, '{"a":1}')
    assert letter.attributes == {
        "RequestID": ("String", "r-1"), "ErrorCode": ("Number", "200"), "ErrorMessage": ("String", "no"),
    }  # fmt: skip
    assert (record.setting, record.arn, record.attributes) == ("destination", TOPIC, {})
    assert json.loads(record.body) == {
        "version": "1.0",
        "timestamp": "2024-05-15T10:58:00.042Z",
        "requestContext": {
            "requestId": "r-1", "functionArn": f"{FUNCTION.arn}:$LATEST", "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "no", "errorType": "E"},
    }  # fmt: skip


def test_a_success_goes_to_its_own_destination_alone():
    """L-26."""
    (record,) = destinations.notices(FUNCTION, event(SUCCESS, Outcome(status=200, payload=b"null"), attempts=1))
    assert record.arn == OTHER
    assert json.loads(record.body)["requestContext"]["condition"] == "Success"
    assert "functionError" not in json.loads(record.body)["responseContext"]


@pytest.mark.parametrize(("size", "kept"), [(1024, 1024), (1025, 1024)])
def test_a_dead_letters_message_is_its_first_kilobyte(size, kept):
    """L-26."""
    outcome = Outcome(status=200, function_error="Unhandled", payload=json.dumps({"errorMessage": "x" * size}).encode())
    letter, _ = destinations.notices(FUNCTION, event("RetriesExhausted", outcome))
    assert len(letter.attributes["ErrorMessage"][1]) == kept


def test_a_function_without_them_tells_nobody():
    """The usual case."""
    plain = Function(**{**FUNCTION.__dict__, "dead_letter_arn": None, "on_failure_arn": None, "on_success_arn": None})
    assert destinations.notices(plain, event("RetriesExhausted")) == []


def test_a_failed_event_is_told_after_its_last_attempt(tmp_path):
    """L-25, L-26: with two retries, three attempts; a success after one."""

    async def act(lab):
        waiting = lab.clock.watch_timers()
        await lab.invoke("Event", do="raise")
        for minutes in (1, 2):
            await waiting.get()
            lab.clock.advance(minutes * 60_000)
        failed = await lab.told.get()
        await lab.invoke("Event")
        return failed, await lab.told.get()

    failed, succeeded = in_lab(tmp_path, act, on_failure_arn=TOPIC, on_success_arn=OTHER)
    context = json.loads(failed.body)["requestContext"]
    assert (failed.arn, context["condition"], context["approximateInvokeCount"]) == (TOPIC, "RetriesExhausted", 3)
    context = json.loads(succeeded.body)["requestContext"]
    assert (succeeded.arn, context["condition"], context["approximateInvokeCount"]) == (OTHER, "Success", 1)


def test_an_event_of_a_chain_that_is_too_long_is_a_dead_letter(tmp_path):
    """L-33: accepted, given up, told."""

    async def act(lab):
        chain = "Root=1-12345678-123456789012345678901234;Lineage=1:12345678:16"
        answer = await lab.api(X_Amz_Invocation_Type="Event", X_Amzn_Trace_Id=chain)
        refused = await lab.api(X_Amzn_Trace_Id=chain)
        return answer, await lab.told.get(), refused

    answer, letter, refused = in_lab(tmp_path, act, dead_letter_arn=QUEUE)
    assert (answer.status, letter.arn, letter.body) == (202, QUEUE, "{}")
    assert (refused.status, dict(refused.headers)["x-amzn-ErrorType"]) == (400, "RecursiveInvocationException")
