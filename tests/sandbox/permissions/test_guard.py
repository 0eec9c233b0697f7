"""The guard: functions' calls are held to their roles, others pass, and each refusal is told."""

import dataclasses

import pytest

from sandbox.definitions.model import Definitions, Function, Statement
from sandbox.functions import credentials
from sandbox.permissions import guard as guards
from sandbox.permissions.documents import statements
from sandbox.permissions.evaluation import Need
from sandbox.permissions.guard import Guard
from tests.sandbox.permissions.policies import ACCOUNT, ROLE_ARN, TABLE, allow, deny, role

FUNCTION = Function(
    name="reads-staging", arn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:reads-staging", runtime="python3.11",
    handler="h.h", role_arn=ROLE_ARN, timeout_s=3, memory_mb=128, path="/tmp", code_sha256="",
)  # fmt: skip
KEY = credentials.of_role(FUNCTION)[0]
READ = Need(action="dynamodb:GetItem", resource=TABLE)


def deployed(*documented) -> Definitions:
    return Definitions(
        revision=1, account_id=ACCOUNT, region="us-east-1", functions={FUNCTION.name: FUNCTION},
        roles={ROLE_ARN: role(*documented)},
    )  # fmt: skip


def guarding(*documented, mode="enforce", policy_of=guards.no_policy):
    told: list[dict] = []
    guard = Guard(mode, note=told.append, policy_of=policy_of)
    guard.apply(deployed(*documented))
    return guard, told


def test_a_refusal_names_the_missing_action_and_is_told():
    """Function, role, action, resource and why: the facts of `iam.denied`."""
    guard, told = guarding(allow("dynamodb:PutItem", TABLE))
    refused = guard.check(KEY, [READ])
    assert refused is not None
    assert refused.text.endswith("because no identity-based policy allows the dynamodb:GetItem action")
    assert told == [
        {
            "function": "reads-staging",
            "role": "Reader",
            "action": "dynamodb:GetItem",
            "resource": TABLE,
            "reason": "because no identity-based policy allows the dynamodb:GetItem action",
            "enforced": True,
        }
    ]


def test_every_need_of_a_call_must_be_allowed():
    """A transaction is refused for the one action that is missing."""
    guard, _ = guarding(allow("dynamodb:GetItem", TABLE))
    refused = guard.check(KEY, [READ, Need(action="dynamodb:PutItem", resource=TABLE)])
    assert refused is not None
    assert refused.need.action == "dynamodb:PutItem"
    assert guard.check(KEY, [READ]) is None


def test_whoever_deploys_is_not_restricted():
    """Other keys than those handed to functions pass."""
    guard, told = guarding()
    assert not guard.knows("AKIAIOSFODNN7EXAMPLE")
    assert guard.check("AKIAIOSFODNN7EXAMPLE", [READ]) is None
    assert told == []


@pytest.mark.parametrize(("mode", "told_of"), [("warn", 1), ("off", 0)])
def test_without_enforcement_calls_pass(mode, told_of):
    """`warn` tells of what AWS would refuse, `off` does not look."""
    guard, told = guarding(mode=mode)
    assert guard.check(KEY, [READ]) is None
    assert [one["enforced"] for one in told] == [False] * told_of


def test_a_changed_policy_is_followed_at_once():
    """What was decided by the older one is forgotten."""
    guard, _ = guarding(allow("dynamodb:*"))
    assert guard.check(KEY, [READ]) is None
    guard.apply(deployed(allow("dynamodb:*"), deny("dynamodb:GetItem")))
    assert guard.check(KEY, [READ]) is not None


def test_a_decision_that_depends_on_the_request_is_made_for_each():
    """The same action and resource, another namespace."""
    only = {"StringEquals": {"cloudwatch:namespace": "Ours"}}
    guard, _ = guarding(allow("cloudwatch:PutMetricData", Condition=only))

    def put(namespace: str) -> Need:
        return Need(action="cloudwatch:PutMetricData", context={"cloudwatch:namespace": [namespace]})

    assert guard.check(KEY, [put("Ours")]) is None
    assert guard.check(KEY, [put("Theirs")]) is not None
    assert guard.check(KEY, [put("Ours")]) is None


def test_no_more_decisions_are_kept_than_the_limit(monkeypatch):
    """One queue a session would else be one decision a session, for ever."""
    monkeypatch.setattr(guards, "KEPT_DECISIONS", 2)
    guard, _ = guarding(allow("sqs:*"))
    for number in range(5):
        need = Need(action="sqs:SendMessage", resource=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q{number}")
        assert guard.check(KEY, [need]) is None
    assert len(guard._decisions) <= 2


def test_a_resources_policy_is_looked_at_each_time():
    """A queue's policy may change without the definitions."""
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
    held: list[Statement] = []
    guard, _ = guarding(policy_of=lambda _: held)
    need = Need(action="sqs:SendMessage", resource=queue)
    assert guard.check(KEY, [need]) is not None
    held += statements({"Statement": [allow("sqs:SendMessage", queue, Principal={"AWS": ROLE_ARN})]})
    assert guard.check(KEY, [need]) is None


def test_a_secure_transport_condition_is_met():
    """On AWS a function's calls are made over TLS, so a policy that denies what is not does not deny them."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    guard, _ = guarding(allow("sqs:*"), deny("sqs:*", Condition=insecure))
    assert guard.check(KEY, [Need(action="sqs:SendMessage")]) is None


def test_a_service_is_admitted_by_the_resources_policy():
    """And told of as the service with its source when it is not."""
    topic, alarm = f"arn:aws:sns:us-east-1:{ACCOUNT}:t", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:a"
    policy = statements({"Statement": [allow("SNS:Publish", topic, Principal={"Service": "cloudwatch.amazonaws.com"})]})
    guard, told = guarding(policy_of=lambda _: policy)
    need = Need(action="sns:Publish", resource=topic)
    assert guard.admit("cloudwatch.amazonaws.com", need, source_arn=alarm) is None
    refused = guard.admit("events.amazonaws.com", need, source_arn=alarm)
    assert refused is not None
    assert refused.text == (
        f"User: events.amazonaws.com is not authorized to perform: SNS:Publish on resource: {topic} because no "
        "resource-based policy allows the SNS:Publish action"
    )
    assert (told[0]["service"], told[0]["source"], told[0]["action"]) == ("events.amazonaws.com", alarm, "sns:Publish")


def test_two_functions_of_one_role_are_two_callers():
    """As on AWS, the session is the function's name."""
    other = dataclasses.replace(FUNCTION, name="other-staging")
    assert credentials.of_role(other)[0] != KEY
