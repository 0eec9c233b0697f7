"""Stacks as the API's answers have them (F-08 to F-10)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.control_plane.stacks.service import ChangeSet
from sandbox.control_plane.stacks.stack import Stack, shown_parameters
from sandbox.stacks.errors import StackRefusal
from sandbox.stacks.operation import Event
from sandbox.stacks.template import Template

Row = dict[str, Any]

NO_VALUES = (
    "[WARN] --include-property-values option can return incomplete ChangeSet data because: "
    "changes are listed by resource, without their properties"
)
"""F-06: CloudFormation's own beginning of such a reason, which AWS's CDK CLI knows: it then relies on its own
comparison of the templates."""


def stack(one: Stack) -> Row:
    """A row of DescribeStacks."""
    wanted = one.wanted
    row = {
        "StackId": one.stack_id,
        "StackName": one.name,
        "ChangeSetId": one.change_set_id,
        "Description": wanted.template.document.get("Description") if wanted is not None else None,
        "Parameters": shown_parameters(wanted) if wanted is not None else [],
        "CreationTime": moment(one.created_ms),
        "LastUpdatedTime": moment(one.updated_ms),
        "DeletionTime": moment(one.deleted_ms),
        "StackStatus": one.status,
        "StackStatusReason": one.reason if one.status != "CREATE_COMPLETE" else None,
        "RollbackConfiguration": {},
        "DisableRollback": wanted is not None and wanted.on_failure == "DO_NOTHING",
        "NotificationARNs": list(one.notification_arns),
        "Capabilities": list(wanted.capabilities) if wanted is not None else [],
        "Outputs": one.outputs or None,
        "RoleARN": wanted.role_arn if wanted is not None else None,
        "Tags": _tags(wanted.tags if wanted is not None else None),
        "EnableTerminationProtection": one.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    return _present(row)


def summary(one: Stack) -> Row:
    """A row of ListStacks."""
    row = stack(one)
    names = (
        "StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus", "StackStatusReason",
        "DriftInformation",
    )  # fmt: skip
    return {name: row[name] for name in names if name in row}


def event(one: Stack, event_id: str, noted: Event) -> Row:
    """A row of DescribeStackEvents."""
    row = {
        "StackId": one.stack_id,
        "EventId": event_id,
        "StackName": one.name,
        "LogicalResourceId": noted.logical_id or one.name,
        "PhysicalResourceId": noted.physical_id if noted.logical_id else one.stack_id,
        "ResourceType": noted.resource_type,
        "Timestamp": moment(noted.at_ms),
        "ResourceStatus": noted.status,
        "ResourceStatusReason": noted.reason,
    }
    return _present(row)


def resources(one: Stack, time_name: str) -> list[Row]:
    """The rows of DescribeStackResources or ListStackResources, which name the time differently."""
    return [_resource(one, name, noted, time_name) for name, noted in sorted(one.statuses.items())]


def resource_of(one: Stack, logical_id: str) -> Row:
    """DescribeStackResource. Raises StackRefusal."""
    if logical_id not in one.statuses:
        raise StackRefusal(f"Resource {logical_id} does not exist for stack {one.name}")
    return _resource(one, logical_id, one.statuses[logical_id], "LastUpdatedTimestamp")


def change_set(one: ChangeSet, *, with_values: bool) -> Row:
    """DescribeChangeSet; `with_values`: asked for the values of properties, which no change here has."""
    rows = [
        {
            "Type": "Resource",
            "ResourceChange": _present(
                {
                    "Action": change.action,
                    "LogicalResourceId": change.logical_id,
                    "PhysicalResourceId": _physical_id(one.stack, change.logical_id),
                    "ResourceType": change.resource_type,
                    "Scope": ["Properties"] if change.action == "Modify" else [],
                    "Details": [],
                }
            ),
        }
        for change in one.listed
    ]
    row = change_set_summary(one) | {
        "Parameters": shown_parameters(one.wanted),
        "NotificationARNs": list(one.stack.notification_arns),
        "RollbackConfiguration": {},
        "Capabilities": list(one.wanted.capabilities),
        "Tags": _tags(one.wanted.tags),
        "Changes": rows,
    }
    if with_values and one.status == "CREATE_COMPLETE":
        row["StatusReason"] = NO_VALUES
    return _present(row)


def change_set_summary(one: ChangeSet) -> Row:
    """A row of ListChangeSets."""
    return _present(
        {
            "ChangeSetName": one.name,
            "ChangeSetId": one.change_set_id,
            "StackId": one.stack.stack_id,
            "StackName": one.stack.name,
            "Description": one.description,
            "CreationTime": moment(one.created_ms),
            "ExecutionStatus": one.execution_status,
            "Status": one.status,
            "StatusReason": one.reason,
            "IncludeNestedStacks": False,
        }
    )


def template_summary(template: Template) -> Row:
    """GetTemplateSummary."""
    return validated(template) | {
        "ResourceTypes": sorted({one["Type"] for one in template.resources.values()}),
        "Version": template.document.get("AWSTemplateFormatVersion"),
    }


def validated(template: Template) -> Row:
    """ValidateTemplate."""
    declared: Mapping[str, Any] = template.document.get("Parameters") or {}
    return _present(
        {
            "Description": template.document.get("Description"),
            "Parameters": [
                _present(
                    {
                        "ParameterKey": name,
                        "DefaultValue": one.get("Default"),
                        "ParameterType": one.get("Type", "String"),
                        "NoEcho": str(one.get("NoEcho", "false")).lower() == "true",
                        "Description": one.get("Description"),
                    }
                )
                for name, one in declared.items()
            ],
        }
    )


def moment(at_ms: int | None) -> datetime | None:
    """A time as the API's answers have it."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC) if at_ms is not None else None


def _resource(one: Stack, logical_id: str, noted: Event, time_name: str) -> Row:
    row = {
        "StackName": one.name,
        "StackId": one.stack_id,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": noted.physical_id,
        "ResourceType": noted.resource_type,
        time_name: moment(noted.at_ms),
        "ResourceStatus": noted.status,
        "ResourceStatusReason": noted.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }
    return _present(row)


def _physical_id(one: Stack, logical_id: str) -> str | None:
    made = one.made.get(logical_id)
    return made.physical_id if made is not None else None


def _tags(tags: Mapping[str, str] | None) -> list[Row]:
    return [{"Key": name, "Value": value} for name, value in (tags or {}).items()]


def _present(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
