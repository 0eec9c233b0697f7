"""The bench's application deployed with boto3 to any AWS-shaped endpoint.

A table, a role, three functions, and two WebSocket APIs, one of them behind an authorizer.
"""

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

APPLICATION = Path(__file__).parent / "application"
NAME, STAGE, REGION = "gateway-bench", "bench", "us-east-1"
ROUTES = ("echo", "echopost", "fanout")
ACTIVE_WITHIN_S = 12.0


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where an emulator answers; `{api}` and `{stage}` are filled in."""

    url: str
    websocket: str
    callbacks: str


def table(endpoint_url: str) -> None:
    """The table alone, for emulators that read the rest from their own configuration."""
    client = _client("dynamodb", endpoint_url)
    try:
        _make_table(client)
    except client.exceptions.ResourceInUseException:
        return


def deploy(endpoint: Endpoint) -> str:
    """Everything; returns the URL of the API without an authorizer."""
    _make_table(_client("dynamodb", endpoint.url))
    role = _role(_client("iam", endpoint.url))
    gateway, functions = _client("apigatewayv2", endpoint.url), _client("lambda", endpoint.url)
    api = _api(gateway, NAME)
    address = {"api": api, "stage": STAGE}
    variables = {"TABLE": NAME, "MGMT_ENDPOINT": endpoint.callbacks.format(**address)}
    arns = {
        name: _function(functions, name, handler, role, variables)
        for name, handler in (("main", "handler.handler"), ("other", "handler.handler"), ("gate", "handler.authorize"))
    }
    main, other = (_integration(gateway, functions, api, name, arns[name]) for name in ("main", "other"))
    for key in ("$connect", "$disconnect"):
        _route(gateway, api, key, main)
    for key in ROUTES:
        _route(gateway, api, key, main, answers=True)
    _route(gateway, api, "other", other, answers=True)
    _publish(gateway, api)
    guarded = _api(gateway, f"{NAME}-guarded")
    guarded_main = _integration(gateway, functions, guarded, "main", arns["main"])
    authorizer = gateway.create_authorizer(
        ApiId=guarded, Name="gate", AuthorizerType="REQUEST", AuthorizerUri=_uri(arns["gate"]),
        IdentitySource=["route.request.querystring.token"],
    )["AuthorizerId"]  # fmt: skip
    _permit(functions, guarded, "gate", arns["gate"])
    _route(gateway, guarded, "$connect", guarded_main, authorizer=authorizer)
    _route(gateway, guarded, "echo", guarded_main, answers=True)
    _publish(gateway, guarded)
    return endpoint.websocket.format(**address)


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - emulators take any key pair
        config=Config(retries={"max_attempts": 1}, connect_timeout=10, read_timeout=120),
    )  # fmt: skip


def _make_table(client: Any) -> None:
    client.create_table(
        TableName=NAME, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    client.get_waiter("table_exists").wait(TableName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def _role(client: Any) -> str:
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    allowed = {"Effect": "Allow", "Action": ["dynamodb:*", "execute-api:*", "logs:*"], "Resource": "*"}
    arn: str = client.create_role(RoleName=NAME, AssumeRolePolicyDocument=_document(trusted))["Role"]["Arn"]
    client.put_role_policy(RoleName=NAME, PolicyName="all", PolicyDocument=_document(allowed))
    return arn


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(APPLICATION / "handler.py", "handler.py")
    return packed.getvalue()


def _function(client: Any, name: str, handler: str, role: str, variables: dict[str, str]) -> str:
    arn: str = client.create_function(
        FunctionName=f"{NAME}-{name}", Runtime="python3.11", Role=role, Handler=handler, Timeout=29, MemorySize=512,
        Environment={"Variables": variables}, Code={"ZipFile": _archive()},
    )["FunctionArn"]  # fmt: skip
    deadline = time.monotonic() + ACTIVE_WITHIN_S
    while time.monotonic() < deadline:
        if client.get_function_configuration(FunctionName=f"{NAME}-{name}").get("State", "Active") == "Active":
            return arn
        time.sleep(0.05)
    raise TimeoutError(f"expected {name} to be active within {ACTIVE_WITHIN_S:.0f} s, it is not")


def _api(client: Any, name: str) -> str:
    api_id: str = client.create_api(
        Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]  # fmt: skip
    return api_id


def _uri(arn: str) -> str:
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


def _permit(client: Any, api: str, name: str, arn: str) -> None:
    account = arn.split(":")[4]
    client.add_permission(
        FunctionName=f"{NAME}-{name}", StatementId=f"from-{api}", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com", SourceArn=f"arn:aws:execute-api:{REGION}:{account}:{api}/*",
    )  # fmt: skip


def _integration(gateway: Any, functions: Any, api: str, name: str, arn: str) -> str:
    _permit(functions, api, name, arn)
    made: str = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=_uri(arn)
    )["IntegrationId"]
    return made


def _route(
    client: Any, api: str, key: str, integration: str, *, answers: bool = False, authorizer: str | None = None
) -> None:
    given: dict[str, Any] = {"RouteResponseSelectionExpression": "$default"} if answers else {}
    if authorizer is not None:
        given |= {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}
    route = client.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration}", **given)["RouteId"]
    if answers:
        client.create_route_response(ApiId=api, RouteId=route, RouteResponseKey="$default")


def _publish(client: Any, api: str) -> None:
    client.create_stage(ApiId=api, StageName=STAGE, AutoDeploy=False)
    deployment = client.create_deployment(ApiId=api, StageName=STAGE)["DeploymentId"]
    client.update_stage(ApiId=api, StageName=STAGE, DeploymentId=deployment)
