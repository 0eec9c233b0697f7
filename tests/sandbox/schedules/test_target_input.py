"""A target receives the event, a part of it, or a template filled from it."""

import json

import pytest

from sandbox.definitions.model import Rule, RuleTarget
from sandbox.schedules.target_input import given

RULE = Rule(name="r", arn="arn:rule", schedule_expression="rate(1 minute)")
EVENT = {
    "version": "0", "detail-type": "customerCreated", "time": "2024-03-26T15:48:35Z", "resources": ["arn:a", "arn:b"],
    "detail": {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}, "say": 'a "b"'},
}  # fmt: skip


def sent(**target) -> str:
    about = RuleTarget(target_id="t", arn="arn:q", **target)
    return given(about, json.dumps(EVENT, separators=(",", ":")).encode(), rule=RULE)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$", json.dumps(EVENT, separators=(",", ":"))),
        ("$.detail.payload", '{"acc_id":"0a787ecb-4015","sf_id":"baz"}'),
        ("$.detail.payload.sf_id", '"baz"'),
        ("$.detail-type", '"customerCreated"'),
        ("$.resources[1]", '"arn:b"'),
        ("$.resources[*]", '["arn:a","arn:b"]'),
        ("$.detail.payload.*", '["0a787ecb-4015","baz"]'),
        ("$.detail.none", "null"),
    ],
)
def test_a_path_takes_a_part_of_the_event(path, text):
    """E-04: recorded from AWS for the parts of a detail."""
    assert sent(input_path=path) == text


PATHS = {"detail-type": "$.detail-type", "timestamp": "$.time", "command": "$.detail.command", "gone": "$.detail.none",
         "payload": "$.detail.payload", "say": "$.detail.say"}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('"Event of <detail-type> type, at time <timestamp>, info extracted from detail <command>"',
         '"Event of customerCreated type, at time 2024-03-26T15:48:35Z, info extracted from detail update-account"'),
        ('"info extracted from detail <gone>"', '"info extracted from detail "'),
        ('{"a": <command>, "b": "<command>", "c": <payload>}',
         '{"a": "update-account", "b": "update-account", "c": {"acc_id":"0a787ecb-4015","sf_id":"baz"}}'),
        ('{"a": "it says \\"<command>\\" twice: <command>"}',
         '{"a": "it says \\"update-account\\" twice: update-account"}'),
        ('"all of <payload>"', '"all of {acc_id:0a787ecb-4015,sf_id:baz}"'),
        ('{"command": <gone>}', '{"command": ""}'),
        ('{"a": <say>}', '{"a": "a \\"b\\""}'),
        ('{"rule": <aws.events.rule-name>, "at": "<aws.events.event.ingestion-time>"}',
         '{"rule": "r", "at": "2024-03-26T15:48:35Z"}'),
        ("<aws.events.rule-arn> fired", '"arn:rule" fired'),
        ('{"1": "a < b > c"}', '{"1": "a < b > c"}'),
    ],
)  # fmt: skip
def test_a_template_is_filled(template, text):
    """E-04: strings have their quotes of themselves, objects lose theirs in a string, what is missing is empty in a
    string and outside of one, as recorded from AWS."""
    assert sent(input_paths=PATHS, input_template=template) == text


def test_the_whole_event_is_a_variable_with_and_without_its_detail():
    """E-04: recorded from AWS, where the one without has a member of another name."""
    both = json.loads(sent(input_template='{"a": <aws.events.event>, "b": <aws.events.event.json>}'))
    assert both["b"] == EVENT
    assert both["a"] == {
        "detailType": "customerCreated", "time": EVENT["time"], "resources": EVENT["resources"], "version": "0",
    }  # fmt: skip
