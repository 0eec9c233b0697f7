"""What AWS's own answers say is deployed, as plain data. Pure.

`configuration` is flat, a dotted name to a text, so that two reports can be held against each other.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HASH_CHARACTERS = 16


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack."""

    logical_id: str
    type: str
    physical_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """One stack, with the digest of its template."""

    name: str
    status: str
    template_sha256: str
    outputs: Mapping[str, str]
    resources: tuple[Resource, ...]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Everything that a report says of a deployment."""

    environment: str
    endpoint: str
    stacks: tuple[DeployedStack, ...]
    configuration: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """The same for the same templates and code."""
        parts = [stack.template_sha256 for stack in self.stacks]
        parts += [value for name, value in sorted(self.configuration.items()) if name.endswith(".codeSha256")]
        return _short("\n".join(parts))


def stack(description: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], template: Any) -> DeployedStack:
    """From CloudFormation's DescribeStacks, ListStackResources and GetTemplate."""
    return DeployedStack(
        name=description["StackName"],
        status=description["StackStatus"],
        template_sha256=_short(json.dumps(template, sort_keys=True)),
        outputs={one["OutputKey"]: str(one["OutputValue"]) for one in description.get("Outputs", [])},
        resources=tuple(
            Resource(
                logical_id=one["LogicalResourceId"],
                type=one["ResourceType"],
                physical_id=one.get("PhysicalResourceId", ""),
                status=one["ResourceStatus"],
            )
            for one in resources
        ),
    )


def of_function(answer: Mapping[str, Any]) -> dict[str, str]:
    """From Lambda's GetFunctionConfiguration: what runs, where its limits are, and what it is told."""
    name = answer["FunctionName"]
    found = {
        f"function.{name}.codeSha256": answer["CodeSha256"],
        f"function.{name}.runtime": str(answer.get("Runtime", "")),
        f"function.{name}.handler": str(answer.get("Handler", "")),
        f"function.{name}.memoryMb": str(answer["MemorySize"]),
        f"function.{name}.timeoutS": str(answer["Timeout"]),
        f"function.{name}.layers": ", ".join(":".join(one["Arn"].split(":")[-2:]) for one in answer.get("Layers", [])),
    }
    variables = answer.get("Environment", {}).get("Variables", {})
    return found | {f"function.{name}.environment.{key}": str(value) for key, value in variables.items()}


def of_alarm(answer: Mapping[str, Any]) -> dict[str, str]:
    """From CloudWatch's DescribeAlarms: what raises it."""
    statistic = answer.get("Statistic") or answer.get("ExtendedStatistic")
    rule = (
        f"{statistic} of {answer['MetricName']} {answer['ComparisonOperator']} {answer['Threshold']:g}, "
        f"{answer.get('DatapointsToAlarm') or answer['EvaluationPeriods']} of {answer['EvaluationPeriods']} x "
        f"{answer['Period']} s, missing data {answer.get('TreatMissingData') or 'missing'}"
    )
    return {f"alarm.{answer['AlarmName']}": rule}


def of_parameter(answer: Mapping[str, Any]) -> dict[str, str]:
    """From SSM's GetParameter: its value, each name of a JSON object by itself."""
    name, value = answer["Name"], str(answer["Value"])
    try:
        document = json.loads(value)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return {f"parameter.{name}": value}
    return {f"parameter.{name}.{key}": json.dumps(one) for key, one in document.items()}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARACTERS]
