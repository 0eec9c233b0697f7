"""Asks AWS what is deployed, with the operations that anyone has on AWS too."""

from typing import Any

import boto3

from sandbox.deployment_report import deployed
from sandbox.deployment_report.deployed import Deployed
from sandbox.live.state import SandboxState


def gather(state: SandboxState) -> Deployed:
    """The stacks of a running sandbox and the settings of what they made."""
    session = boto3.Session(
        aws_access_key_id="operator",
        aws_secret_access_key="operator",  # noqa: S106 - the sandbox knows no secret of an operator's
        region_name=state.region,
    )
    clients = {
        name: session.client(name, endpoint_url=state.endpointUrl)
        for name in ("cloudformation", "lambda", "cloudwatch", "ssm")
    }
    try:
        stacks = tuple(_stack(clients["cloudformation"], name) for name in state.stacks)
        made = [one for stack in stacks for one in stack.resources]
        configuration: dict[str, str] = {}
        for one in made:
            configuration |= _settings(clients, one.type, one.physical_id)
        return Deployed(
            environment=state.environment, endpoint=state.endpointUrl, stacks=stacks, configuration=configuration
        )
    finally:
        for client in clients.values():
            client.close()


def _stack(cloudformation: Any, name: str) -> deployed.DeployedStack:
    (description,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [one for page in pages for one in page["StackResourceSummaries"]]
    return deployed.stack(description, resources, cloudformation.get_template(StackName=name)["TemplateBody"])


def _settings(clients: dict[str, Any], kind: str, physical_id: str) -> dict[str, str]:
    match kind:
        case "AWS::Lambda::Function":
            return deployed.of_function(clients["lambda"].get_function_configuration(FunctionName=physical_id))
        case "AWS::CloudWatch::Alarm":
            (alarm,) = clients["cloudwatch"].describe_alarms(AlarmNames=[physical_id])["MetricAlarms"]
            return deployed.of_alarm(alarm)
        case "AWS::SSM::Parameter":
            return deployed.of_parameter(clients["ssm"].get_parameter(Name=physical_id)["Parameter"])
        case _:
            return {}
