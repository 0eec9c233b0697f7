"""Where a table's items are kept: in memory here, in moto's tables in the live world. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from sandbox.items.errors import ValidationError
from sandbox.items.evaluation import Item

Key = Mapping[str, Any]
"""The key attributes of an item, with their values as DynamoDB writes them."""


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """A table's key and its indexes' keys: attribute names, the partition key first."""

    name: str
    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time_to_live: str | None = None
    """The attribute that says when an item's time is over."""

    def key_of(self, attributes: Mapping[str, Any]) -> Key:
        """The key among an item's attributes. Raises ValidationError when a part is missing."""
        try:
            return {name: attributes[name] for name in self.key}
        except KeyError as error:
            raise ValidationError(
                f"One of the required keys was not given a value: Missing the key {error.args[0]} in the item"
            ) from None


class Items(Protocol):
    """One table's items. What is put in is never changed afterwards, and what comes out must not be."""

    def get(self, key: Key) -> Item | None: ...
    def put(self, key: Key, item: Item) -> None: ...
    def remove(self, key: Key) -> None: ...
    def every(self) -> Iterable[Item]: ...

    def partition(self, value: Any) -> Iterable[Item]:
        """The items whose partition key has this value."""
        ...

    def having(self, name: str, value: Any) -> Iterable[Item]:
        """The items of which this attribute has this value, an index's partition, and perhaps others."""
        ...


class MemoryItems:
    """`Items` in a dictionary, in the order in which they were first put."""

    def __init__(self) -> None:
        self._items: dict[tuple[Any, ...], Item] = {}

    def get(self, key: Key) -> Item | None:
        return self._items.get(place(key))

    def put(self, key: Key, item: Item) -> None:
        self._items[place(key)] = item

    def remove(self, key: Key) -> None:
        self._items.pop(place(key), None)

    def every(self) -> Iterable[Item]:
        return self._items.values()

    def partition(self, value: Any) -> Iterable[Item]:
        wanted = _comparable(value)
        return [item for at, item in self._items.items() if at[0] == wanted]

    def having(self, name: str, value: Any) -> Iterable[Item]:
        wanted = _comparable(value)
        return [item for item in self._items.values() if name in item and _comparable(item[name]) == wanted]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as the operations need it."""

    schema: TableSchema
    items: Items


def place(key: Key) -> tuple[Any, ...]:
    """A key as something that two writings of the same number share."""
    return tuple(map(_comparable, key.values()))


def _comparable(value: Any) -> tuple[str, Any]:
    kind, inner = next(iter(value.items()))
    return (kind, Decimal(inner)) if kind == "N" else (kind, inner)
