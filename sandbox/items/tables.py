"""Tables of items, and the operations on them. Pure: what a request changes is changed at once, or not at all."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.items import limits, sizes, syntax
from sandbox.items.errors import (
    ConditionFailedError,
    ItemError,
    TableMissingError,
    TransactionCancelledError,
    ValidationError,
)
from sandbox.items.evaluation import Item, Terms, changed, find, holds
from sandbox.items.store import Key, MemoryItems, Table, TableSchema, place

Request = Mapping[str, Any]


def in_memory(schemas: Iterable[TableSchema]) -> "Tables":
    """Tables of these schemas, empty."""
    return Tables({schema.name: Table(schema=schema, items=MemoryItems()) for schema in schemas})


class Tables:
    """Every table of one world. `call` answers one operation, as the JSON protocol has it."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "GetItem": self._get,
            "PutItem": self._put,
            "UpdateItem": self._update,
            "DeleteItem": self._delete,
            "Query": self._query,
            "Scan": self._scan,
            "TransactWriteItems": self._transact,
            "BatchGetItem": self._batch_get,
        }

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """The answer. Raises ItemError with the service's refusal."""
        if operation not in self._operations:
            raise ItemError("UnknownOperationException", f"{operation} is not an operation of these tables")
        return self._operations[operation](request)

    def items(self, table: str) -> list[Item]:
        """Every item of a table, for those who watch."""
        return list(self._table(table).items.every())

    def table_names(self) -> list[str]:
        return list(self._tables)

    def _table(self, name: str) -> Table:
        # A table may be given by its ARN.
        table = self._tables.get(name.rpartition("/")[2])
        if table is None:
            raise TableMissingError
        return table

    def _get(self, request: Request) -> dict[str, Any]:
        table = self._table(request["TableName"])
        item = table.items.get(table.schema.key_of(request["Key"]))
        return {} if item is None else {"Item": _projected(item, request)}

    def _batch_get(self, request: Request) -> dict[str, Any]:
        found: dict[str, list[Item]] = {}
        for name, wanted in request["RequestItems"].items():
            table = self._table(name)
            items = [table.items.get(table.schema.key_of(key)) for key in wanted["Keys"]]
            found[name] = [_projected(item, wanted) for item in items if item is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _put(self, request: Request) -> dict[str, Any]:
        table, key, old, new = self._prepared("Put", request)
        assert new is not None
        table.items.put(key, new)
        return {"Attributes": old} if old is not None and request.get("ReturnValues") == "ALL_OLD" else {}

    def _delete(self, request: Request) -> dict[str, Any]:
        table, key, old, _ = self._prepared("Delete", request)
        table.items.remove(key)
        return {"Attributes": old} if old is not None and request.get("ReturnValues") == "ALL_OLD" else {}

    def _update(self, request: Request) -> dict[str, Any]:
        table, key, old, new = self._prepared("Update", request)
        assert new is not None
        table.items.put(key, new)
        match request.get("ReturnValues", "NONE"):
            case "ALL_NEW":
                return {"Attributes": new}
            case "ALL_OLD":
                return {"Attributes": old} if old is not None else {}
            case "UPDATED_NEW":
                return {"Attributes": {name: value for name, value in new.items() if (old or {}).get(name) != value}}
            case "UPDATED_OLD":
                return {"Attributes": {name: value for name, value in (old or {}).items() if new.get(name) != value}}
        return {}

    def _transact(self, request: Request) -> dict[str, Any]:
        actions = [next(iter(action.items())) for action in request["TransactItems"]]
        if len(actions) > limits.TRANSACTION_WRITES:
            raise ValidationError(f"Member must have length less than or equal to {limits.TRANSACTION_WRITES}")
        reasons: list[dict[str, Any]] = []
        prepared = []
        for kind, action in actions:
            try:
                prepared.append((kind, *self._prepared(kind, action)))
                reasons.append({"Code": "None"})
            except ConditionFailedError as failed:
                reasons.append({"Code": "ConditionalCheckFailed", "Message": failed.message, **failed.facts})
        places = [(table.schema.name, place(key)) for _, table, key, _, _ in prepared]
        if len(set(places)) != len(places):
            raise ValidationError("Transaction request cannot include multiple operations on one item")
        if len(prepared) != len(actions):
            raise TransactionCancelledError(reasons)
        for kind, table, key, _, new in prepared:
            if kind == "Delete":
                table.items.remove(key)
            elif new is not None and kind != "ConditionCheck":
                table.items.put(key, new)
        return {}

    def _prepared(self, kind: str, request: Request) -> tuple[Table, Key, Item | None, Item | None]:
        """The table, the key, the item before and after. Raises ConditionFailedError; changes nothing."""
        table = self._table(request["TableName"])
        given = request["Item"] if kind == "Put" else request["Key"]
        key = table.schema.key_of(given)
        old = table.items.get(key)
        terms = _terms(request)
        condition, change = request.get("ConditionExpression"), request.get("UpdateExpression")
        terms.check_used(condition, change)
        if condition is not None and not holds(old or {}, syntax.condition(condition), terms):
            wants_old = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise ConditionFailedError(old if wants_old else None)
        new: Item | None = None
        if kind == "Put":
            new = dict(given)
            _check_size(new, "Item size has exceeded the maximum allowed size")
        elif kind == "Update":
            new = changed(old or dict(given), syntax.update(change), terms) if change else dict(old or given)
            _check_size(new, "Item size to update has exceeded the maximum allowed size")
        return table, key, old, new

    def _query(self, request: Request) -> dict[str, Any]:
        table = self._table(request["TableName"])
        index = request.get("IndexName")
        if index is not None and index not in table.schema.indexes:
            raise ValidationError(f"The table does not have the specified index: {index}")
        keys = table.schema.indexes[index] if index is not None else table.schema.key
        terms = _terms(request)
        wanted = syntax.condition(request["KeyConditionExpression"], "KeyConditionExpression")
        partition = _equal_to(wanted, keys[0], terms)
        if partition is None:
            among = table.items.every()
        elif index is None:
            among = table.items.partition(partition)
        else:
            among = table.items.having(keys[0], partition)
        # An item is in an index when it has all of the index's key.
        found = [item for item in among if all(name in item for name in keys) and holds(item, wanted, terms)]
        if len(keys) > 1:
            found.sort(key=lambda item: _sortable(item[keys[1]]), reverse=request.get("ScanIndexForward") is False)
        return _page(table, found, request, terms, keys, request["KeyConditionExpression"])

    def _scan(self, request: Request) -> dict[str, Any]:
        table = self._table(request["TableName"])
        return _page(table, list(table.items.every()), request, _terms(request), table.schema.key, None)


def _page(
    table: Table, found: list[Item], request: Request, terms: Terms, keys: tuple[str, ...], condition: str | None
) -> dict[str, Any]:
    text = request.get("FilterExpression")
    terms.check_used(text, condition, request.get("ProjectionExpression"))
    start = request.get("ExclusiveStartKey")
    if start is not None:
        places = [place(table.schema.key_of(item)) for item in found]
        at = place(table.schema.key_of(start))
        found = found[places.index(at) + 1 :] if at in places else found
    page = _first_page(found, request.get("Limit"))
    shown = page if text is None else [one for one in page if holds(one, syntax.condition(text), terms)]
    answer: dict[str, Any] = {"Count": len(shown), "ScannedCount": len(page)}
    if request.get("Select") != "COUNT":
        answer["Items"] = [_projected(item, request) for item in shown]
    if len(page) < len(found):
        answer["LastEvaluatedKey"] = {name: page[-1][name] for name in dict.fromkeys((*table.schema.key, *keys))}
    return answer


def _first_page(found: list[Item], limit: int | None) -> list[Item]:
    """As many as were asked for, and no more than one page holds: it ends with the item that reaches the size."""
    page = found if limit is None else found[:limit]
    if sizes.at_most(page) <= limits.PAGE_BYTES:
        return page
    read = 0
    for number, item in enumerate(page, start=1):
        read += sizes.of_item(item)
        if read >= limits.PAGE_BYTES:
            return page[:number]
    return page


def _equal_to(wanted: syntax.Condition, name: str, terms: Terms) -> Any:
    """The value that a key condition wants an attribute to have, or None when it does not say it so."""
    for one in wanted.conditions if isinstance(wanted, syntax.Both) and wanted.operator == "AND" else (wanted,):
        match one:
            case syntax.Comparison("=", (syntax.Path((step,)), syntax.Value(placeholder))) if terms.step(step) == name:
                return terms.value(placeholder)
    return None


def _check_size(item: Item, refusal: str) -> None:
    if sizes.at_most(item) > limits.ITEM_BYTES and sizes.of_item(item) > limits.ITEM_BYTES:
        raise ValidationError(refusal)


def _terms(request: Request) -> Terms:
    return Terms(
        names=request.get("ExpressionAttributeNames") or {}, values=request.get("ExpressionAttributeValues") or {}
    )


def _projected(item: Item, request: Request) -> Item:
    text = request.get("ProjectionExpression")
    if text is None:
        return item
    terms = _terms(request)
    found = {str(terms.step(path.steps[0])): find(item, path, terms) for path in syntax.projection(text)}
    return {name: value for name, value in found.items() if value is not None}


def _sortable(value: Any) -> Any:
    kind, inner = next(iter(value.items()))
    return Decimal(inner) if kind == "N" else inner
