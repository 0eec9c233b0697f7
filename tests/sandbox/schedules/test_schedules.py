"""Rules fire on the sandbox's clock, from their creation, and invoke their targets asynchronously."""

import asyncio
import json
from typing import Any

import pytest

from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Rule, RuleTarget
from sandbox.functions.invocation import Outcome
from sandbox.journal import Journal
from sandbox.permissions.evaluation import Decision
from sandbox.permissions.refusals import Refusal
from sandbox.schedules.expression import MINUTE_MS, ScheduleError, check, next_run_ms
from sandbox.schedules.service import Schedules, scheduled_event

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.mark.parametrize(
    ("expression", "period"),
    [("rate(1 minute)", MINUTE_MS), ("rate(5 minutes)", 5 * MINUTE_MS), ("rate(1 hour)", 60 * MINUTE_MS),
     ("rate(2 days)", 2880 * MINUTE_MS)],
)  # fmt: skip
def test_a_rate_has_a_period(expression, period):
    """E-01."""
    assert next_run_ms(expression, 0, 0) == period


@pytest.mark.parametrize(
    "expression",
    ["rate(10 seconds)", "rate(10 years)", "rate(1 minutes)", "rate(10 minute)", "rate()", "rate(10)",
     "rate(0 minutes)", "rate(-10 minutes)", "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)",
     "cron(0 dummy ? * MON-FRI *)", "cron(0 1 * * * *)", "cron(0 12)", "at(2026-11-25T00:00:00)", ""],
)  # fmt: skip
def test_what_eventbridge_refuses_is_refused_with_its_text(expression):
    """E-02."""
    with pytest.raises(ScheduleError, match="Parameter ScheduleExpression is not valid"):
        check(expression)


@pytest.mark.parametrize(("after", "run"), [(0, 61_000), (60_999, 61_000), (61_000, 121_000), (500_000, 541_000)])
def test_a_rate_counts_from_the_rules_creation(after, run):
    """E-05: the first run is one period after the rule was made."""
    assert next_run_ms("rate(1 minute)", 1000, after) == run


def test_a_cron_expression_counts_from_nothing():
    """E-01, E-05: its times are those of the day, whenever the rule was made."""
    assert next_run_ms("cron(0 12 * * ? *)", 1000, 0) == 12 * 60 * MINUTE_MS


ABOUT_TARGET = ("arn", "input", "input_path", "dead_letter_arn", "maximum_retry_attempts", "maximum_event_age_s")


def rule(clock: LiveClock, **more) -> Rule:
    about: dict[str, Any] = {name: more.pop(name) for name in ABOUT_TARGET if name in more}
    given: dict[str, Any] = {
        "name": "every-minute", "arn": "arn:rule", "schedule_expression": "rate(1 minute)",
        "created_ms": clock.now_ms(), "targets": (RuleTarget(**{"target_id": "t", "arn": ARN, **about}),),
    }  # fmt: skip
    return Rule(**{**given, **more})


def let_in(service, need, *, source_arn):
    return None


async def fired(minutes: int, admit=let_in, sent=None, statuses=(202,), age_ms=0, **more) -> list:
    """The invocations, which are answered with these statuses in turn, the last one for the rest.

    What is sent to queues and topics is put into `sent`; the rule is as old as `age_ms` when the first minute begins.
    """
    clock = LiveClock()
    invocations: list = []
    sent = [] if sent is None else sent
    errors = {404: "ResourceNotFoundException", 429: "TooManyRequestsException"}

    async def invoke(invocation):
        status = statuses[min(len(invocations), len(statuses) - 1)]
        invocations.append(invocation)
        return Outcome(status=status, error_type=errors.get(status))

    async def deliver(arn, body, attributes, *, source, source_arn):
        sent.append((arn, body, {name: value for name, (_, value) in attributes.items()}, source, source_arn))

    schedules = Schedules(clock=clock, journal=Journal(clock), invoke=invoke, admit=admit, deliver=deliver)
    made = rule(clock, created_ms=clock.now_ms() - age_ms, **more)
    schedules.apply(Definitions(revision=1, account_id="1", region="us-east-1", rules={made.name: made}))
    for _ in range(minutes):
        clock.advance(MINUTE_MS)
        for _ in range(12):
            await asyncio.sleep(0)
    schedules.stop()
    return invocations


def test_a_rule_fires_once_a_minute_as_the_clock_is_moved():
    """`sandbox clock advance` moves schedules."""
    invocations = asyncio.run(fired(3))
    assert [(one.function, one.invocation_type) for one in invocations] == [(ARN, "Event")] * 3
    assert json.loads(invocations[0].payload)["detail-type"] == "Scheduled Event"


