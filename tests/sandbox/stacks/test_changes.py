import json

from sandbox.stacks.capabilities import missing_capability
from sandbox.stacks.changes import Change, changes
from sandbox.stacks.template import Template, read


def template(**resources: dict) -> Template:
    return read(json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": resources}))


def topic(**properties: object) -> dict:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def test_a_change_set_lists_what_is_added_changed_and_taken_away():
    old = template(Same=topic(), Other=topic(), Gone=topic(), Named=topic(TopicName={"Ref": "P"}))
    new = template(Same=topic(), Other=topic(TopicName="x"), New=topic(), Named=topic(TopicName={"Ref": "P"}))
    kind = "AWS::SNS::Topic"
    expected = [("Modify", "Other"), ("Add", "New"), ("Remove", "Gone")]
    assert changes(old, new) == tuple(
        Change(action=action, logical_id=name, resource_type=kind)  # type: ignore[arg-type]
        for action, name in expected
    )
    changed = changes(old, new, changed_parameters=frozenset(["P"]))
    assert Change(action="Modify", logical_id="Named", resource_type=kind) in changed


def test_iam_resources_want_to_be_acknowledged():
    """F-12."""
    plain, named = (
        template(R={"Type": "AWS::IAM::Role"}),
        template(R={"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}),
    )
    assert missing_capability(template(T=topic()), []) is None
    assert missing_capability(plain, []) == "CAPABILITY_IAM"
    assert missing_capability(plain, ["CAPABILITY_IAM"]) is None
    assert missing_capability(named, ["CAPABILITY_IAM"]) == "CAPABILITY_NAMED_IAM"
    assert missing_capability(named, ["CAPABILITY_NAMED_IAM"]) is None
