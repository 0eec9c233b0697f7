"""What moto's models of some types leave out: how they are deleted, or changed in place."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.iam.models import iam_backends
from moto.logs.models import LogGroup
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from sandbox.stacks.errors import ResourceError

Properties = Mapping[str, Any]


def _policy(policy: Any, _properties: Properties) -> None:
    backend = iam_backends[policy.account_id][get_partition("us-east-1")]
    backend.managed_policies.pop(policy.arn, None)


def _layer_version(version: Any, _properties: Properties) -> None:
    layer = getattr(version, "_layer", None)
    if layer is not None:
        with contextlib.suppress(KeyError):
            layer.delete_version(str(version.version))


def _bucket(bucket: Any, _properties: Properties) -> None:
    backend = s3_backends[bucket.account_id][get_partition(bucket.region_name)]
    if bucket.name in backend.buckets and backend.delete_bucket(bucket.name) is None:
        raise ResourceError("The bucket you tried to delete is not empty (Service: S3, Status Code: 409)")


REMOVE: Mapping[str, Callable[[Any, Properties], None]] = {
    "AWS::IAM::ManagedPolicy": _policy,
    "AWS::Lambda::LayerVersion": _layer_version,
    "AWS::S3::Bucket": _bucket,
}
"""How a resource of a type is deleted, from its model and its properties."""


def _table(table: Any, old: Properties, new: Properties) -> bool:
    """DynamoDB changes a table in place, unless its name or its keys change."""
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if changed & {"TableName", "KeySchema", "LocalSecondaryIndexes"}:
        return False
    known = {
        "TimeToLiveSpecification", "BillingMode", "GlobalSecondaryIndexes", "AttributeDefinitions", "Tags",
        "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification",
    }  # fmt: skip
    if changed - known:
        raise ResourceError(f"expected a change of {', '.join(sorted(known))}, got one of {', '.join(changed - known)}")
    _, _, _, region, account_id, _ = table.table_arn.split(":", 5)
    backend = dynamodb_backends[account_id][region]
    indexes_before, indexes = _indexes(old), _indexes(new)
    index_updates = [{"Delete": {"IndexName": name}} for name in indexes_before.keys() - indexes.keys()]
    index_updates += [{"Create": dict(indexes[name])} for name in indexes.keys() - indexes_before.keys()]
    backend.update_table(
        table.name,
        attr_definitions=new.get("AttributeDefinitions", []),
        global_index=index_updates,
        throughput=new.get("ProvisionedThroughput", {}),
        billing_mode=new.get("BillingMode", "PROVISIONED"),
        stream_spec={},
        deletion_protection_enabled=new.get("DeletionProtectionEnabled", False),
        warm_throughput=None,
    )
    ttl = new.get("TimeToLiveSpecification")
    if ttl != old.get("TimeToLiveSpecification"):
        attribute = (ttl or old["TimeToLiveSpecification"])["AttributeName"]
        backend.update_time_to_live(table.name, {"AttributeName": attribute, "Enabled": bool(ttl and ttl["Enabled"])})
    return True


def _indexes(properties: Properties) -> dict[str, Mapping[str, Any]]:
    return {one["IndexName"]: one for one in properties.get("GlobalSecondaryIndexes", [])}


def _log_group(group: Any, old: Properties, new: Properties) -> bool:
    if old.get("LogGroupName") != new.get("LogGroupName"):
        return False
    group.retention_in_days = new.get("RetentionInDays")
    return True


IN_PLACE: Mapping[type, Callable[[Any, Properties, Properties], bool]] = {Table: _table, LogGroup: _log_group}
"""How one of moto's models is changed in place, from it and its old and new properties; False where it is not."""
