"""DynamoDB's attribute values and Python's, for the strings, whole numbers, flags, lists and maps that the product
stores. Of anything else boto3's own conversion decides, which takes five times as long."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as a DynamoDB item; fields that are None are left out. Floats become decimals of the same text."""
    return {name: _written(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """A DynamoDB item as a mapping; whole numbers are integers, others floats."""
    return {name: _read(value) for name, value in item.items()}


def _written(value: Any) -> dict[str, Any]:
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is int:
        return {"N": str(value)}
    if kind is bool:
        return {"BOOL": value}
    if kind is float:
        written: dict[str, Any] = _SERIALIZER.serialize(Decimal(str(value)))
        return written
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    if isinstance(value, list):
        return {"L": [_written(one) for one in value]}
    other: dict[str, Any] = _SERIALIZER.serialize(value)
    return other


def _read(value: Mapping[str, Any]) -> Any:
    for kind, inner in value.items():
        if kind in ("S", "BOOL"):
            return inner
        if kind == "N":
            return int(inner) if inner.isdecimal() else _number(inner)
        if kind == "M":
            return from_item(inner)
        if kind == "L":
            return [_read(one) for one in inner]
    return _DESERIALIZER.deserialize(value)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else float(number)
