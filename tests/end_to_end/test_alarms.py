"""A function that fails raises its alarm on the sandbox's clock, and the notification reaches whoever is on call."""

import json
import subprocess
import sys
import time
from typing import Any

import boto3
import pytest

from sandbox.live.client import ask
from sandbox.testing import running

pytestmark = [pytest.mark.e2e, pytest.mark.own_sandbox]

FUNCTION = "HeartbeatHandler-staging"
MINUTE_MS = 60_000
WITHIN_S = 20


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """One of this file's own, since it moves the clock."""
    with running(tmp_path_factory.mktemp("alarms")) as own:
        yield own


def client(sandbox, service: str):
    return boto3.client(
        service, endpoint_url=sandbox.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
        aws_secret_access_key="x",
    )  # fmt: skip


def alarm(sandbox) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [one for one in ask(sandbox.state, "GET", "alarms") if "HeartbeatHandlerErrorAlarm" in one["name"]]
    return found


def notifications(sandbox, state: str) -> list[dict]:
    subject = f'{state}: "{alarm(sandbox)["name"]}"'
    inbox = ask(sandbox.state, "GET", "inbox")
    return [json.loads(one["text"]) for one in inbox if one["subject"].startswith(subject)]


def notified(sandbox, state: str, count: int) -> dict:
    """The latest notification of that state, when there are so many."""
    deadline = time.monotonic() + WITHIN_S
    while len(notifications(sandbox, state)) < count:
        assert time.monotonic() < deadline, ask(sandbox.state, "GET", "inbox")
    return notifications(sandbox, state)[-1]


def test_a_failing_function_raises_its_alarm_and_a_quiet_time_ends_it(sandbox):
    """C-06, C-09: six failures in five minutes are more than five; nothing is said twice, and AWS's clients see it."""
    functions, cloudwatch = client(sandbox, "lambda"), client(sandbox, "cloudwatch")
    for _ in range(6):
        answer = functions.invoke(FunctionName=FUNCTION, Payload=b'{"not": "an event"}')
        assert answer["FunctionError"] == "Unhandled"
        answer["Payload"].close()
    assert alarm(sandbox)["state"] == "OK"
    assert notified(sandbox, "OK", 1)["OldStateValue"] == "INSUFFICIENT_DATA"
    sandbox.advance_clock(6 * MINUTE_MS)
    told = notified(sandbox, "ALARM", 1)
    assert (told["OldStateValue"], told["NewStateValue"]) == ("OK", "ALARM")
    assert told["Trigger"]["MetricName"] == "Errors"
    assert told["Trigger"]["Dimensions"] == [{"value": FUNCTION, "name": "FunctionName"}]
    assert "[6.0 (" in told["NewStateReason"]
    (shown,) = cloudwatch.describe_alarms(AlarmNames=[told["AlarmName"]])["MetricAlarms"]
    assert (shown["StateValue"], shown["StateReason"]) == ("ALARM", told["NewStateReason"])
    sandbox.advance_clock(20 * MINUTE_MS)
    assert notified(sandbox, "OK", 2)["OldStateValue"] == "ALARM"
    assert len(notifications(sandbox, "ALARM")) == 1
    assert [one["new"] for one in alarm(sandbox)["history"]][-2:] == ["ALARM", "OK"]
    for one in (functions, cloudwatch):
        one.close()


def test_the_command_names_every_alarm_of_the_record(sandbox):
    """All fifteen, with their states."""
    command = [sys.executable, "-m", "sandbox.cli", "alarms", "--json", "--state-dir", str(sandbox.state_dir)]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert len(shown) == 15
    assert {one["state"] for one in shown} <= {"OK", "ALARM", "INSUFFICIENT_DATA"}
