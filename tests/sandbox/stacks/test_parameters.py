import json

import pytest

from sandbox.stacks import parameters
from sandbox.stacks.errors import StackRefusal
from sandbox.stacks.template import Template, read


def declared(**each: dict) -> Template:
    return read(json.dumps({"Parameters": each, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}}))


def refused(template: Template, **given: str) -> str:
    with pytest.raises(StackRefusal) as caught:
        parameters.given_values(template, given)
    return caught.value.text


def test_what_is_not_given_has_its_default():
    template = declared(A={"Type": "String", "Default": "x"}, N={"Type": "Number"}, L={"Type": "CommaDelimitedList"})
    values = parameters.given_values(template, {"N": "2", "L": "a, b"})
    assert values == {"A": "x", "N": "2", "L": "a, b"}
    assert parameters.resolved(template, values, lambda _: None) == ({"A": "x", "N": 2, "L": ["a", "b"]}, {})


def test_refusals_are_cloudformations():
    template = declared(
        A={"Type": "String", "AllowedValues": ["true", False]},
        B={"Type": "String", "Default": "b", "AllowedPattern": "[a-z]+", "ConstraintDescription": "must be lower case"},
        C={"Type": "Number", "Default": 1},
    )
    assert refused(template) == "Parameters: [A] must have values"
    assert refused(template, A="false", X="1") == "Parameters: [X] do not exist in the template"
    assert refused(template, A="no") == "Parameter 'A' must be one of AllowedValues"
    assert refused(template, A="true", B="B") == "Parameter 'B' failed to satisfy constraint: must be lower case"
    assert refused(template, A="true", C="one") == "Parameter 'C' must be a number."


def test_a_stored_parameter_is_looked_up_and_a_missing_one_refused():
    """F-03, F-10."""
    template = declared(V={"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"})
    values = parameters.given_values(template, {})
    resolved, from_store = parameters.resolved(template, values, {"/cdk-bootstrap/x/version": "32"}.get)
    assert resolved == {"V": "32"}
    assert parameters.shown(template, values, from_store) == [
        {"ParameterKey": "V", "ParameterValue": "/cdk-bootstrap/x/version", "ResolvedValue": "32"}
    ]
    with pytest.raises(StackRefusal) as caught:
        parameters.resolved(template, values, lambda _: None)
    assert caught.value.text == (
        "Unable to fetch parameters [/cdk-bootstrap/x/version] from parameter store for this account."
    )


def test_a_hidden_parameter_is_not_shown():
    template = declared(P={"Type": "String", "NoEcho": True})
    assert parameters.shown(template, {"P": "secret"}, {}) == [{"ParameterKey": "P", "ParameterValue": "****"}]
