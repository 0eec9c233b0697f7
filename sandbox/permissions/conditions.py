"""Condition operators of IAM policies. Pure.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Single-valued vs. multivalued context keys".
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sandbox.definitions.model import Condition
from sandbox.permissions.matching import arn_like, like

Context = Mapping[str, Sequence[str]]
"""Values by key; keys are compared in lower case. What a request does not have is not in it."""

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
NEGATIVE = ("NotEquals", "NotLike", "NotIpAddress", "NotEqualsIgnoreCase")


def met(condition: Condition, context: Context) -> bool:
    """Whether one condition holds. An operator that is not known holds never."""
    operator, quantifier, if_exists = _parts(condition.operator)
    given = context.get(condition.key.lower())
    if operator == "Null":
        return (given is None) == (condition.values[0] == "true")
    compare = _OPERATORS.get(operator)
    if compare is None:
        return False
    wanted = [one for value in condition.values if (one := filled(value, context)) is not None]
    negative = operator.endswith(NEGATIVE)
    if given is None or (quantifier and not given):
        # A key that is missing meets what is negative, `IfExists` and "all of nothing" (IAM: missing context keys).
        return if_exists or negative or quantifier == "ForAllValues"

    def holds(value: str) -> bool:
        return any(compare(one, value) for one in wanted) != negative

    return all(map(holds, given)) if quantifier == "ForAllValues" else any(map(holds, given))


def _parts(operator: str) -> tuple[str, str, bool]:
    quantifier, separator, rest = operator.partition(":")
    if not separator:
        quantifier, rest = "", operator
    return rest.removesuffix("IfExists"), quantifier, rest.endswith("IfExists")


def filled(text: str, context: Context) -> str | None:
    """A value with its policy variables; None when one of them has no value, so that nothing is equal to it."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = match[1].partition(",")
        found = context.get(name.strip().lower())
        if found:
            return found[0]
        if not default:
            missing = True
        return default.strip().strip("'")

    filled = _VARIABLE.sub(value, text)
    return None if missing else filled


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compared(wanted: str, given: str) -> bool:
        try:
            return compare(float(given), float(wanted))
        except ValueError:
            return False

    return compared


def _date(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compared(wanted: str, given: str) -> bool:
        try:
            return compare(_moment(given), _moment(wanted))
        except ValueError:
            return False

    return compared


def _moment(text: str) -> float:
    if text.isdigit():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _equal(wanted: str, given: str) -> bool:
    return wanted == given


def _alike(wanted: str, given: str) -> bool:
    return wanted.lower() == given.lower()


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda given, wanted: given == wanted,
    "NotEquals": lambda given, wanted: given == wanted,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}
# The negative ones are the positive comparison; `met` turns them round.
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _alike,
    "StringNotEqualsIgnoreCase": _alike,
    "StringLike": like,
    "StringNotLike": like,
    "Bool": _alike,
    "BinaryEquals": _equal,
    "IpAddress": _in_network,
    "NotIpAddress": _in_network,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "ArnNotEquals": arn_like,
    "ArnNotLike": arn_like,
    **{f"Numeric{name}": _number(compare) for name, compare in _ORDERS.items()},
    **{f"Date{name}": _date(compare) for name, compare in _ORDERS.items()},
}
