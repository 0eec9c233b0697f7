"""How large an item is, as DynamoDB counts it (developer guide, "DynamoDB item sizes and formats"). Pure."""

from collections.abc import Iterable
from typing import Any

_CONTAINER_BYTES = 3


def of_item(item: dict[str, Any]) -> int:
    """Bytes of an item: its attributes' names and values."""
    return sum(len(name.encode()) + of_value(value) for name, value in item.items())


def of_items(items: Iterable[dict[str, Any]]) -> int:
    """Bytes of several items."""
    return sum(map(of_item, items))


def of_value(value: Any) -> int:
    """Bytes of one value, `{"S": "text"}` and the like. Binary counts as it is written here, in base64."""
    kind, inner = next(iter(value.items()))
    match kind:
        case "S" | "B":
            return len(inner.encode())
        case "N":
            return _number(inner)
        case "SS" | "BS":
            return sum(len(member.encode()) for member in inner)
        case "NS":
            return sum(map(_number, inner))
        case "L":
            return _CONTAINER_BYTES + sum(1 + of_value(one) for one in inner)
        case "M":
            return _CONTAINER_BYTES + sum(1 + len(name.encode()) + of_value(one) for name, one in inner.items())
        case _:
            return 1


def _number(text: str) -> int:
    """About one byte for two significant digits, and one."""
    return (len(text.strip("-0.")) + 1) // 2 + 1
