"""Expressions evaluated on items. Pure. Values are DynamoDB's own: `{"S": "text"}`, `{"N": "1"}`, …"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from sandbox.items import syntax
from sandbox.items.errors import ValidationError
from sandbox.items.syntax import Both, Call, Comparison, Condition, Not, Operand, Path, Sum, Update

Item = dict[str, Any]

_NUMBERS = Context(prec=38)
"""DynamoDB's numbers have up to 38 digits ("Supported data types")."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a request's placeholders stand for."""

    names: Mapping[str, str]
    values: Mapping[str, Any]

    def step(self, name: str | int) -> str | int:
        """A step of a path. Raises ValidationError for an undefined name."""
        if not isinstance(name, str) or not name.startswith("#"):
            return name
        if name not in self.names:
            raise ValidationError(
                "Invalid expression: An expression attribute name used in the document path is not defined; "
                f"attribute name: {name}"
            )
        return self.names[name]

    def value(self, name: str) -> Any:
        """A placeholder's value. Raises ValidationError for an undefined one."""
        if name not in self.values:
            raise ValidationError(
                "Invalid expression: An expression attribute value used in expression is not defined; "
                f"attribute value: {name}"
            )
        return self.values[name]

    def check_used(self, *expressions: str | None) -> None:
        """Raises ValidationError for a placeholder that no expression uses."""
        used = frozenset[str]().union(*(syntax.placeholders(text) for text in expressions if text))
        for given, kind in ((self.values, "Values"), (self.names, "Names")):
            unused = [name for name in given if name not in used]
            if unused:
                what = "Value" if kind == "Values" else "Name"
                keys = ", ".join(sorted(unused))
                raise ValidationError(
                    f"{what} provided in ExpressionAttribute{kind} unused in expressions: keys: {{{keys}}}"
                )


def find(item: Item, path: Path, terms: Terms) -> Any:
    """The value at a path, or None."""
    steps = path.steps
    value = item.get(str(terms.step(steps[0])))
    for step in steps[1:]:
        if value is None:
            return None
        named = terms.step(step)
        if isinstance(named, int):
            within = value.get("L")
            value = within[named] if within is not None and named < len(within) else None
        else:
            within = value.get("M")
            value = within.get(named) if within is not None else None
    return value


def operand(item: Item, what: Operand, terms: Terms) -> Any:
    """An operand's value, or None for an attribute that is not there."""
    match what:
        case Path():
            return find(item, what, terms)
        case syntax.Value(name):
            return terms.value(name)
        case Sum(left, operator, right):
            one, other = operand(item, left, terms), operand(item, right, terms)
            if one is None or other is None:
                raise ValidationError("The provided expression refers to an attribute that does not exist in the item")
            if "N" not in one or "N" not in other:
                raise ValidationError("An operand in the update expression has an incorrect data type")
            change = _NUMBERS.add if operator == "+" else _NUMBERS.subtract
            return {"N": written(change(Decimal(one["N"]), Decimal(other["N"])))}
        case Call("if_not_exists", (path, other)):
            present = operand(item, path, terms)
            return operand(item, other, terms) if present is None else present
        case Call("list_append", (first, second)):
            one, other = operand(item, first, terms), operand(item, second, terms)
            return {"L": [*one["L"], *other["L"]]}
        case Call("size", (of,)):
            value = operand(item, of, terms)
            return None if value is None else {"N": str(len(next(iter(value.values()))))}
    raise ValidationError(f"Invalid expression: Invalid function name; function: {getattr(what, 'name', '')}")


def holds(item: Item, condition: Condition, terms: Terms) -> bool:
    """Whether a condition holds for an item (an empty one where there is none)."""
    match condition:
        case Both("AND", conditions):
            return all(holds(item, one, terms) for one in conditions)
        case Both("OR", conditions):
            return any(holds(item, one, terms) for one in conditions)
        case Not(inner):
            return not holds(item, inner, terms)
        case Comparison(operator, operands):
            return _compares(operator, [operand(item, one, terms) for one in operands])
        case Call(name, operands):
            return _function(name, [operand(item, one, terms) for one in operands])
    raise AssertionError(condition)


