import json

import pytest

from sandbox.stacks import template
from sandbox.stacks.errors import TemplateError
from sandbox.stacks.limits import RESOURCES, TEMPLATE_BYTES


def body(**resources: dict) -> str:
    return json.dumps({"Resources": resources})


def topic(**properties: object) -> dict:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def refused(text: str) -> str:
    with pytest.raises(TemplateError) as caught:
        template.read(text)
    return caught.value.text


def test_yaml_with_short_forms_says_what_json_says():
    read = template.read(
        "Resources:\n"
        "  A: {Type: 'AWS::SNS::Topic'}\n"
        "  B:\n"
        "    Type: AWS::SNS::Topic\n"
        "    Properties:\n"
        "      DisplayName: !Sub '${A.TopicName}-${AWS::Region}'\n"
        "      TopicName: !Join ['-', [!Ref A, !GetAtt A.TopicName]]\n"
    )
    assert read.resources["B"]["Properties"] == {
        "DisplayName": {"Fn::Sub": "${A.TopicName}-${AWS::Region}"},
        "TopicName": {"Fn::Join": ["-", [{"Ref": "A"}, {"Fn::GetAtt": ["A", "TopicName"]}]]},
    }
    assert template.dependencies(read.resources["B"]) == {"A", "AWS::Region"}


def test_resources_come_after_those_they_refer_to():
    read = template.read(
        body(
            C=topic(TopicName={"Fn::Sub": "${B}-${!A}"}),
            B=topic(TopicName={"Fn::GetAtt": ["A", "TopicName"]}),
            A=topic(),
            D={**topic(), "DependsOn": ["C"]},
        )
    )
    assert template.order(read, ["A", "B", "C", "D"]) == ["A", "B", "C", "D"]
    assert template.dependencies(read.resources["C"]) == {"B"}


def test_a_circle_is_refused():
    text = body(A=topic(TopicName={"Ref": "B"}), B=topic(TopicName={"Ref": "A"}))
    assert refused(text) == "Circular dependency between resources: [A, B]"


def test_what_refers_to_nothing_is_refused():
    assert refused(body(A=topic(TopicName={"Ref": "Gone"}))) == (
        "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template"
    )
    text = json.dumps({"Resources": {"A": topic()}, "Outputs": {"O": {"Value": {"Ref": "Gone"}}}})
    assert refused(text) == (
        "Template format error: Unresolved resource dependencies [Gone] in the Outputs block of the template"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Resources": ', "Template format error: JSON not well-formed. (line 1, column 15)"),
        ("Resources: [", "Template format error: YAML not well-formed. (line 1, column 13)"),
        ("words", "Template format error: unsupported structure."),
        ("{}", "Template format error: At least one Resources member must be defined."),
        (
            '{"Resources": {"A": {}}}',
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
    ],
)
def test_what_is_no_template_is_refused(text: str, said: str):
    assert refused(text) == said


def test_500_resources_are_taken_and_501_are_not():
    many = {f"T{number}": topic() for number in range(RESOURCES)}
    assert len(template.read(body(**many)).resources) == RESOURCES
    assert refused(body(**many, More=topic())) == (
        f"Template format error: Number of resources, {RESOURCES + 1}, is greater than maximum allowed, {RESOURCES}"
    )


def test_a_template_of_a_megabyte_is_taken_and_one_byte_more_is_not():
    empty = len(body(A=topic(DisplayName="")))
    assert template.read(body(A=topic(DisplayName="x" * (TEMPLATE_BYTES - empty))))
    assert "may not exceed" in refused(body(A=topic(DisplayName="x" * (TEMPLATE_BYTES - empty + 1))))
