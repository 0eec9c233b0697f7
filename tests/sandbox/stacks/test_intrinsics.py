from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.stacks.errors import TemplateError
from sandbox.stacks.intrinsics import NO_VALUE, evaluate, holds


class Names:
    """A scope with two resources and what a template declares."""

    def __init__(self, **document: Any) -> None:
        self.document: Mapping[str, Any] = document

    def ref(self, name: str) -> Any:
        return {"AWS::Region": "us-east-1", "List": ["a", "b"], "Env": "prod", "Topic": "arn:topic"}[name]

    def attribute(self, name: str, attribute: str) -> str:
        return f"<{name}.{attribute}>"

    def imported(self, name: str) -> str:
        return f"<import {name}>"


@pytest.mark.parametrize(
    ("value", "gives"),
    [
        ({"Ref": "Topic"}, "arn:topic"),
        ({"Fn::GetAtt": ["Topic", "Name"]}, "<Topic.Name>"),
        ({"Fn::GetAtt": "Topic.Name"}, "<Topic.Name>"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Env"}, 1]]}, "a-prod-1"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::Select": ["1", {"Ref": "List"}]}, "b"),
        ({"Fn::Sub": "${Topic}/${Topic.Name}/${!Literal}/$x"}, "arn:topic/<Topic.Name>/${Literal}/$x"),
        ({"Fn::Sub": ["${A}-${Env}", {"A": {"Ref": "Topic"}}]}, "arn:topic-prod"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Env"}, "memory"]}, 512),
        ({"Fn::ImportValue": {"Fn::Sub": "${Env}-x"}}, "<import prod-x>"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
        ({"Fn::ToJsonString": {"a": {"Ref": "Env"}}}, '{"a":"prod"}'),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        ({"Ref": "Topic", "Other": "member"}, {"Ref": "Topic", "Other": "member"}),
    ],
)
def test_each_function_gives_what_cloudformation_gives(value: Any, gives: Any):
    scope = Names(
        Conditions={"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}, Mappings={"Sizes": {"prod": {"memory": 512}}}
    )
    assert evaluate(value, scope) == gives


def test_conditions_are_made_of_conditions():
    scope = Names(
        Conditions={
            "A": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "B": {"Fn::Not": [{"Condition": "A"}]},
            "C": {"Fn::And": [{"Condition": "A"}, {"Condition": "B"}]},
            "D": {"Fn::Or": [{"Condition": "A"}, {"Condition": "B"}]},
        }
    )
    assert [holds(name, scope) for name in "ABCD"] == [True, False, False, True]


def test_no_value_at_the_top_is_no_value():
    assert evaluate({"Ref": "AWS::NoValue"}, Names()) is NO_VALUE


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::FindInMap": ["No", "such", "entry"]},
        {"Fn::Select": [5, ["a"]]},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::If": ["Nobody", 1, 2]},
    ],
)
def test_what_gives_nothing_is_refused(value: Any):
    with pytest.raises(TemplateError):
        evaluate(value, Names())
