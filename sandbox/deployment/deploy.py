"""Deployment of cloud assemblies through CloudFormation, at whatever endpoint the clients have."""

import json
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.deployment import assembly, bootstrap
from sandbox.deployment.assembly import StackArtifact
from sandbox.deployment.errors import StackError, TemplateRefusedError
from sandbox.deployment.publish import publish

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
APP_ORDER = ("translation-pipeline", "audio-transcription", "session-management")
"""Later stacks name what earlier ones create."""

UNUSABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""F-11: a stack that was never whole is deleted before the next try, as `cdk deploy` does."""

USER_INITIATED = "User Initiated"
"""The reason of the event that an operation begins with."""

POLL_S = 0.05


def in_order(assemblies: dict[str, Path], *, account_id: str, region: str) -> list[StackArtifact]:
    """Every stack of every app, what others need first."""
    known = [name for name in APP_ORDER if name in assemblies]
    names = known + sorted(set(assemblies) - set(known))
    return [stack for name in names for stack in assembly.read(assemblies[name], account_id=account_id, region=region)]


def deploy(session: Any, endpoint_url: str, stacks: list[StackArtifact]) -> dict[str, dict[str, str]]:
    """Create or update each stack; returns the outputs by stack. Raises TemplateRefusedError or
    StackError for the first that fails."""
    clients = {name: session.client(name, endpoint_url=endpoint_url) for name in ("s3", "cloudformation")}
    if _status(clients["cloudformation"], bootstrap.STACK_NAME) is None:
        given = {"StackName": bootstrap.STACK_NAME, "TemplateBody": json.dumps(bootstrap.template())}
        clients["cloudformation"].create_stack(**given, Capabilities=CAPABILITIES)
        _complete(clients["cloudformation"], bootstrap.STACK_NAME)
    outputs = {}
    for stack in stacks:
        for asset in stack.assets:
            publish(clients["s3"], asset)
        outputs[stack.name] = _deploy_stack(clients["cloudformation"], endpoint_url, stack)
    return outputs


def _deploy_stack(cloudformation: Any, endpoint_url: str, stack: StackArtifact) -> dict[str, str]:
    given = {"StackName": stack.name, "Capabilities": CAPABILITIES, **_template(endpoint_url, stack)}
    status = _status(cloudformation, stack.name)
    try:
        if status in UNUSABLE:
            cloudformation.delete_stack(StackName=stack.name)
            left = _settled(cloudformation, stack.name)
            if left:
                reason = _first_failure(cloudformation, stack.name)
                raise StackError(stack.name, left["StackStatus"], f"{reason}: remove what keeps it and try again")
            status = None
        if status is None:
            cloudformation.create_stack(**given)
        else:
            cloudformation.update_stack(**given)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise TemplateRefusedError(stack.name, error.response["Error"]["Message"]) from error
    described = _complete(cloudformation, stack.name)
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _template(endpoint_url: str, stack: StackArtifact) -> dict[str, str]:
    """Where CloudFormation finds the template: among the stack's published assets, as a rule."""
    for asset in stack.assets:
        if asset.path == stack.template:
            return {"TemplateURL": f"{endpoint_url}/{asset.bucket}/{asset.object_key}"}
    return {"TemplateBody": stack.template.read_text()}


def _complete(cloudformation: Any, name: str) -> dict[str, Any]:
    """The stack, once it is whole. Raises StackError."""
    described = _settled(cloudformation, name)
    status = described["StackStatus"]
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(name, status, _first_failure(cloudformation, name))
    return described


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        status: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return None
    return status


def _settled(cloudformation: Any, name: str) -> dict[str, Any]:
    """The stack once no operation is under way; nothing of a stack that is gone."""
    while True:
        try:
            described: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError:
            return {}
        if described["StackStatus"].endswith(("_COMPLETE", "_FAILED")):
            return described
        time.sleep(POLL_S)


def _first_failure(cloudformation: Any, name: str) -> str:
    """Of the stack's latest operation."""
    failed = None
    for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]:
        if event["ResourceStatus"].endswith("FAILED") and event["PhysicalResourceId"] != event["StackId"]:
            failed = event
        if event.get("ResourceStatusReason") == USER_INITIATED:
            break
    if failed is None:
        return "no event says why"
    return f"{failed['LogicalResourceId']}: {failed.get('ResourceStatusReason', 'no reason given')}"
