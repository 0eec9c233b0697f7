"""Which requests the core answers as DynamoDB does, beyond doubt. Pure.

DynamoDB refuses much that is not about the items themselves: types, names, legacy parameters, odd expressions. Where a
whole emulator stands beside the core, such requests are its to answer: what is not certain here is not wrong, it is
left to it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.items import limits, sizes, syntax
from sandbox.items.errors import ItemError
from sandbox.items.evaluation import Terms
from sandbox.items.reserved import WORDS
from sandbox.items.store import TableSchema
from sandbox.items.syntax import Both, Call, Comparison, Condition, Not, Operand, Path, Sum, Update, Value

Request = Mapping[str, Any]

_EXPRESSIONS = frozenset(["TableName", "ExpressionAttributeNames", "ExpressionAttributeValues"])
_WRITES = _EXPRESSIONS | {"ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}
_READS = _EXPRESSIONS | {"FilterExpression", "ProjectionExpression", "ConsistentRead", "Select"}
PARAMETERS: Mapping[str, frozenset[str]] = {
    "GetItem": frozenset(["TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead"]),
    "PutItem": _WRITES | {"Item"},
    "DeleteItem": _WRITES | {"Key"},
    "UpdateItem": _WRITES | {"Key", "UpdateExpression"},
    "Query": _READS | {"IndexName", "KeyConditionExpression", "ScanIndexForward"},
    "Scan": _READS,
    "TransactWriteItems": frozenset(["TransactItems", "ClientRequestToken"]),
}
"""The operations, each with the parameters that are understood."""

_RETURNED = {"UpdateItem": frozenset(["NONE", "ALL_NEW", "ALL_OLD"])}
_RETURNED_OTHERWISE = frozenset(["NONE", "ALL_OLD"])
_NUMBER = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,19})?", re.ASCII)
_NAME = re.compile(r"#[A-Za-z0-9_]+", re.ASCII)
_PLACEHOLDER = re.compile(r":[A-Za-z0-9_]+", re.ASCII)
_ORDERING = frozenset(["<", "<=", ">", ">=", "BETWEEN"])
_FUNCTIONS = frozenset(["attribute_exists", "attribute_not_exists", "begins_with", "if_not_exists", "list_append"])


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A table's schema, the types of its key and index attributes, and its indexes that project everything."""

    schema: TableSchema
    types: Mapping[str, str]
    whole_indexes: frozenset[str]


def is_certain(operation: str, request: Request, tables: Mapping[str, TableFacts]) -> bool:
    """Whether the core's answer to this request is DynamoDB's. Its own refusals are of conditions only."""
    allowed = PARAMETERS.get(operation)
    if allowed is None or not request.keys() <= allowed:
        return False
    try:
        if operation == "TransactWriteItems":
            return all(_action_is_certain(action, tables) for action in request["TransactItems"])
        table = tables.get(request["TableName"])
        return table is not None and _is_certain(operation, request, table)
    except (ItemError, LookupError, TypeError, ValueError, AttributeError):
        # What cannot be read as a request is no more certain than what can be doubted.
        return False


def _action_is_certain(action: Mapping[str, Any], tables: Mapping[str, TableFacts]) -> bool:
    ((kind, request),) = action.items()
    operation = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "DeleteItem"}[kind]
    table = tables.get(request["TableName"])
    return (
        table is not None
        and request.keys() <= PARAMETERS[operation]
        and "ReturnValues" not in request
        and (kind != "Update" or "UpdateExpression" in request)
        and (kind != "ConditionCheck" or "ConditionExpression" in request)
        and _is_certain(operation, request, table)
    )


def _is_certain(operation: str, request: Request, table: TableFacts) -> bool:
    names, values = request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    if names is not None and not (names and all(map(_NAME.fullmatch, names)) and all(map(_is_text, names.values()))):
        return False
    if values is not None and not (
        values and all(map(_PLACEHOLDER.fullmatch, values)) and all(map(_is_plain, values.values()))
    ):
        return False
    terms = Terms(names=names or {}, values=values or {})
    match operation:
        case "GetItem":
            return _is_key(request["Key"], table) and _projects(request, terms)
        case "Query":
            return _reads(request, terms, table) and _finds(request, terms, table)
        case "Scan":
            return _reads(request, terms, table)
    returned = _RETURNED.get(operation, _RETURNED_OTHERWISE)
    if request.get("ReturnValues", "NONE") not in returned or not _holds_plainly(request, terms):
        return False
    if operation == "PutItem":
        return _is_item(request["Item"], table)
    change = request.get("UpdateExpression")
    return _is_key(request["Key"], table) and (change is None or _changes(syntax.update(change), terms, table))


# values


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_plain(value: Any) -> bool:
    """A value without binary, whose numbers and sets need no refusal."""
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return isinstance(inner, str)
        case "N":
            return isinstance(inner, str) and _NUMBER.fullmatch(inner) is not None
        case "BOOL":
            return isinstance(inner, bool)
        case "NULL":
            return inner is True
        case "SS":
            return bool(inner) and all(map(_is_text, inner)) and len(set(inner)) == len(inner)
        case "L":
            return isinstance(inner, list) and all(map(_is_plain, inner))
        case "M":
            return isinstance(inner, dict) and all(map(_is_plain, inner.values()))
    return False


def _is_typed(name: str, value: Any, table: TableFacts) -> bool:
    """A value of the type that the table declares for a key's attribute, and not empty."""
    ((kind, inner),) = value.items()
    return kind == table.types[name] and kind in ("S", "N") and inner != "" and _is_plain(value)


