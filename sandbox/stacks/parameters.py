"""A template's parameters: what was given, what is the default, and what CloudFormation refuses of it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.stacks.errors import StackRefusal
from sandbox.stacks.template import Template

SSM_PREFIX = "AWS::SSM::Parameter::Value"
HIDDEN = "****"
"""What DescribeStacks shows of a `NoEcho` parameter."""


def given_values(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter as text, defaults for what is not given. Raises StackRefusal."""
    declared: Mapping[str, Any] = template.document.get("Parameters") or {}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise StackRefusal(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [name for name, one in declared.items() if name not in given and "Default" not in one]
    if missing:
        raise StackRefusal(f"Parameters: [{', '.join(missing)}] must have values")
    values = {name: str(given.get(name, one.get("Default", ""))) for name, one in declared.items()}
    for name, one in declared.items():
        _check(name, one, values[name])
    return values


def resolved(
    template: Template, values: Mapping[str, str], stored: Callable[[str], str | None]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What `Ref` of each parameter gives, and the stored values of those that name one in Parameter Store.

    Raises StackRefusal (F-03) when a stored one is missing.
    """
    declared: Mapping[str, Any] = template.document.get("Parameters") or {}
    from_store: dict[str, str] = {}
    missing = []
    for name, one in declared.items():
        if one.get("Type", "String").startswith(SSM_PREFIX):
            value = stored(values[name])
            if value is None:
                missing.append(values[name])
            else:
                from_store[name] = value
    if missing:
        raise StackRefusal(f"Unable to fetch parameters [{','.join(missing)}] from parameter store for this account.")
    return {
        name: _typed(one.get("Type", "String"), from_store.get(name, values[name])) for name, one in declared.items()
    }, from_store


def shown(template: Template, values: Mapping[str, str], from_store: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters as DescribeStacks has them (F-10)."""
    declared: Mapping[str, Any] = template.document.get("Parameters") or {}
    rows = []
    for name, value in values.items():
        hidden = str(declared.get(name, {}).get("NoEcho", "false")).lower() == "true"
        row = {"ParameterKey": name, "ParameterValue": HIDDEN if hidden else value}
        if name in from_store:
            row["ResolvedValue"] = from_store[name]
        rows.append(row)
    return rows


def _typed(kind: str, text: str) -> Any:
    if kind == "CommaDelimitedList" or kind.startswith("List<") or "List<" in kind:
        return [one.strip() for one in text.split(",")]
    if kind == "Number":
        return float(text) if "." in text else int(text)
    return text


def _check(name: str, declared: Mapping[str, Any], value: str) -> None:
    allowed = declared.get("AllowedValues")
    if allowed is not None and value not in [_text(one) for one in allowed]:
        raise StackRefusal(f"Parameter '{name}' must be one of AllowedValues")
    pattern = declared.get("AllowedPattern")
    if pattern is not None and re.fullmatch(pattern, value) is None:
        reason = declared.get("ConstraintDescription", f"must match pattern {pattern}")
        raise StackRefusal(f"Parameter '{name}' failed to satisfy constraint: {reason}")
    if declared.get("Type") == "Number" and re.fullmatch(r"-?\d+(\.\d+)?", value) is None:
        raise StackRefusal(f"Parameter '{name}' must be a number.")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
