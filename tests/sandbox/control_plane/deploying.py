"""Stacks as a client deploys them: ask, then look until no operation is under way."""

from typing import Any

from botocore.exceptions import ClientError


def settled(cloudformation: Any, name: str) -> dict[str, Any]:
    """The stack once its operation has ended; nothing of one that is gone."""
    while True:
        try:
            stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError:
            return {}
        if stack["StackStatus"].endswith(("_COMPLETE", "_FAILED")):
            return stack


def create(cloudformation: Any, name: str, body: str, **given: Any) -> dict[str, Any]:
    cloudformation.create_stack(StackName=name, TemplateBody=body, **given)
    return settled(cloudformation, name)


def update(cloudformation: Any, name: str, body: str, **given: Any) -> dict[str, Any]:
    cloudformation.update_stack(StackName=name, TemplateBody=body, **given)
    return settled(cloudformation, name)


def delete(cloudformation: Any, name: str) -> None:
    cloudformation.delete_stack(StackName=name)
    assert settled(cloudformation, name) == {}


def failure(cloudformation: Any, name: str) -> str:
    """Why the first resource failed in the stack's last operation."""
    for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]:
        if event["ResourceStatus"] in ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"):
            return str(event["ResourceStatusReason"])
    raise AssertionError("expected a failed resource")
