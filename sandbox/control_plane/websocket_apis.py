"""A WebSocket API of moto's, and its deployments, as the stages that the data plane serves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.definitions import model
from sandbox.gateway import limits

_FUNCTION_URI = re.compile(r"functions/(arn:aws:lambda:[^/]+)/invocations")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What an API was when it was deployed (WS-19)."""

    deployment_id: str
    created: datetime
    description: str | None
    route_selection_expression: str
    routes: Mapping[str, model.Route]


def current(api: Any, *, deployment_id: str, description: str | None = None) -> Deployment:
    """A deployment of the API as it is."""
    return Deployment(
        deployment_id=deployment_id,
        created=datetime.now(),
        description=description,
        route_selection_expression=api.route_selection_expression,
        routes={route.route_key: _route(api, route) for route in api.routes.values()},
    )


def deployments(api: Any) -> dict[str, Deployment]:
    """The API's deployments by id, the oldest first; kept on moto's own object, so that they end with it."""
    kept: dict[str, Deployment] = api.__dict__.setdefault("deployments", {})
    return kept


def deployed(api: Any) -> model.WebSocketApi:
    """The API's stages: each serves its deployment; one that deploys itself serves the API as it is."""
    return model.WebSocketApi(
        api_id=api.api_id, name=api.name, stages={stage.name: _stage(api, stage) for stage in api.stages.values()}
    )


def function_arn(uri: str | None) -> str | None:
    """The function that an integration's or authorizer's URI invokes, without a `$LATEST` qualifier."""
    match = _FUNCTION_URI.search(uri or "")
    return match[1].removesuffix(":$LATEST") if match else None


def _stage(api: Any, stage: Any) -> model.Stage:
    if stage.auto_deploy:
        serving: Deployment | None = current(api, deployment_id="auto")
    else:
        serving = deployments(api).get(stage.config.get("deploymentId", ""))
    if serving is None:
        return model.Stage(name=stage.name, deployment_id="")
    return model.Stage(
        name=stage.name,
        deployment_id=serving.deployment_id,
        route_selection_expression=serving.route_selection_expression,
        routes={key: _with_settings(route, _settings(stage, key)) for key, route in serving.routes.items()},
        stage_variables=stage.stage_variables or {},
    )


def _settings(stage: Any, route_key: str) -> dict[str, Any]:
    """A route's own settings are before the stage's."""
    return {**(stage.default_route_settings or {}), **((stage.route_settings or {}).get(route_key) or {})}


def _with_settings(route: model.Route, settings: Mapping[str, Any]) -> model.Route:
    detailed = str(settings.get("detailedMetricsEnabled", False)).lower() == "true"
    return replace(route, throttle=_throttle(settings), detailed_metrics=detailed)


def _throttle(settings: Mapping[str, Any]) -> model.Throttle | None:
    """What the settings do not say is the account's."""
    rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if rate is None and burst is None:
        return None
    return model.Throttle(
        rate_per_s=float(limits.REQUESTS_PER_S if rate is None else rate),
        burst=int(limits.REQUEST_BURST if burst is None else burst),
    )


def _route(api: Any, route: Any) -> model.Route:
    authorizer = api.authorizers.get(route.authorizer_id) if route.authorizer_id else None
    integration = api.integrations.get((route.target or "").removeprefix("integrations/"))
    arn = function_arn(authorizer.authorizer_uri) if authorizer is not None else None
    return model.Route(
        route_key=route.route_key,
        authorization_type=route.authorization_type or "NONE",
        authorizer=model.Authorizer(
            authorizer_id=authorizer.id, function_arn=arn, identity_sources=tuple(authorizer.identity_source or ())
        )
        if authorizer is not None and arn is not None
        else None,
        integration=model.Integration(
            integration_id=integration.id,
            integration_type=integration.integration_type,
            function_arn=function_arn(integration.integration_uri),
            timeout_ms=int(integration.timeout_in_millis or limits.INTEGRATION_MS[1]),
        )
        if integration is not None
        else None,
        returns_response=bool(route.route_response_selection_expression and route.route_responses),
    )
