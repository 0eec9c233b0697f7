"""Functions with a role and a log group of their own, and no permission that they do not use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam, aws_lambda, aws_logs
from constructs import Construct

from cdk_common.checks import accept
from cdk_common.layers import RUNTIME

PACKAGE_PATTERNS = ["**/__pycache__", "**/*.pyc"]


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What a role may do, on what. `why` is the reason of each `*` in a resource: AWS has no narrower form."""

    actions: Sequence[str]
    resources: Sequence[str]
    why: str = ""

    def __post_init__(self) -> None:
        if any("*" in action for action in self.actions):
            raise ValueError(f"expected actions by their names, got {', '.join(self.actions)}")
        if not self.why and any("*" in resource for resource in self.resources):
            raise ValueError(f"expected the reason of a wildcard, got none for {', '.join(self.actions)}")


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
    permissions: Sequence[Permission] = field(default_factory=tuple)
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
    logs = Permission(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[f"{log_group.log_group_arn}"])
    for permission in (logs, *spec.permissions):
        _allow(role, permission)
    function = aws_lambda.Function(
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
    newer = "the layers' wheels are locked for CPython 3.11, the record's runtime"
    accept(function, "AwsSolutions-L1", newer)
    accept(function, "Serverless-LambdaLatestVersion", newer)
    accept(function, "Serverless-LambdaTracing", "logs and metrics carry a message's ids; X-Ray would ask for a `*`")
    accept(function, "Serverless-LambdaDLQ", "no event is worth keeping: each is of one moment, and is made up for")
    return function


def _allow(role: aws_iam.Role, permission: Permission) -> None:
    statement = aws_iam.PolicyStatement(actions=list(permission.actions), resources=list(permission.resources))
    role.add_to_policy(statement)
    stack = cdk.Stack.of(role)
    for resource in permission.resources:
        if "*" in resource:
            # cdk-nag names a finding by the resource as it prints it.
            printed = resource
            for value, name in ((stack.region, "AWS::Region"), (stack.account, "AWS::AccountId")):
                printed = printed.replace(value, f"<{name}>") if cdk.Token.is_unresolved(value) else printed
            accept(role, f"AwsSolutions-IAM5[Resource::{printed}]", permission.why)


def arn(scope: Construct, service: str, resource: str) -> str:
    """The ARN of a resource of this account and Region, by its name."""
    stack = cdk.Stack.of(scope)
    return f"arn:aws:{service}:{stack.region}:{stack.account}:{resource}"


def table_arn(scope: Construct, name: str) -> str:
    """The ARN of a table by its name."""
    return arn(scope, "dynamodb", f"table/{name}")


def post_to_connections(scope: Construct, stage: str) -> Permission:
    """Sending to clients of whichever WebSocket API called."""
    return Permission(
        actions=["execute-api:ManageConnections"],
        resources=[arn(scope, "execute-api", f"*/{stage}/*/@connections/*")],
        why="The API is made after its functions, whose events alone know its id; connections have no names before.",
    )


def session_queues(scope: Construct, environment: str, actions: Sequence[str]) -> Permission:
    """What may be done with the queues that sessions make for themselves."""
    return Permission(
        actions=actions,
        resources=[arn(scope, "sqs", f"session-audio-{environment}-*")],
        why="A queue is made for each session and named after it.",
    )


def powertools(service: str, namespace: str, log_level: str) -> dict[str, str]:
    """What Powertools reads from a function's environment."""
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": namespace,
        "POWERTOOLS_LOG_LEVEL": log_level,
    }
