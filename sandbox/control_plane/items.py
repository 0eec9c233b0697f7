"""DynamoDB's hot calls, answered by the items' core on moto's own tables.

moto answers a call of a table in milliseconds of processor time, the core in a tenth of one. There is one truth: the
items stay in moto's tables, and whatever the core is not certain of (`items.certain`) is moto's to answer. One lock
keeps both from meeting in the middle of a change.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.dynamo_type import Item as MotoItem

from sandbox.items.certain import TableFacts, is_certain
from sandbox.items.errors import ConditionFailedError, ItemError, TransactionCancelledError
from sandbox.items.evaluation import Item
from sandbox.items.store import Key, Table, TableSchema
from sandbox.items.tables import Tables


class UncertainError(Exception):
    """What the table holds is not for the core."""


class ItemCalls:
    """The calls of one account and Region. `lock` is held by whoever reads or changes items."""

    def __init__(self, *, account_id: str, region: str) -> None:
        self.lock = threading.Lock()
        self._found = _Found(dynamodb_backends[account_id][region])
        self._tables = Tables(self._found)

    def answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer as the JSON protocol has it, or None when moto is to answer; under `lock`.

        Raises ConditionFailedError and TransactionCancelledError.
        """
        if not is_certain(operation, request, self._found.facts):
            return None
        try:
            answer = self._tables.call(operation, request)
        except (ConditionFailedError, TransactionCancelledError):
            raise
        except (ItemError, UncertainError, LookupError, TypeError, ArithmeticError):
            # Nothing is changed before everything is decided. The refusal's words, or the answer, are moto's.
            return None
        # A page that ends is continued where it began: in moto's order.
        return None if "LastEvaluatedKey" in answer else answer


class _Found(Mapping[str, Table]):
    """moto's tables as the core's, each made when it is first asked for and again when moto has another."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._made: dict[str, tuple[Any, Any, Table, TableFacts]] = {}
        self.facts = _Facts(self)

    def __getitem__(self, name: str) -> Table:
        return self.of(name)[2]

    def __iter__(self) -> Iterator[str]:
        return iter(self._backend.tables)

    def __len__(self) -> int:
        return len(self._backend.tables)

    def of(self, name: str) -> tuple[Any, Any, Table, TableFacts]:
        table = self._backend.tables[name]
        made = self._made.get(name)
        if made is None or made[0] is not table or made[1] is not table.global_indexes:
            facts = _facts(table)
            core = Table(schema=facts.schema, items=_MotoItems(table))
            made = self._made[name] = (table, table.global_indexes, core, facts)
        return made


class _Facts(Mapping[str, TableFacts]):
    """What the core needs to know of each table; tables with a stream are not for it."""

    def __init__(self, found: _Found) -> None:
        self._found = found

    def __getitem__(self, name: str) -> TableFacts:
        table, _, _, facts = self._found.of(name)
        if table.stream_shard is not None:
            raise KeyError(name)
        return facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _facts(table: Any) -> TableFacts:
    indexes = table.all_indexes()
    keys = {index.name: _key_names(index.schema) for index in indexes}
    return TableFacts(
        schema=TableSchema(name=table.name, key=_key_names(table.schema), indexes=keys),
        types={one["AttributeName"]: one["AttributeType"] for one in table.attr},
        whole_indexes=frozenset(
            index.name
            for index in indexes
            if (index.projection or {}).get("ProjectionType") == "ALL" and len(index.schema) <= 2
        ),
    )


def _key_names(schema: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(one["AttributeName"] for one in sorted(schema, key=lambda one: one["KeyType"] != "HASH"))


class _MotoItems:
    """`items.store.Items` in one of moto's tables."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def get(self, key: Key) -> Item | None:
        found = self._table.get_item(*_places(key))
        return None if found is None else _item(found)

    def put(self, key: Key, item: Item) -> None:
        partition, sort = _places(key)
        made = MotoItem.__new__(MotoItem)
        made.hash_key, made.range_key = partition, sort
        # As moto itself copies items: its checks of sizes, an attribute at a time, are made before.
        made.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
        for name, value in item.items():
            dict.__setitem__(made.attrs, name, DynamoType(value))
        if sort is None:
            self._table.items[partition] = made
        else:
            self._table.items[partition][sort] = made

    def remove(self, key: Key) -> None:
        self._table.delete_item(*_places(key))

    def every(self) -> Iterable[Item]:
        held = self._table.items.values()
        if self._table.has_range_key:
            return [_item(one) for within in held for one in within.values()]
        return list(map(_item, held))

    def partition(self, value: Any) -> Iterable[Item]:
        # moto's dictionary makes a place for whatever it is asked for.
        held = self._table.items.get(DynamoType(value))
        if held is None:
            return []
        return list(map(_item, held.values())) if self._table.has_range_key else [_item(held)]

    def having(self, name: str, value: Any) -> Iterable[Item]:
        ((kind, wanted),) = value.items()
        if kind != "S":
            # A number is written in many ways.
            return self.every()
        # Whoever asks wants a few of many: the others are not read.
        held = self._table.items.values()
        among = (one for within in held for one in within.values()) if self._table.has_range_key else held
        return [_item(one) for one in among if (at := one.attrs.get(name)) and (at.type, at.value) == (kind, wanted)]


def _places(key: Key) -> tuple[Any, Any]:
    partition, *sort = map(DynamoType, key.values())
    return partition, sort[0] if sort else None


def _item(held: Any) -> Item:
    return {name: _value(value) for name, value in held.attrs.items()}


def _value(held: Any) -> dict[str, Any]:
    if not isinstance(held, DynamoType) or held.type in ("B", "BS"):
        raise UncertainError
    inner = held.value
    if held.type == "M":
        return {"M": {name: _value(value) for name, value in inner.items()}}
    if held.type == "L":
        return {"L": [_value(value) for value in inner]}
    return {held.type: inner}
