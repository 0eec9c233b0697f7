"""What moto's API Gateway v2 lacks (deployments, changes of a stage), and its refusals of what a WebSocket API cannot
have."""

import json
import secrets
import string
from collections.abc import Callable
from typing import Any

from moto.apigatewayv2 import urls
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException
from moto.apigatewayv2.models import Api, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.utils import iso_8601_datetime_without_milliseconds

from sandbox.control_plane import rules, websocket_apis
from sandbox.control_plane.websocket_apis import Deployment

_ID_CHARACTERS = 6
_STAGE_SETTINGS = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}


class DeploymentNotFoundError(APIGatewayV2Error):
    """No deployment of the API has this id."""

    code = 404

    def __init__(self, deployment_id: str) -> None:
        super().__init__("NotFoundException", f"Invalid Deployment identifier specified {deployment_id}")


def install() -> None:
    """Add the operations and put the refusals in front of moto's; once a process, before the first request."""
    base = "{0}/v2/apis/(?P<api_id>[^/]+)/deployments"
    dispatch = ApiGatewayV2Response.dispatch
    urls.url_paths |= {f"{base}$": dispatch, f"{base}/(?P<deployment_id>[^/]+)$": dispatch}
    for operation in (create_deployment, get_deployment, get_deployments, delete_deployment, update_stage):
        setattr(ApiGatewayV2Response, operation.__name__, operation)
    _show_a_stages_deployment()
    _refuse_what_websocket_apis_cannot_have()


def deploy(api: Any, *, description: str | None, stage_name: str | None) -> Deployment:
    """Deploy the API as it is, to a stage if one is given."""
    refusal = rules.deployment_refusal(len(api.routes))
    if refusal is not None:
        raise BadRequestException(refusal)
    drawn = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(_ID_CHARACTERS))
    made = websocket_apis.current(api, deployment_id=drawn, description=description)
    stage = api.get_stage(stage_name) if stage_name else None
    websocket_apis.deployments(api)[drawn] = made
    if stage is not None:
        stage.config["deploymentId"] = drawn
    return made


def change_stage(api: Any, name: str, given: dict[str, Any]) -> Any:
    """Give a stage other settings, or another deployment."""
    stage = api.get_stage(name)
    deployment_id = given.get("deploymentId")
    if deployment_id is not None and deployment_id not in websocket_apis.deployments(api):
        raise DeploymentNotFoundError(deployment_id)
    for parameter, attribute in _STAGE_SETTINGS.items():
        if parameter in given:
            setattr(stage, attribute, given[parameter])
    if deployment_id is not None:
        stage.config["deploymentId"] = deployment_id
    return stage


# the operations, as moto's responses have them


def create_deployment(response: Any) -> Any:
    given = json.loads(response.body or "{}")
    made = deploy(_api(response, -2), description=given.get("description"), stage_name=given.get("stageName"))
    return 201, {}, json.dumps(_shown(made))


def get_deployment(response: Any) -> Any:
    return 200, {}, json.dumps(_shown(_deployment(response)))


def get_deployments(response: Any) -> Any:
    made = websocket_apis.deployments(_api(response, -2)).values()
    return 200, {}, json.dumps({"items": [_shown(one) for one in made]})


def delete_deployment(response: Any) -> Any:
    api, found = _api(response, -3), _deployment(response)
    if any(stage.config.get("deploymentId") == found.deployment_id for stage in api.stages.values()):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    del websocket_apis.deployments(api)[found.deployment_id]
    return 204, {}, ""


def update_stage(response: Any) -> Any:
    stage = change_stage(_api(response, -3), response.path.split("/")[-1], json.loads(response.body or "{}"))
    return 200, {}, json.dumps(stage.to_json())


def _api(response: Any, position: int) -> Any:
    return response.apigatewayv2_backend.get_api(response.path.split("/")[position])


def _deployment(response: Any) -> Deployment:
    deployment_id = response.path.split("/")[-1]
    found = websocket_apis.deployments(_api(response, -3)).get(deployment_id)
    if found is None:
        raise DeploymentNotFoundError(deployment_id)
    return found


def _shown(one: Deployment) -> dict[str, Any]:
    shown = {
        "autoDeployed": False,
        "createdDate": iso_8601_datetime_without_milliseconds(one.created),
        "deploymentId": one.deployment_id,
        "deploymentStatus": "DEPLOYED",
    }
    return shown | ({"description": one.description} if one.description else {})


def _show_a_stages_deployment() -> None:
    to_json = Stage.to_json

    def shown(stage: Stage) -> dict[str, Any]:
        document: dict[str, Any] = to_json(stage)
        deployment_id = stage.config.get("deploymentId")
        return document | ({"deploymentId": deployment_id} if deployment_id else {})

    Stage.to_json = shown


def _refuse_what_websocket_apis_cannot_have() -> None:
    def route(given: dict[str, Any]) -> str | None:
        return rules.route_refusal(given.get("route_key"), given.get("authorization_type"))

    def authorizer(given: dict[str, Any]) -> str | None:
        return rules.authorizer_refusal(given["authorizer_type"])

    def integration(given: dict[str, Any]) -> str | None:
        return rules.integration_refusal(given.get("timeout_in_millis"))

    Api.create_route = _strict(Api.create_route, route)
    Api.create_authorizer = _strict(Api.create_authorizer, authorizer)
    Api.create_integration = _strict(Api.create_integration, integration)
    Api.update_integration = _strict(Api.update_integration, integration)


def _strict(operation: Callable[..., Any], refusal_of: Callable[[dict[str, Any]], str | None]) -> Callable[..., Any]:
    def strict(api: Any, *given: Any, **named: Any) -> Any:
        refusal = refusal_of(named) if api.protocol_type == "WEBSOCKET" else None
        if refusal is not None:
            raise BadRequestException(refusal)
        return operation(api, *given, **named)

    return strict
