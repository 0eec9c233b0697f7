"""CloudFormation's properties of data resources as the services' own requests. Pure.

A property that is not known here is refused, so that a template never means less on a backend than it says.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Properties = Mapping[str, Any]

_TABLE_SAME = (
    "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode", "TableClass",
    "DeletionProtectionEnabled", "Tags", "OnDemandThroughput", "ProvisionedThroughput",
)  # fmt: skip
_TABLE_OTHER = ("TableName", "StreamSpecification", "SSESpecification", "TimeToLiveSpecification",
                "PointInTimeRecoverySpecification")  # fmt: skip
_PARAMETER = ("Name", "Type", "Value", "Description", "AllowedPattern", "Tier", "Policies", "DataType")
_QUEUE = (
    "DelaySeconds", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit",
    "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "MaximumMessageSize", "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
)  # fmt: skip
_TOPIC = (
    "DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope",
    "SignatureVersion", "TracingConfig", "ArchivePolicy",
)  # fmt: skip


class PropertyError(ValueError):
    """A template asks for what is not known here, or for what CloudFormation refuses."""


def table(given: Properties, name: str) -> dict[str, Any]:
    """The request of CreateTable; time to live and recovery are requests of their own."""
    _known(given, (*_TABLE_SAME, *_TABLE_OTHER), "AWS::DynamoDB::Table")
    request: dict[str, Any] = {"TableName": name} | {key: given[key] for key in _TABLE_SAME if key in given}
    if "ProvisionedThroughput" in given:
        request["ProvisionedThroughput"] = {key: int(value) for key, value in given["ProvisionedThroughput"].items()}
    if "StreamSpecification" in given:
        request["StreamSpecification"] = _stream(given)
    if "SSESpecification" in given:
        encryption = dict(given["SSESpecification"])
        request["SSESpecification"] = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
    return request


def table_is_replaced(before: Properties, after: Properties) -> bool:
    """Whether CloudFormation makes a new table for the change ("Update requires: Replacement")."""
    return any(before.get(key) != after.get(key) for key in ("TableName", "KeySchema", "LocalSecondaryIndexes"))


def table_changes(before: Properties, after: Properties, name: str) -> list[dict[str, Any]]:
    """The requests of UpdateTable, one a change. Raises PropertyError for two changes of indexes at once."""
    _known(after, (*_TABLE_SAME, *_TABLE_OTHER), "AWS::DynamoDB::Table")
    changes: list[dict[str, Any]] = []
    plain = {
        key: after[key]
        for key in ("BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "DeletionProtectionEnabled")
        if key in after and after[key] != before.get(key)
    }
    if plain:
        changes.append(plain)
    if after.get("StreamSpecification") != before.get("StreamSpecification"):
        changes.append({"StreamSpecification": _stream(after)})
    indexes = _index_changes(before, after)
    if len(indexes) > 1:
        raise PropertyError("Cannot perform more than one GSI creation or deletion in a single update")
    changes += [
        {"GlobalSecondaryIndexUpdates": indexes, "AttributeDefinitions": after["AttributeDefinitions"]}
    ] if indexes else []  # fmt: skip
    return [{"TableName": name, **change} for change in changes]


def parameter(given: Properties, name: str) -> dict[str, Any]:
    """The request of PutParameter; a sandbox's parameters follow the template each time it is deployed."""
    _known(given, (*_PARAMETER, "Tags"), "AWS::SSM::Parameter")
    return {key: given[key] for key in _PARAMETER if key in given} | {"Name": name, "Overwrite": True}


def queue_attributes(given: Properties) -> dict[str, str]:
    """The attributes of CreateQueue and SetQueueAttributes."""
    _known(given, (*_QUEUE, "QueueName", "Tags"), "AWS::SQS::Queue")
    return {key: _text(given[key]) for key in _QUEUE if key in given}


def topic_attributes(given: Properties) -> dict[str, str]:
    """The attributes of CreateTopic and SetTopicAttributes."""
    _known(given, (*_TOPIC, "TopicName", "Tags", "Subscription"), "AWS::SNS::Topic")
    return {key: _text(given[key]) for key in _TOPIC if key in given}


def fifo_name(name: str, given: Properties, kind: str) -> str:
    """The name with `.fifo` where the properties make it a FIFO one and CloudFormation made the name up."""
    return f"{name}.fifo" if given.get(kind) in (True, "true") and not name.endswith(".fifo") else name


def tags(given: Properties) -> dict[str, str]:
    """Tags by name, from CloudFormation's list, or its map as parameters have it."""
    found = given.get("Tags") or {}
    return dict(found) if isinstance(found, Mapping) else {tag["Key"]: tag["Value"] for tag in found}


def _stream(given: Properties) -> dict[str, Any]:
    view = given.get("StreamSpecification", {}).get("StreamViewType")
    return {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}


def _index_changes(before: Properties, after: Properties) -> list[dict[str, Any]]:
    old = {index["IndexName"]: index for index in before.get("GlobalSecondaryIndexes", ())}
    new = {index["IndexName"]: index for index in after.get("GlobalSecondaryIndexes", ())}
    gone = [{"Delete": {"IndexName": name}} for name in old if new.get(name) != old[name]]
    return gone + [{"Create": dict(index)} for name, index in new.items() if old.get(name) != index]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (Mapping, list)) else str(value)


def _known(given: Properties, names: Iterable[str], resource_type: str) -> None:
    unknown = sorted(given.keys() - set(names))
    if unknown:
        raise PropertyError(f"{resource_type}: expected properties that a backend takes, got {', '.join(unknown)}")
