"""Which items of a table are deleted because their time to live is over, as the requests that do it. Pure.

D-01: the attribute is a number, epoch seconds, that is past and not more than five years past. DynamoDB deletes such
items "within a few days", typically two; until then they are read, found and updated as ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DELETED_AFTER_MS = 48 * 3_600_000
"""How long an item outlives its time (DynamoDB developer guide, "Using time to live": typically within two days)."""

TOO_OLD_S = 5 * 365 * 86_400
"""An item whose time is five years past is never deleted: its attribute may be no time at all (same page)."""

_IS_OVER = "attribute_type(#time, :number) AND #time < :over AND #time > :old"


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """A table with a time to live: its key's attributes, and the attribute that says when an item's time is over."""

    name: str
    key: tuple[str, ...]
    attribute: str


def scan(table: Expiring, now_ms: int, *, lag_ms: int, start: Mapping[str, Any] | None) -> dict[str, Any]:
    """The Scan for the keys of items that are due; `start` is where the last page ended."""
    names = {f"#key{number}": name for number, name in enumerate(table.key)}
    condition = _condition(table, now_ms, lag_ms)
    request = {
        "TableName": table.name,
        "FilterExpression": condition.pop("ConditionExpression"),
        "ProjectionExpression": ", ".join(names),
        **condition,
        "ExpressionAttributeNames": {**condition["ExpressionAttributeNames"], **names},
    }
    return request if start is None else {**request, "ExclusiveStartKey": start}


def deletion(table: Expiring, item: Mapping[str, Any], now_ms: int, *, lag_ms: int) -> dict[str, Any]:
    """The DeleteItem of one that was due: refused when it has been given more time since."""
    key = {name: item[name] for name in table.key}
    return {"TableName": table.name, "Key": key, **_condition(table, now_ms, lag_ms)}


def _condition(table: Expiring, now_ms: int, lag_ms: int) -> dict[str, Any]:
    over_s = (now_ms - lag_ms) // 1000
    return {
        "ConditionExpression": _IS_OVER,
        "ExpressionAttributeNames": {"#time": table.attribute},
        "ExpressionAttributeValues": {
            ":number": {"S": "N"}, ":over": {"N": str(over_s)}, ":old": {"N": str(now_ms // 1000 - TOO_OLD_S)},
        },
    }  # fmt: skip
