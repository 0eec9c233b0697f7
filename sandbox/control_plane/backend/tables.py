"""`AWS::DynamoDB::Table` on a backend."""

import logging
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.backend import properties
from sandbox.control_plane.backend.properties import PropertyError
from sandbox.control_plane.backend.resource import OnBackend, code_of, refusals

_LOG = logging.getLogger(__name__)
_ABSENT = ("UnknownOperationException", "UnknownOperation", "NotImplemented", "InternalFailure", "501")
"""How emulators say that they do not have an operation."""


class TableResource(OnBackend, CloudFormationModel):
    """A table; one that the backend has already, with the same keys, is taken over with its items."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::DynamoDB::Table"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "TableName"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "TableResource":
        given, client = cloudformation_json["Properties"], cls.clients["dynamodb"]
        with refusals():
            request = properties.table(given, resource_name)
            try:
                client.create_table(**request)
            except ClientError as error:
                if code_of(error) != "ResourceInUseException":
                    raise
                _check_same(client, request)
            # The first look is at once; only a backend that is slow is asked again.
            client.get_waiter("table_exists").wait(TableName=resource_name, WaiterConfig={"Delay": 1})
            _set_aside_from_table(client, resource_name, given)
            described = client.describe_table(TableName=resource_name)["Table"]
        # DynamoDB Local's own ARN names neither this account nor this Region.
        attributes = {"Arn": f"arn:aws:dynamodb:{region_name}:{account_id}:table/{resource_name}"}
        if described.get("LatestStreamArn"):
            attributes["StreamArn"] = described["LatestStreamArn"]
        made = cls(resource_name, remove=lambda: _delete(client, resource_name), attributes=attributes)
        made.given = given
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "TableResource":
        given, client = cloudformation_json["Properties"], cls.clients["dynamodb"]
        name = original_resource.physical_resource_id
        if properties.table_is_replaced(original_resource.given, given):
            with refusals():
                if given.get("TableName") == name:
                    raise PropertyError(
                        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                        f"Rename {name} and update the stack again."
                    )
            made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            original_resource.delete(account_id, region_name)
            return made
        with refusals():
            for request in properties.table_changes(original_resource.given, given, name):
                client.update_table(**request)
            _set_aside_from_table(client, name, given)
        assert isinstance(original_resource, cls)
        original_resource.given = given
        return original_resource

    def _look(self) -> object:
        return self.clients["dynamodb"].describe_table(TableName=self.physical_resource_id)


def _check_same(client: Any, request: Mapping[str, Any]) -> None:
    """Raises PropertyError when the backend's table of this name is another one."""
    there = client.describe_table(TableName=request["TableName"])["Table"]

    def shape(table: Mapping[str, Any]) -> list[Any]:
        indexes = table.get("GlobalSecondaryIndexes") or ()
        return [table["KeySchema"], sorted((index["IndexName"], str(index["KeySchema"])) for index in indexes)]

    if shape(there) != shape(request):
        raise PropertyError(
            f"expected the backend's table {request['TableName']} to have the template's keys and indexes, it has "
            "others: delete it there (aws dynamodb delete-table) and try again"
        )


def _set_aside_from_table(client: Any, name: str, given: Mapping[str, Any]) -> None:
    """What CloudFormation has as properties and DynamoDB as operations of their own."""
    wanted = given.get("TimeToLiveSpecification") or {}
    present = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    enabled = present.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    if bool(wanted.get("Enabled")) != enabled or (enabled and wanted["AttributeName"] != present.get("AttributeName")):
        attribute = wanted.get("AttributeName") or present["AttributeName"]
        specification = {"AttributeName": attribute, "Enabled": bool(wanted.get("Enabled"))}
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
    recovery = given.get("PointInTimeRecoverySpecification")
    if recovery is not None:
        try:
            client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise
            _LOG.warning("%s: the backend keeps no backups, point-in-time recovery is left out", name)


def _delete(client: Any, name: str) -> None:
    with refusals():
        try:
            client.delete_table(TableName=name)
        except client.exceptions.ResourceNotFoundException:
            return
        client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
