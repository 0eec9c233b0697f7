"""Puts AWS's refusals in front of moto's operations, which forgive."""

from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.logs.models import LogGroup

from sandbox.control_plane import (
    aws_policies,
    bucket_policies,
    data_operations,
    function_operations,
    mapping_operations,
    schedule_operations,
    websocket_operations,
)
from sandbox.control_plane.clock import PlaneClock


def install(*, clock: PlaneClock, function_state_ms: int, queues_elsewhere: bool = False) -> None:
    """Wrap moto's operations, once a process, before the first request; `queues_elsewhere`: on another backend."""
    schedule_operations.install()
    _keep_time_to_live()
    _name_log_groups_whole()
    websocket_operations.install()
    function_operations.install(clock, state_lasts_ms=function_state_ms)
    mapping_operations.install(queues_elsewhere=queues_elsewhere)
    aws_policies.install()
    bucket_policies.install()
    data_operations.install(clock.now_ms)


def _keep_time_to_live() -> None:
    create = Table.create_from_cloudformation_json

    def made(
        cls: type[Table],
        /,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **named: Any,
    ) -> Table:
        table = create.__func__(cls, resource_name, cloudformation_json, account_id, region_name, **named)
        given = cloudformation_json["Properties"].get("TimeToLiveSpecification")
        if given:
            dynamodb_backends[account_id][region_name].update_time_to_live(table.name, given)
        return table

    Table.create_from_cloudformation_json = classmethod(made)


def _name_log_groups_whole() -> None:
    """`Fn::GetAtt` of a log group's Arn ends in `:*` (CloudFormation, AWS::Logs::LogGroup), as its streams need it."""
    attribute = LogGroup.get_cfn_attribute

    def whole(group: LogGroup, name: str) -> str:
        value: str = attribute(group, name)
        return f"{value}:*" if name == "Arn" else value

    LogGroup.get_cfn_attribute = whole
