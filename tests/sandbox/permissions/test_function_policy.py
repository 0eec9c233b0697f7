"""A function's resource policy, as AddPermission makes it."""

import dataclasses

import pytest

from sandbox.definitions.model import Permission
from sandbox.permissions.function_policy import FunctionPolicies, service_may_invoke
from tests.sandbox.permissions.policies import ACCOUNT
from tests.sandbox.permissions.test_guard import FUNCTION

RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/every-minute"


def permitting(**more):
    given = {"sid": "s", "principal": "events.amazonaws.com", "action": "lambda:InvokeFunction", **more}
    return dataclasses.replace(FUNCTION, permissions=(Permission(**given),))


@pytest.mark.parametrize(
    ("given", "lets_in"),
    [
        ({}, True),
        ({"source_arn": RULE}, True),
        ({"source_arn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/*"}, True),
        ({"source_arn": f"{RULE}-other"}, False),
        ({"source_account": ACCOUNT}, True),
        ({"source_account": "210987654321"}, False),
        ({"principal": "apigateway.amazonaws.com"}, False),
        ({"principal": "*"}, True),
        ({"action": "lambda:*"}, True),
        ({"action": "lambda:GetFunction"}, False),
    ],
)
def test_whom_a_permission_lets_in(given, lets_in):
    """The service, for the source that was named."""
    assert service_may_invoke(permitting(**given), "events.amazonaws.com", source_arn=RULE) is lets_in


def test_without_a_permission_nobody_may():
    """A function that is not there neither."""
    assert not service_may_invoke(FUNCTION, "events.amazonaws.com", source_arn=RULE)
    assert not service_may_invoke(None, "events.amazonaws.com", source_arn=RULE)


def test_a_policy_is_found_by_the_functions_arn():
    """With a qualifier too; what is no function has none."""
    policies = FunctionPolicies({FUNCTION.name: permitting()})
    assert len(policies(FUNCTION.arn)) == len(policies(f"{FUNCTION.arn}:live")) == 1
    assert policies("arn:aws:sqs:us-east-1:1:q") == ()
