"""Functions with a role and a log group of their own, and no permission that they do not use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam, aws_lambda, aws_logs
from constructs import Construct

from cdk_common.layers import RUNTIME

PACKAGE_PATTERNS = ["**/__pycache__", "**/*.pyc"]


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One function: its package under the app's `lambda` folder, and what it needs."""

    construct_id: str
    name: str
    package: str
    memory_mb: int
    timeout_s: int
    layers: Sequence[aws_lambda.ILayerVersion]
    environment: Mapping[str, str]
    statements: Sequence[aws_iam.PolicyStatement] = field(default_factory=tuple)
    role_id: str | None = None


def python_function(scope: Construct, code_folder: Path, spec: FunctionSpec) -> aws_lambda.Function:
    """The function; its code is the whole `lambda` folder of its app, found from this file and not from the shell's."""
    log_group = aws_logs.LogGroup(
        scope,
        f"{spec.construct_id}LogGroup",
        log_group_name=f"/aws/lambda/{spec.name}",
        retention=aws_logs.RetentionDays.TWO_WEEKS,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    role = aws_iam.Role(
        scope,
        spec.role_id or f"{spec.construct_id}Role",
        assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"What {spec.name} may do",
    )
    log_arn = f"{log_group.log_group_arn}"
    role.add_to_policy(statement(["logs:CreateLogStream", "logs:PutLogEvents"], [log_arn]))
    for one in spec.statements:
        role.add_to_policy(one)
    return aws_lambda.Function(
        scope,
        spec.construct_id,
        function_name=spec.name,
        runtime=RUNTIME,
        code=aws_lambda.Code.from_asset(str(code_folder), exclude=PACKAGE_PATTERNS),
        handler=f"{spec.package}.handler.handler",
        memory_size=spec.memory_mb,
        timeout=cdk.Duration.seconds(spec.timeout_s),
        layers=list(spec.layers),
        environment=dict(spec.environment),
        role=role,
        log_group=log_group,
    )


def statement(actions: Sequence[str], resources: Sequence[str]) -> aws_iam.PolicyStatement:
    """One Allow statement."""
    return aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))


def arn(scope: Construct, service: str, resource: str) -> str:
    """The ARN of a resource of this account and Region, by its name."""
    stack = cdk.Stack.of(scope)
    return f"arn:aws:{service}:{stack.region}:{stack.account}:{resource}"


def table_arns(scope: Construct, name: str, *, index: bool = False) -> list[str]:
    """The ARNs of a table, and of its indexes where they are read."""
    table = arn(scope, "dynamodb", f"table/{name}")
    return [table, f"{table}/index/*"] if index else [table]


def powertools(service: str, namespace: str, log_level: str) -> dict[str, str]:
    """What Powertools reads from a function's environment."""
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": namespace,
        "POWERTOOLS_LOG_LEVEL": log_level,
    }
