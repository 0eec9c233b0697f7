"""Whatever goes wrong in an operation is its failure, with a reason: it is rolled back, and a second try works."""

import itertools
import json
import threading

import pytest

from sandbox.control_plane.stacks.service import Request, Stacks
from sandbox.stacks.errors import NoSuchStackError

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "engine-topic"}}
OTHER = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "engine-other"}}


class Follower:
    """Told of changes; `refuses` each time that a stack's outputs have this value."""

    def __init__(self, stacks):
        self._stacks = stacks
        self.refused_value = None
        self.seen: list[dict] = []
        stacks.follow(self.changed)

    def changed(self):
        outputs = {one["OutputKey"]: one["OutputValue"] for stack in self._stacks.live() for one in stack.outputs}
        if self.refused_value is not None and outputs.get("Value") == self.refused_value:
            raise KeyError("a policy without a version")
        self.seen.append(outputs)


@pytest.fixture
def stacks():
    numbers = itertools.count(1)
    made = Stacks(
        account_id="123456789012", region="us-east-1", now_ms=lambda: next(numbers), stored_parameter=lambda _: None
    )
    yield made
    for stack in made.live():
        made.delete(stack.name)
        ended()


def ended():
    """Wait for the operation that was begun."""
    for thread in threading.enumerate():
        if thread.name.endswith(" engine"):
            thread.join()


def request(value, **resources):
    body = {"Resources": resources, "Outputs": {"Value": {"Value": value}}}
    return Request(name="engine", body=json.dumps(body), given={})


def told(stack):
    return [(event.logical_id or "stack", event.status, event.reason) for _, event in stack.events]


def test_a_follower_that_fails_fails_the_creation_which_is_rolled_back(stacks, capsys):
    """The stack is not left under way, and nothing of it is."""
    follower = Follower(stacks)
    follower.refused_value = "1"
    stack = stacks.create(request("1", Topic=TOPIC))
    ended()
    assert stack.status == "ROLLBACK_COMPLETE"
    assert ("stack", "ROLLBACK_IN_PROGRESS") in [one[:2] for one in told(stack)]
    reason = next(one[2] for one in told(stack) if one[1] == "ROLLBACK_IN_PROGRESS")
    assert reason == "Internal Failure (KeyError: 'a policy without a version'). Rollback requested by user."
    assert (stack.made, stack.outputs, follower.seen[-1]) == ({}, [], {})
    assert "KeyError" in capsys.readouterr().err

    stacks.delete("engine")
    ended()
    follower.refused_value = None
    again = stacks.create(request("1", Topic=TOPIC))
    ended()
    assert again.status == "CREATE_COMPLETE"


def test_a_follower_that_fails_fails_the_update_and_the_stack_is_as_before(stacks, capsys):
    """Its outputs too."""
    follower = Follower(stacks)
    stack = stacks.create(request("1", Topic=TOPIC))
    ended()
    follower.refused_value = "2"
    stacks.update(request("2", Topic=TOPIC, Other=OTHER))
    ended()
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Internal Failure (KeyError: 'a policy without a version'). " in [one[2] for one in told(stack)]
    assert (list(stack.made), follower.seen[-1]) == (["Topic"], {"Value": "1"})
    assert "KeyError" in capsys.readouterr().err

    stacks.update(request("3", Topic=TOPIC, Other=OTHER))
    ended()
    assert (stack.status, follower.seen[-1]) == ("UPDATE_COMPLETE", {"Value": "3"})


def test_an_output_that_cannot_be_had_fails_the_creation(stacks):
    """An attribute that its resource does not have, in CloudFormation's words."""
    stack = stacks.create(request({"Fn::GetAtt": ["Topic", "Colour"]}, Topic=TOPIC))
    ended()
    assert stack.status == "ROLLBACK_COMPLETE"
    assert [one[2] for one in told(stack) if one[1] == "ROLLBACK_IN_PROGRESS"] == [
        "Template error: resource Topic does not support attribute type Colour in Fn::GetAtt. "
        "Rollback requested by user."
    ]


def test_a_follower_is_told_before_anybody_sees_the_end(stacks):
    """What a client finds complete is what runs."""
    seen: list[str] = []
    stacks.follow(lambda: seen.extend(stack.status for stack in stacks.live()))
    stacks.create(request("1", Topic=TOPIC))
    ended()
    assert seen == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_whoever_asks_for_a_stack_is_answered_when_it_is_at_rest(stacks):
    """Also while others ask; the creation returned long before."""
    going_on = threading.Event()
    stacks.follow(lambda: going_on.wait(30) and None)
    with stacks.lock:
        stack = stacks.create(request("1", Topic=TOPIC))
        assert stack.busy
        threading.Timer(0, going_on.set).start()
        assert stacks.at_rest("engine").status == "CREATE_COMPLETE"


def test_a_stack_that_is_gone_meanwhile_is_known_by_its_id_alone(stacks):
    """F-10."""
    stack = stacks.create(request("1", Topic=TOPIC))
    ended()
    with stacks.lock:
        stacks.delete("engine")
        assert stack.busy
        with pytest.raises(NoSuchStackError):
            stacks.at_rest("engine")
        assert stacks.at_rest(stack.stack_id).status == "DELETE_COMPLETE"
