"""`AWS::Lambda::EventInvokeConfig` and `AWS::Lambda::Permission`."""

import json
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.resources.base import AddedResource


class EventInvokeConfigResource(AddedResource, CloudFormationModel):
    """How often and for how long an asynchronous invocation is tried."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::EventInvokeConfig"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "EventInvokeConfigResource":
        given = cloudformation_json["Properties"]
        config: dict[str, Any] = {
            name: int(given[name]) for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if name in given
        }
        if "DestinationConfig" in given:
            config["DestinationConfig"] = given["DestinationConfig"]
        backend = lambda_backends[account_id][region_name]
        function = backend.get_function(given["FunctionName"])
        function.event_invoke_config.clear()
        backend.put_function_event_invoke_config(given["FunctionName"], config)
        return cls(
            f"{given['FunctionName']}/{given.get('Qualifier', '$LATEST')}", remove=function.event_invoke_config.clear
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "EventInvokeConfigResource":
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class PermissionResource(AddedResource, CloudFormationModel):
    """`AWS::Lambda::Permission`: a statement of a function's policy, which goes with the resource."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Permission"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "PermissionResource":
        given = cloudformation_json["Properties"]
        policy = lambda_backends[account_id][region_name].get_function(given["FunctionName"]).policy
        statement, _ = policy.add_statement(raw=json.dumps({**given, "StatementId": resource_name}))

        def remove() -> None:
            if statement in policy.statements:
                policy.statements.remove(statement)

        return cls(resource_name, remove=remove)