def changed(item: Item, update: Update, terms: Terms) -> Item:
    """The item after an update; every operand is read before anything is written."""
    new = dict(item)
    values = [(path, operand(item, what, terms)) for path, what in update.sets]
    for path, value in values:
        if value is None:
            raise ValidationError("The provided expression refers to an attribute that does not exist in the item")
        _put(new, path, value, terms)
    for path in update.removes:
        _remove(new, path, terms)
    for path, placeholder in update.adds:
        _put(new, path, _added(find(item, path, terms), terms.value(placeholder.name)), terms)
    for path, placeholder in update.deletes:
        kind, members = next(iter(terms.value(placeholder.name).items()))
        present = find(item, path, terms)
        if present is not None and kind in present:
            rest = [member for member in present[kind] if member not in members]
            _put(new, path, {kind: rest}, terms) if rest else _remove(new, path, terms)
    return new


def written(number: Decimal) -> str:
    """A number as DynamoDB writes it: without an exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _added(present: Any, value: Any) -> Any:
    if "N" in value:
        return {"N": written(_NUMBERS.add(Decimal(present["N"] if present else 0), Decimal(value["N"])))}
    kind, members = next(iter(value.items()))
    had = present[kind] if present else []
    return {kind: [*had, *(member for member in members if member not in had)]}


def _compares(operator: str, values: list[Any]) -> bool:
    if operator == "<>" and None in values:
        # What is not there differs from everything, also from something else that is not there.
        return True
    if any(value is None for value in values[:1]) or (operator != "IN" and None in values):
        return False
    first = values[0]
    match operator:
        case "=":
            return same(first, values[1])
        case "<>":
            return not same(first, values[1])
        case "IN":
            return any(value is not None and same(first, value) for value in values[1:])
        case "BETWEEN":
            return _ordered(values[1], first, strict=False) and _ordered(first, values[2], strict=False)
        case "<" | "<=":
            return _ordered(first, values[1], strict=operator == "<")
        case _:
            return _ordered(values[1], first, strict=operator == ">")


def same(one: Any, other: Any) -> bool:
    """Equality by type and value; numbers by their value."""
    kind, value = next(iter(one.items()))
    if kind not in other:
        return False
    if kind == "N":
        return Decimal(value) == Decimal(other["N"])
    if kind in ("SS", "NS", "BS"):
        return sorted(value) == sorted(other[kind])
    return bool(value == other[kind])


def _ordered(low: Any, high: Any, *, strict: bool) -> bool:
    kind = next(iter(low))
    if kind not in high or kind not in ("N", "S", "B"):
        return False
    left, right = (Decimal(low["N"]), Decimal(high["N"])) if kind == "N" else (low[kind], high[kind])
    return bool(left < right if strict else left <= right)


def _function(name: str, values: list[Any]) -> bool:
    first = values[0]
    match name:
        case "attribute_exists":
            return first is not None
        case "attribute_not_exists":
            return first is None
        case "attribute_type":
            return first is not None and values[1]["S"] in first
        case "begins_with":
            return first is not None and "S" in first and first["S"].startswith(values[1]["S"])
        case _:
            return first is not None and _contains(first, values[1])


def _contains(whole: Any, part: Any) -> bool:
    kind, value = next(iter(whole.items()))
    if kind == "S":
        return "S" in part and part["S"] in value
    if kind == "L":
        return any(same(one, part) for one in value)
    return kind in ("SS", "NS", "BS") and next(iter(part.values())) in value


def _put(item: Item, path: Path, value: Any, terms: Terms) -> None:
    holder, last = _holder(item, path, terms)
    if holder is None:
        raise ValidationError("The document path provided in the update expression is invalid for update")
    if isinstance(last, int):
        if last < len(holder):
            holder[last] = value
        else:
            holder.append(value)
    else:
        holder[last] = value


def _remove(item: Item, path: Path, terms: Terms) -> None:
    holder, last = _holder(item, path, terms)
    if isinstance(last, int):
        if holder is not None and last < len(holder):
            del holder[last]
    elif holder is not None:
        holder.pop(last, None)


def _holder(item: Item, path: Path, terms: Terms) -> tuple[Any, str | int]:
    """The map or list that a path's last step is in, copied on the way, so that the item before stays as it was."""
    steps = [terms.step(step) for step in path.steps]
    holder: Any = item
    for step in steps[:-1]:
        value = holder[step] if isinstance(holder, list) and isinstance(step, int) and step < len(holder) else None
        if isinstance(holder, dict):
            value = holder.get(step)
        if value is None or next(iter(value)) not in ("M", "L"):
            return None, steps[-1]
        kind, inner = next(iter(value.items()))
        copied = dict(inner) if kind == "M" else list(inner)
        holder[step] = {kind: copied}
        holder = copied
    return holder, steps[-1]
