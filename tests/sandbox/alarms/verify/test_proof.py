"""An alarm is proven by its own history and by the messages that on call received, and by nothing less."""

import json
from pathlib import Path

import pytest

from sandbox.alarms.verify.causes import CAUSES, cause_of
from sandbox.alarms.verify.proof import is_up, line, prove, to_json

NAME = "LambdaErrorAlarm-staging"
RAISED_MS, ENDED_MS = 1_607_054_160_000, 1_607_054_760_000
QUIET = {"at_ms": RAISED_MS - 60_000, "old": "INSUFFICIENT_DATA", "new": "OK", "reason": "quiet"}
RAISED = {"at_ms": RAISED_MS, "old": "OK", "new": "ALARM", "reason": "7 of 5"}
ENDED = {"at_ms": ENDED_MS, "old": "ALARM", "new": "OK", "reason": "quiet"}


def alarm(*history: dict) -> dict:
    return {"name": NAME, "state": history[-1]["new"], "reason": history[-1]["reason"], "history": list(history)}


def told(state: str, time: str, *, name: str = NAME) -> dict:
    text = {"AlarmName": name, "NewStateValue": state, "StateChangeTime": f"{time}.000+0000"}
    return {"subject": f'{state}: "{name}" in US East', "text": json.dumps(text), "message_id": f"{state}-{time}"}


INBOX = [told("OK", "2020-12-04T03:55:00"), told("ALARM", "2020-12-04T03:56:00"), told("OK", "2020-12-04T04:06:00")]


def test_an_alarm_that_was_raised_ended_and_told_is_proven():
    """With the ids of the two messages; the message of its first OK is not one of them."""
    (proof,) = prove([alarm(QUIET, RAISED, ENDED)], INBOX)
    assert proof.is_proven
    assert proof.told == ("ALARM-2020-12-04T03:56:00", "OK-2020-12-04T04:06:00")
    assert line(proof).startswith(f"proven  {NAME}")
    assert line(proof).endswith("ALARM 03:56:00, OK 04:06:00, on call was told of both")
    assert to_json(proof)["reason"] == "7 of 5"


@pytest.mark.parametrize(
    ("history", "inbox", "missing"),
    [
        ((QUIET,), INBOX, "expected it to be raised, it stayed OK"),
        ((QUIET, RAISED), INBOX, "expected it to end, it is ALARM: 7 of 5"),
        ((QUIET, RAISED, ENDED), INBOX[:2], "expected a message for each change, got 1"),
        ((QUIET, RAISED, ENDED), [told("ALARM", "2020-12-04T03:56:00", name="Other"), INBOX[2]],
         "expected a message for each change, got 1"),
        ((QUIET, RAISED, ENDED), [told("ALARM", "2020-12-04T03:57:00"), INBOX[2]],
         "expected a message for each change, got 1"),
    ],
)  # fmt: skip
def test_what_was_not_seen_is_named(history, inbox, missing):
    """Not raised, not ended, not told, told of another alarm, told of another moment."""
    (proof,) = prove([alarm(*history)], inbox)
    assert (proof.is_proven, proof.missing) == (False, missing)
    assert line(proof).startswith(f"FAILED  {NAME}")


def test_an_alarm_is_up_once_it_was_raised():
    """By its name in the record; one that has not been fails the question."""
    assert is_up([alarm(QUIET, RAISED, ENDED)], ["LambdaErrorAlarm"])
    assert not is_up([alarm(QUIET)], ["LambdaErrorAlarm"])
    assert not is_up([alarm(QUIET, RAISED)], ["LambdaErrorAlarm", "ActiveSessionsAlarm"])


def test_there_is_a_failure_for_each_of_the_fifteen():
    """And for no name that the record does not have."""
    assert len(CAUSES) == 15
    assert cause_of("ActiveSessionsAlarm-prod") == "101 speakers at once"
    assert cause_of("OtherAlarm-prod") is None


def test_the_documentation_names_each_alarm():
    """`docs/operations.md`, which on call opens first."""
    text = (Path(__file__).resolve().parents[4] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in CAUSES if f"`{name}`" not in text] == []
