"""DynamoDB's attribute values and Python's, for the strings, whole numbers, flags and maps that the product stores."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as a DynamoDB item; fields that are None are left out. Floats become decimals of the same text."""
    return {name: _SERIALIZER.serialize(_stored(value)) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """A DynamoDB item as a mapping; whole numbers are integers, others floats."""
    return {name: _read(_DESERIALIZER.deserialize(value)) for name, value in item.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {name: _stored(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_stored(one) for one in value]
    return value


def _read(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _read(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_read(one) for one in value]
    return value