def _is_key(key: Any, table: TableFacts) -> bool:
    wanted = table.schema.key
    return key.keys() == set(wanted) and all(_is_typed(name, key[name], table) for name in wanted) and _fits(key, table)


def _fits(attributes: Any, table: TableFacts) -> bool:
    bounds = (limits.PARTITION_KEY_BYTES, limits.SORT_KEY_BYTES)
    return all(sizes.of_value(attributes[name]) <= bound for name, bound in zip(table.schema.key, bounds, strict=False))


def _is_item(item: Any, table: TableFacts) -> bool:
    return (
        all(name in item for name in table.schema.key)
        and all(map(_is_plain, item.values()))
        and all(_is_typed(name, item[name], table) for name in table.types if name in item)
        and _fits(item, table)
    )


# expressions


def _holds_plainly(request: Request, terms: Terms) -> bool:
    text = request.get("ConditionExpression")
    return text is None or _is_clear(syntax.condition(text), terms)


def _reads(request: Request, terms: Terms, table: TableFacts) -> bool:
    index = request.get("IndexName")
    if index is not None and (index not in table.whole_indexes or request.get("ConsistentRead")):
        return False
    if request.get("Select", "COUNT") != "COUNT" or not _projects(request, terms):
        return False
    text = request.get("FilterExpression")
    if text is None:
        return True
    tree = syntax.condition(text)
    keys = table.schema.key if index is None else table.schema.indexes[index]
    # A Query's filter may not be about the key; a Scan's may.
    about_key = "KeyConditionExpression" in request and any(terms.step(path.steps[0]) in keys for path in paths(tree))
    return _is_clear(tree, terms) and not about_key


def _finds(request: Request, terms: Terms, table: TableFacts) -> bool:
    """The partition key's value, and at most one comparison of the sort key's."""
    index = request.get("IndexName")
    keys = table.schema.key if index is None else table.schema.indexes[index]
    tree = syntax.condition(request["KeyConditionExpression"], "KeyConditionExpression")
    conditions = tree.conditions if isinstance(tree, Both) and tree.operator == "AND" else (tree,)
    about = []
    for one in conditions:
        match one:
            case Comparison(operator, (Path((step,)), *rest)) if operator not in ("<>", "IN"):
                exact = operator == "="
            case Call("begins_with", (Path((step,)), *rest)):
                exact = False
            case _:
                return False
        name = terms.step(step)
        if not all(isinstance(one, Value) and _is_typed(str(name), terms.value(one.name), table) for one in rest):
            return False
        about.append((name, exact))
    return _is_clear(tree, terms) and about[0] == (keys[0], True) and [name for name, _ in about[1:]] in (
        [], [*keys[1:2]]
    )  # fmt: skip


def _projects(request: Request, terms: Terms) -> bool:
    text = request.get("ProjectionExpression")
    if text is None:
        return "ExpressionAttributeNames" not in request or "KeyConditionExpression" in request or bool(
            request.get("FilterExpression")
        )  # fmt: skip
    found = syntax.projection(text)
    roots = [terms.step(path.steps[0]) for path in found]
    return all(len(path.steps) == 1 for path in found) and len(set(roots)) == len(roots) and not _uses_reserved(found)


def _changes(update: Update, terms: Terms, table: TableFacts) -> bool:
    targets = [*(path for path, _ in update.sets), *update.removes, *(path for path, _ in update.adds)]
    roots = [terms.step(path.steps[0]) for path in targets]
    operands: list[Operand] = [what for _, what in update.sets]
    return (
        bool(targets)
        and not update.deletes
        and len(set(roots)) == len(roots)
        and not any(root in table.types for root in roots)
        and not _uses_reserved(targets)
        and all(_is_clear_operand(one, terms) for one in operands)
        and all(len(path.steps) == 1 and terms.value(value.name).keys() <= {"N", "SS"} for path, value in update.adds)
    )


def _is_clear(condition: Condition, terms: Terms) -> bool:
    match condition:
        case Both(_, conditions):
            return all(_is_clear(one, terms) for one in conditions)
        case Not(inner):
            return _is_clear(inner, terms)
        case Comparison(operator, operands):
            given = [terms.value(one.name) for one in operands if isinstance(one, Value)]
            orders = operator not in _ORDERING or all(value.keys() <= {"N", "S"} for value in given)
            return orders and isinstance(operands[0], Path) and all(_is_clear_operand(one, terms) for one in operands)
        case Call():
            return _is_clear_operand(condition, terms)
    return False


def _is_clear_operand(operand: Operand, terms: Terms) -> bool:
    match operand:
        case Path():
            return not _uses_reserved([operand])
        case Value(name):
            return terms.value(name) is not None
        case Sum(left, _, right):
            return _is_clear_operand(left, terms) and _is_clear_operand(right, terms)
        case Call(name, operands):
            counted = len(operands) == (1 if name.startswith("attribute_") else 2)
            begins = name in _FUNCTIONS and counted and (name == "list_append" or isinstance(operands[0], Path))
            return begins and all(_is_clear_operand(one, terms) for one in operands)
    return False


def paths(tree: Condition | Operand) -> Iterator[Path]:
    """Every document path of a condition or operand."""
    match tree:
        case Path():
            yield tree
        case Both(_, parts) | Comparison(_, parts) | Call(_, parts):
            for part in parts:
                yield from paths(part)
        case Not(inner):
            yield from paths(inner)
        case Sum(left, _, right):
            yield from paths(left)
            yield from paths(right)


def _uses_reserved(found: Iterable[Path]) -> bool:
    return any(_is_reserved(step) for path in found for step in path.steps if isinstance(step, str))


@lru_cache(maxsize=1024)
def _is_reserved(name: str) -> bool:
    return name.upper() in WORDS
