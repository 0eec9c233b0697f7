"""How large an item is, as DynamoDB counts it (developer guide, "DynamoDB item sizes and formats"). Pure."""

from collections.abc import Iterable
from typing import Any

_CONTAINER_BYTES = 3


def of_item(item: dict[str, Any]) -> int:
    """Bytes of an item: its attributes' names and values."""
    size = 0
    for name, value in item.items():
        size += _text(name) + of_value(value)
    return size


def of_items(items: Iterable[dict[str, Any]]) -> int:
    """Bytes of several items."""
    return sum(map(of_item, items))


def at_most(values: Any) -> int:
    """More bytes than items or values take, found much sooner: whatever is written in Python takes at least as many
    characters, of four bytes each at most."""
    return 4 * len(repr(values))


def of_value(value: Any) -> int:
    """Bytes of one value, `{"S": "text"}` and the like. Binary counts as it is written here, in base64."""
    for kind, inner in value.items():
        match kind:
            case "S" | "B":
                return _text(inner)
            case "N":
                return _number(inner)
            case "SS" | "BS":
                return sum(map(_text, inner))
            case "NS":
                return sum(map(_number, inner))
            case "L":
                return _CONTAINER_BYTES + len(inner) + sum(map(of_value, inner))
            case "M":
                return _CONTAINER_BYTES + len(inner) + of_item(inner)
    return 1


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number(text: str) -> int:
    """About one byte for two significant digits, and one."""
    return (len(text.strip("-0.")) + 1) // 2 + 1