def test_a_targets_input_replaces_the_event():
    """E-04."""
    assert asyncio.run(fired(1, input='{"kind":"periodic"}'))[0].payload == b'{"kind":"periodic"}'


def test_a_disabled_rule_never_fires():
    """E-05."""
    assert asyncio.run(fired(2, enabled=False)) == []


def test_the_scheduled_event_has_eventbridges_shape():
    """E-04: keys and their order."""
    made = Rule(name="r", arn="arn:rule", schedule_expression="rate(1 minute)")
    event = scheduled_event(made, account_id="1", region="us-east-1", at_ms=1_715_770_680_000, event_id="i")
    assert event == (
        b'{"version":"0","id":"i","detail-type":"Scheduled Event","source":"aws.events","account":"1",'
        b'"time":"2024-05-15T10:58:00Z","region":"us-east-1","resources":["arn:rule"],"detail":{}}'
    )


def test_a_function_whose_policy_does_not_let_events_in_is_not_invoked():
    """The rule fires, and EventBridge does not try again what it may not do (E-06)."""
    asked = []

    def admit(service, need, *, source_arn):
        asked.append((service, need.action, need.resource))
        return Refusal(caller=service, need=need, decision=Decision.NOT_ADMITTED)

    assert asyncio.run(fired(2, admit)) == []
    assert asked == [("events.amazonaws.com", "lambda:InvokeFunction", ARN)] * 2


QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"


def test_a_queue_can_be_a_target():
    """E-04, E-06: the event is the message; it is sent for the rule, which the queue's policy must let in."""
    sent: list = []
    assert asyncio.run(fired(1, sent=sent, arn=QUEUE)) == []
    ((arn, body, _, source, source_arn),) = sent
    assert (arn, json.loads(body)["source"]) == (QUEUE, "aws.events")
    assert (source, source_arn) == ("events.amazonaws.com", "arn:rule")


def test_a_target_may_receive_a_part_of_the_event():
    """E-04."""
    assert asyncio.run(fired(1, input_path="$.resources[0]"))[0].payload == b'"arn:rule"'


def test_what_a_target_does_not_take_is_a_dead_letter():
    """E-06: with the rule, the target and the reason; what is not permitted is not tried again."""

    def admit(service, need, *, source_arn):
        return Refusal(caller=service, need=need, decision=Decision.NOT_ADMITTED)

    sent: list = []
    assert asyncio.run(fired(1, admit, sent=sent, input="{}", dead_letter_arn=QUEUE)) == []
    ((arn, body, attributes, _, source_arn),) = sent
    assert (arn, body, source_arn) == (QUEUE, "{}", "arn:rule")
    assert attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "RULE_ARN": "arn:rule", "TARGET_ARN": ARN, "ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "0",
    }  # fmt: skip


def test_a_function_that_is_gone_is_a_dead_letter_too():
    """E-06: it is not tried again either."""
    sent: list = []
    assert len(asyncio.run(fired(1, sent=sent, statuses=(404,), dead_letter_arn=QUEUE))) == 1
    assert [attributes["ERROR_CODE"] for _, _, attributes, _, _ in sent] == ["NO_RESOURCE"]


ONCE: dict[str, Any] = {"schedule_expression": "rate(1 day)", "age_ms": 86_400_000 - MINUTE_MS // 2}
"""It fires within the first minute, and then not for a day."""


def test_a_throttled_function_is_tried_again():
    """E-06: on the sandbox's clock, until it takes the event."""
    sent: list = []
    tried = asyncio.run(fired(3, sent=sent, statuses=(429, 429, 202), **ONCE, dead_letter_arn=QUEUE))
    assert [one.payload for one in tried] == [tried[0].payload] * 3
    assert sent == []


def test_the_most_retries_are_the_targets_own():
    """E-06: then its queue for dead letters has the event, with the condition that ended it."""
    sent: list = []
    more = ONCE | {"maximum_retry_attempts": 2, "dead_letter_arn": QUEUE}
    assert len(asyncio.run(fired(4, sent=sent, statuses=(429,), **more))) == 3
    ((_, _, attributes, _, _),) = sent
    assert (attributes["ERROR_CODE"], attributes["RETRY_ATTEMPTS"]) == ("THROTTLING", "2")
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_a_rule_runs_by_a_cron_expression():
    """E-01, E-05: every minute, as a rate would, and on no day of the past."""
    assert len(asyncio.run(fired(3, schedule_expression="cron(* * * * ? *)"))) == 3
    assert asyncio.run(fired(3, schedule_expression="cron(* * * * ? 2020)")) == []
