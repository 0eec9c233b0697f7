"""Deployment of cloud assemblies through CloudFormation, at whatever endpoint the clients have."""

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.deployment import assembly
from sandbox.deployment.assembly import StackArtifact
from sandbox.deployment.errors import StackError, TemplateRefusedError
from sandbox.deployment.publish import bootstrap, publish

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
APP_ORDER = ("translation-pipeline", "audio-transcription", "session-management")
"""Later stacks name what earlier ones create."""


def in_order(assemblies: dict[str, Path], *, account_id: str, region: str) -> list[StackArtifact]:
    """Every stack of every app, what others need first."""
    known = [name for name in APP_ORDER if name in assemblies]
    names = known + sorted(set(assemblies) - set(known))
    return [stack for name in names for stack in assembly.read(assemblies[name], account_id=account_id, region=region)]


def deploy(session: Any, endpoint_url: str, stacks: list[StackArtifact]) -> dict[str, dict[str, str]]:
    """Create or update each stack; returns the outputs by stack. Raises TemplateRefusedError or
    StackError for the first that fails."""
    clients = {name: session.client(name, endpoint_url=endpoint_url) for name in ("s3", "ssm", "cloudformation")}
    for bucket in {asset.bucket for stack in stacks for asset in stack.assets}:
        bootstrap(clients["s3"], clients["ssm"], bucket)
    outputs = {}
    for stack in stacks:
        for asset in stack.assets:
            publish(clients["s3"], asset)
        outputs[stack.name] = _deploy_stack(clients["cloudformation"], stack)
    return outputs


def _deploy_stack(cloudformation: Any, stack: StackArtifact) -> dict[str, str]:
    template = json.loads(stack.template.read_text())
    given = {
        "StackName": stack.name,
        "TemplateBody": json.dumps(template, separators=(",", ":")),
        "Capabilities": CAPABILITIES,
    }
    try:
        if not _exists(cloudformation, stack.name):
            cloudformation.create_stack(**given)
        elif cloudformation.get_template(StackName=stack.name)["TemplateBody"] != template:
            cloudformation.update_stack(**given)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise TemplateRefusedError(stack.name, error.response["Error"]["Message"]) from error
    described = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
    status = described["StackStatus"]
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(stack.name, status, _first_failure(cloudformation, stack.name))
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _exists(cloudformation: Any, name: str) -> bool:
    try:
        cloudformation.describe_stacks(StackName=name)
    except ClientError:
        return False
    return True


def _first_failure(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return "no event says why"
    return f"{failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'no reason given')}"
