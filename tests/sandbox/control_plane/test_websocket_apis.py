"""What a WebSocket API's stages serve, and what API Gateway refuses of its definition."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.definitions.model import Stage, Throttle, from_json
from tests.sandbox.control_plane import deploying

ROOT = Path(__file__).resolve().parents[3]
URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:f/invocations"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A control plane in a process of its own."""
    command = [
        sys.executable, "-m", "sandbox.control_plane", "--state-dir", str(tmp_path_factory.mktemp("state")),
        "--account-id", "123456789012", "--region", "us-east-1",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def made(url: str, service: str):
    return boto3.client(
        service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def gateway(url):
    client = made(url, "apigatewayv2")
    yield client
    client.close()


@pytest.fixture
def api(gateway):
    """A WebSocket API with the route `say`; gone in the end."""
    api_id = gateway.create_api(
        Name="a", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]  # fmt: skip
    gateway.create_route(ApiId=api_id, RouteKey="say")
    yield api_id
    gateway.delete_api(ApiId=api_id)


def stage(url: str, api_id: str) -> Stage:
    with urllib.request.urlopen(f"{url}/_sandbox/definitions?after=-1&wait_ms=0") as answer:
        return from_json(json.load(answer)).apis[api_id].stages["prod"]


def refusal(act) -> str:
    with pytest.raises(ClientError) as refused:
        act()
    error = refused.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_a_change_has_no_effect_before_a_deployment(gateway, api, url):
    """WS-19: routes and selection expression alike; each deployment is served by the stage that has it."""
    gateway.create_stage(ApiId=api, StageName="prod")
    assert stage(url, api).deployment_id == ""
    first = gateway.create_deployment(ApiId=api, StageName="prod", Description="one")["DeploymentId"]
    gateway.create_route(ApiId=api, RouteKey="shout")
    gateway.update_api(ApiId=api, RouteSelectionExpression="$request.body.verb")
    served = stage(url, api)
    assert (served.deployment_id, set(served.routes)) == (first, {"say"})
    assert served.route_selection_expression == "$request.body.action"
    second = gateway.create_deployment(ApiId=api)["DeploymentId"]
    assert set(stage(url, api).routes) == {"say"}
    gateway.update_stage(ApiId=api, StageName="prod", DeploymentId=second)
    served = stage(url, api)
    assert (served.deployment_id, set(served.routes)) == (second, {"say", "shout"})
    assert served.route_selection_expression == "$request.body.verb"
    assert gateway.get_stage(ApiId=api, StageName="prod")["DeploymentId"] == second
    assert [one["DeploymentId"] for one in gateway.get_deployments(ApiId=api)["Items"]] == [first, second]


def test_a_stage_that_deploys_itself_serves_the_api_as_it_is(gateway, api, url):
    """WS-19: `AutoDeploy`."""
    gateway.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    gateway.create_route(ApiId=api, RouteKey="shout")
    assert set(stage(url, api).routes) == {"say", "shout"}


def test_a_deployment_that_a_stage_serves_is_not_deleted(gateway, api):
    """One that none serves is."""
    gateway.create_stage(ApiId=api, StageName="prod")
    first = gateway.create_deployment(ApiId=api, StageName="prod")["DeploymentId"]
    assert refusal(lambda: gateway.delete_deployment(ApiId=api, DeploymentId=first)) == (
        "BadRequestException: Active stages pointing to this deployment must be moved or deleted"
    )
    gateway.create_deployment(ApiId=api, StageName="prod")
    gateway.delete_deployment(ApiId=api, DeploymentId=first)
    assert refusal(lambda: gateway.get_deployment(ApiId=api, DeploymentId=first)) == (
        f"NotFoundException: Invalid Deployment identifier specified {first}"
    )


def test_an_api_without_a_route_is_not_deployed(gateway):
    """API Gateway's own text."""
    api_id = gateway.create_api(Name="empty", ProtocolType="WEBSOCKET", RouteSelectionExpression="x")["ApiId"]
    assert refusal(lambda: gateway.create_deployment(ApiId=api_id)) == (
        "BadRequestException: At least one route is required before deploying the Api"
    )
    gateway.delete_api(ApiId=api_id)


def test_a_routes_throttle_is_its_own_before_the_stages(gateway, api, url):
    """WS-45: settings of a stage need no deployment; what is not said is the account's."""
    gateway.create_stage(
        ApiId=api, StageName="prod", AutoDeploy=True, DefaultRouteSettings={"ThrottlingRateLimit": 5.0},
        RouteSettings={"say": {"ThrottlingRateLimit": 0.0, "ThrottlingBurstLimit": 0}},
    )  # fmt: skip
    gateway.create_route(ApiId=api, RouteKey="shout")
    routes = stage(url, api).routes
    assert routes["say"].throttle == Throttle(rate_per_s=0.0, burst=0)
    assert routes["shout"].throttle == Throttle(rate_per_s=5.0, burst=5_000)


def test_a_routes_settings_are_before_the_stages(gateway, api, url):
    """WS-58: detailed metrics of a route."""
    gateway.create_stage(
        ApiId=api, StageName="prod", AutoDeploy=True, DefaultRouteSettings={"DetailedMetricsEnabled": True},
        RouteSettings={"say": {"DetailedMetricsEnabled": False}},
    )  # fmt: skip
    gateway.create_route(ApiId=api, RouteKey="shout")
    routes = stage(url, api).routes
    assert (routes["say"].detailed_metrics, routes["shout"].detailed_metrics) == (False, True)


@pytest.mark.parametrize("timeout", [50, 29_000])
def test_an_integration_timeout_at_its_limits_is_taken(gateway, api, timeout):
    """WS-22."""
    given = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", TimeoutInMillis=timeout)
    assert given["TimeoutInMillis"] == timeout


def test_an_integration_timeout_past_its_limit_is_refused(gateway, api):
    """WS-22: at creation and at a change."""
    text = "BadRequestException: Timeout should be between 50 ms and 29000 ms"
    create = {"ApiId": api, "IntegrationType": "AWS_PROXY"}
    assert refusal(lambda: gateway.create_integration(**create, TimeoutInMillis=29_001)) == text
    made_id = gateway.create_integration(**create)["IntegrationId"]
    change = {"ApiId": api, "IntegrationId": made_id, "TimeoutInMillis": 29_001}
    assert refusal(lambda: gateway.update_integration(**change)) == text


def test_only_connections_are_authorized(gateway, api):
    """WS-27: and only by IAM or a REQUEST authorizer."""
    authorizer = {"ApiId": api, "Name": "a", "AuthorizerUri": URI, "IdentitySource": []}
    made_id = gateway.create_authorizer(**authorizer, AuthorizerType="REQUEST")["AuthorizerId"]
    route = {"ApiId": api, "AuthorizationType": "CUSTOM", "AuthorizerId": made_id}
    gateway.create_route(**route, RouteKey="$connect")
    assert refusal(lambda: gateway.create_route(**route, RouteKey="shout")) == (
        "BadRequestException: Currently, authorization is restricted to the $connect route only"
    )
    assert "got JWT" in refusal(lambda: gateway.create_authorizer(**authorizer, AuthorizerType="JWT"))
    assert "got JWT" in refusal(
        lambda: gateway.create_route(ApiId=api, RouteKey="$connect", AuthorizationType="JWT")
    )  # fmt: skip


def test_a_templates_deployment_is_what_its_stage_serves(gateway, url):
    """WS-19, WS-35: with a route response, as CDK writes it for a route that returns one."""
    resources = {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": "t", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": "say", "RouteResponseSelectionExpression": "$default"}},
        "Response": {"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteId": {"Ref": "Route"}, "RouteResponseKey": "$default"}},
        "Deployment": {"Type": "AWS::ApiGatewayV2::Deployment", "DependsOn": ["Route", "Response"],
            "Properties": {"ApiId": {"Ref": "Api"}}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "prod", "DeploymentId": {"Ref": "Deployment"},
            "DefaultRouteSettings": {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}}},
    }  # fmt: skip
    cloudformation = made(url, "cloudformation")
    document = {"Resources": resources, "Outputs": {"ApiId": {"Value": {"Ref": "Api"}}}}
    (output,) = deploying.create(cloudformation, "t", json.dumps(document))["Outputs"]
    gateway.create_route(ApiId=output["OutputValue"], RouteKey="later")
    routes = stage(url, output["OutputValue"]).routes
    assert set(routes) == {"say"}
    assert routes["say"].returns_response
    assert routes["say"].throttle == Throttle(rate_per_s=1.0, burst=2)
    deploying.delete(cloudformation, "t")
    cloudformation.close()
