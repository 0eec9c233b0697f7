"""An explicit Deny wins, then an Allow, else a call is denied: IAM's evaluation logic within one account."""

import pytest

from sandbox.permissions.documents import statements
from sandbox.permissions.evaluation import Decision, Need, decide, service_may
from tests.sandbox.permissions.policies import ACCOUNT, CALLER, ROLE_ARN, TABLE, allow, deny, role

READ = Need(action="dynamodb:GetItem", resource=TABLE)
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
SEND = Need(action="sqs:SendMessage", resource=QUEUE)


def test_what_no_policy_allows_is_denied():
    """A role without policies, or one that is gone, may do nothing."""
    assert decide(role(), CALLER, READ) is Decision.NOT_ALLOWED
    assert decide(None, CALLER, READ) is Decision.NOT_ALLOWED


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        (allow("dynamodb:GetItem", TABLE), Decision.ALLOWED),
        (allow("DynamoDB:getitem", TABLE), Decision.ALLOWED),
        (allow(["dynamodb:PutItem", "dynamodb:Get*"], [TABLE]), Decision.ALLOWED),
        (allow("*", "*"), Decision.ALLOWED),
        (allow("dynamodb:PutItem", TABLE), Decision.NOT_ALLOWED),
        (allow("dynamodb:GetItem", f"{TABLE}/index/*"), Decision.NOT_ALLOWED),
        (allow("dynamodb:GetItem", TABLE.replace("Sessions", "sessions")), Decision.NOT_ALLOWED),
        (allow("dynamodb:GetItem", TABLE.replace(ACCOUNT, "*")), Decision.ALLOWED),
        (allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/Sess?ons"), Decision.ALLOWED),
        (allow("dynamodb:GetItem", "arn:aws:dynamodb:*"), Decision.NOT_ALLOWED),
        ({"Effect": "Allow", "NotAction": "dynamodb:DeleteTable", "Resource": "*"}, Decision.ALLOWED),
        ({"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"}, Decision.NOT_ALLOWED),
        ({"Effect": "Allow", "Action": "*", "NotResource": TABLE}, Decision.NOT_ALLOWED),
        ({"Effect": "Allow", "Action": "*", "NotResource": f"{TABLE}s"}, Decision.ALLOWED),
    ],
)
def test_an_allow_is_about_its_actions_and_resources(statement, decision):
    """Actions are alike in whatever case, resources are not; a wildcard stays within its part of an ARN."""
    assert decide(role(statement), CALLER, READ) is decision


def test_an_explicit_deny_wins():
    """Whatever else allows."""
    assert decide(role(allow(), deny("dynamodb:GetItem", TABLE)), CALLER, READ) is Decision.DENIED_BY_IDENTITY
    assert decide(role(allow(), deny("dynamodb:PutItem", TABLE)), CALLER, READ) is Decision.ALLOWED


def test_an_action_without_a_resource_needs_the_wildcard():
    """A named resource does not allow what is about none."""
    need = Need(action="translate:TranslateText")
    assert decide(role(allow("translate:TranslateText", "*")), CALLER, need) is Decision.ALLOWED
    assert decide(role(allow("translate:*", f"arn:aws:translate:*:{ACCOUNT}:*")), CALLER, need) is Decision.NOT_ALLOWED


@pytest.mark.parametrize(
    ("principal", "decision"),
    [
        ({"AWS": ROLE_ARN}, Decision.ALLOWED),
        ({"AWS": CALLER.arn}, Decision.ALLOWED),
        ("*", Decision.ALLOWED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Decision.NOT_ALLOWED),
        ({"Service": "sqs.amazonaws.com"}, Decision.NOT_ALLOWED),
    ],
)
def test_a_resources_own_policy_is_enough_where_it_names_the_role(principal, decision):
    """The account's root is not the role: it leaves the matter to the role's policies."""
    policy = statements({"Statement": [allow("sqs:SendMessage", QUEUE, Principal=principal)]})
    assert decide(role(), CALLER, SEND, policy) is decision


def test_a_resources_own_policy_may_deny():
    """Also to the whole account."""
    policy = statements({"Statement": [deny("sqs:*", QUEUE, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})]})
    assert decide(role(allow()), CALLER, SEND, policy) is Decision.DENIED_BY_RESOURCE


def test_a_boundary_limits_and_allows_nothing():
    """Both the policy and the boundary must allow."""
    assert decide(role(allow(), boundary=[allow("dynamodb:*")]), CALLER, READ) is Decision.ALLOWED
    assert decide(role(allow(), boundary=[allow("sqs:*")]), CALLER, READ) is Decision.OUTSIDE_BOUNDARY
    assert decide(role(boundary=[allow()]), CALLER, READ) is Decision.NOT_ALLOWED
    assert decide(role(allow(), boundary=[allow(), deny("dynamodb:*")]), CALLER, READ) is Decision.DENIED_BY_BOUNDARY


def test_a_service_is_let_in_by_the_resources_policy_alone():
    """For the source that the condition names."""
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/every-minute"
    statement = allow(
        "sqs:SendMessage", QUEUE, Principal={"Service": "events.amazonaws.com"},
        Condition={"ArnEquals": {"aws:SourceArn": rule}},
    )  # fmt: skip
    policy = statements({"Statement": statement})

    def from_source(source: str) -> Need:
        return Need(action=SEND.action, resource=QUEUE, context={"aws:sourcearn": [source]})

    assert service_may(policy, "events.amazonaws.com", from_source(rule))
    assert not service_may(policy, "events.amazonaws.com", from_source(f"{rule}-2"))
    assert not service_may(policy, "sns.amazonaws.com", from_source(rule))
    assert not service_may((), "events.amazonaws.com", from_source(rule))


def test_a_resource_may_name_what_belongs_to_the_caller():
    """Policy variables are filled in from the request; one without a value fits nothing."""
    own = role(allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/${aws:PrincipalAccount}"))
    about = Need(
        action="dynamodb:GetItem", resource=f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{ACCOUNT}",
        context={"aws:principalaccount": [ACCOUNT]},
    )  # fmt: skip
    assert decide(own, CALLER, about) is Decision.ALLOWED
    assert decide(own, CALLER, Need(action=about.action, resource=about.resource)) is Decision.NOT_ALLOWED
