"""`AWS::ApiGatewayV2::*`: a WebSocket API with its routes, integrations, authorizers and stages."""

import secrets
import string
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.resources.base import AddedResource, lower_camel
from sandbox.control_plane.websocket_apis import deployments
from sandbox.control_plane.websocket_operations import deploy

Properties = dict[str, Any]


def _api(properties: Properties, account_id: str, region: str) -> Any:
    return apigatewayv2_backends[account_id][region].get_api(properties["ApiId"])


def new_api_id() -> str:
    """API Gateway's ids are ten lower-case letters and digits."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(10))


class WebSocketApiResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Api`."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "WebSocketApiResource":
        backend = apigatewayv2_backends[account_id][region_name]
        given = cloudformation_json["Properties"]
        api = backend.create_api(
            api_key_selection_expression=given.get("ApiKeySelectionExpression"),
            cors_configuration=None,
            description=given.get("Description"),
            disable_schema_validation=given.get("DisableSchemaValidation"),
            disable_execute_api_endpoint=given.get("DisableExecuteApiEndpoint"),
            name=given.get("Name", resource_name),
            protocol_type=given["ProtocolType"],
            route_selection_expression=given.get("RouteSelectionExpression", "$request.body.action"),
            tags=given.get("Tags") or {},
            version=given.get("Version"),
        )
        new_id = new_api_id()
        backend.apis[new_id] = backend.apis.pop(api.api_id)
        api.api_id = new_id
        api.api_endpoint = f"wss://{new_id}.execute-api.{region_name}.amazonaws.com"
        return cls(
            new_id,
            remove=lambda: backend.apis.pop(new_id, None),
            attributes={"ApiId": new_id, "ApiEndpoint": api.api_endpoint},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "WebSocketApiResource":
        given = cloudformation_json["Properties"]
        api = apigatewayv2_backends[account_id][region_name].get_api(original_resource.physical_resource_id)
        api.name = given.get("Name", api.name)
        api.description = given.get("Description")
        api.route_selection_expression = given.get("RouteSelectionExpression", api.route_selection_expression)
        assert isinstance(original_resource, cls)
        return original_resource


class RouteResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Route`."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Route"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "RouteResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        route = api.create_route(
            api_key_required=given.get("ApiKeyRequired", False),
            authorization_scopes=given.get("AuthorizationScopes"),
            authorization_type=given.get("AuthorizationType"),
            authorizer_id=given.get("AuthorizerId"),
            model_selection_expression=given.get("ModelSelectionExpression"),
            operation_name=given.get("OperationName"),
            request_models=given.get("RequestModels"),
            request_parameters=given.get("RequestParameters"),
            route_key=given["RouteKey"],
            route_response_selection_expression=given.get("RouteResponseSelectionExpression"),
            target=given.get("Target"),
        )
        return cls(route.route_id, remove=lambda: api.routes.pop(route.route_id, None))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "RouteResource":
        given = cloudformation_json["Properties"]
        route = _api(given, account_id, region_name).routes[original_resource.physical_resource_id]
        route.route_key, route.target = given["RouteKey"], given.get("Target")
        route.authorization_type, route.authorizer_id = given.get("AuthorizationType"), given.get("AuthorizerId")
        route.route_response_selection_expression = given.get("RouteResponseSelectionExpression")
        assert isinstance(original_resource, cls)
        return original_resource


class IntegrationResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Integration`."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Integration"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "IntegrationResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        integration = api.create_integration(
            connection_id=given.get("ConnectionId"),
            connection_type=given.get("ConnectionType"),
            content_handling_strategy=given.get("ContentHandlingStrategy"),
            credentials_arn=given.get("CredentialsArn"),
            description=given.get("Description"),
            integration_method=given.get("IntegrationMethod"),
            integration_subtype=given.get("IntegrationSubtype"),
            integration_type=given["IntegrationType"],
            integration_uri=given.get("IntegrationUri"),
            passthrough_behavior=given.get("PassthroughBehavior"),
            payload_format_version=given.get("PayloadFormatVersion"),
            request_parameters=given.get("RequestParameters"),
            request_templates=given.get("RequestTemplates"),
            response_parameters=given.get("ResponseParameters"),
            template_selection_expression=given.get("TemplateSelectionExpression"),
            timeout_in_millis=given.get("TimeoutInMillis", 29_000),
            tls_config=given.get("TlsConfig"),
        )
        return cls(integration.id, remove=lambda: api.integrations.pop(integration.id, None))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "IntegrationResource":
        given = cloudformation_json["Properties"]
        integration = _api(given, account_id, region_name).integrations[original_resource.physical_resource_id]
        integration.integration_uri = given.get("IntegrationUri")
        integration.timeout_in_millis = given.get("TimeoutInMillis", 29_000)
        assert isinstance(original_resource, cls)
        return original_resource


class AuthorizerResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Authorizer`."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Authorizer"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "AuthorizerResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        authorizer = api.create_authorizer(
            auth_creds_arn=given.get("AuthorizerCredentialsArn"),
            auth_payload_format_version=given.get("AuthorizerPayloadFormatVersion"),
            auth_result_ttl=given.get("AuthorizerResultTtlInSeconds"),
            authorizer_type=given["AuthorizerType"],
            authorizer_uri=given.get("AuthorizerUri"),
            enable_simple_response=given.get("EnableSimpleResponses"),
            identity_source=given.get("IdentitySource", []),
            identity_validation_expr=given.get("IdentityValidationExpression"),
            jwt_config=given.get("JwtConfiguration"),
            name=given["Name"],
        )
        return cls(
            authorizer.id,
            remove=lambda: api.authorizers.pop(authorizer.id, None),
            attributes={"AuthorizerId": authorizer.id},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "AuthorizerResource":
        given = cloudformation_json["Properties"]
        authorizer = _api(given, account_id, region_name).authorizers[original_resource.physical_resource_id]
        authorizer.authorizer_uri = given.get("AuthorizerUri")
        authorizer.identity_source = given.get("IdentitySource", [])
        assert isinstance(original_resource, cls)
        return original_resource


class RouteResponseResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::RouteResponse` (WS-35)."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::RouteResponse"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "RouteResponseResource":
        given = cloudformation_json["Properties"]
        route = _api(given, account_id, region_name).get_route(given["RouteId"])
        response = route.create_route_response(
            given["RouteResponseKey"],
            model_selection_expression=given.get("ModelSelectionExpression"),
            response_models=given.get("ResponseModels"),
        )
        return cls(response.id, remove=lambda: route.delete_route_response(response.id))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "RouteResponseResource":
        original_resource.delete(account_id, region_name)
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class DeploymentResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Deployment`: what the API is at this moment of the stack's creation (WS-19)."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Deployment"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "DeploymentResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        made = deploy(api, description=given.get("Description"), stage_name=given.get("StageName"))
        return cls(
            made.deployment_id,
            remove=lambda: deployments(api).pop(made.deployment_id, None),
            attributes={"DeploymentId": made.deployment_id},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "DeploymentResource":
        """A deployment is never made again: only its description can change without a replacement."""
        assert isinstance(original_resource, cls)
        return original_resource


class StageResource(AddedResource, CloudFormationModel):
    """`AWS::ApiGatewayV2::Stage`."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Stage"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "StageResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        stage = api.create_stage(_stage_settings(given))
        return cls(stage.name, remove=lambda: api.stages.pop(stage.name, None))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "StageResource":
        given = cloudformation_json["Properties"]
        api = _api(given, account_id, region_name)
        api.stages.pop(original_resource.physical_resource_id, None)
        name = api.create_stage(_stage_settings(given)).name
        return cls(name, remove=lambda: api.stages.pop(name, None))


def _stage_settings(given: Properties) -> Properties:
    settings = lower_camel(given)
    if "defaultRouteSettings" in settings:
        settings["defaultRouteSettings"] = lower_camel(settings["defaultRouteSettings"])
    if "routeSettings" in settings:
        settings["routeSettings"] = {key: lower_camel(one) for key, one in settings["routeSettings"].items()}
    return settings
