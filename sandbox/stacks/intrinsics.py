"""Intrinsic functions and conditions, evaluated over what a stack knows so far."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Protocol

from sandbox.stacks.errors import TemplateError
from sandbox.stacks.template import SUB_VARIABLE, Document

NO_VALUE = object()
"""`AWS::NoValue`: the property is left out."""


class Scope(Protocol):
    """What a template's names stand for."""

    def ref(self, name: str) -> Any:
        """A parameter's value, a resource's physical id, or a pseudo parameter's value."""

    def attribute(self, name: str, attribute: str) -> Any:
        """A resource's attribute. Raises TemplateError."""

    def imported(self, name: str) -> str:
        """Another stack's export. Raises TemplateError."""

    @property
    def document(self) -> Document:
        """The template, for its mappings and conditions."""


def evaluate(value: Any, scope: Scope) -> Any:
    """The value with every intrinsic function replaced by what it gives. Raises TemplateError."""
    if isinstance(value, list):
        return [one for one in (evaluate(inner, scope) for inner in value) if one is not NO_VALUE]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        name, inner = next(iter(value.items()))
        if name == "Ref":
            return NO_VALUE if inner == "AWS::NoValue" else scope.ref(inner)
        if name.startswith("Fn::"):
            return _call(name, inner, scope)
    evaluated = {name: evaluate(inner, scope) for name, inner in value.items()}
    return {name: one for name, one in evaluated.items() if one is not NO_VALUE}


def holds(name: str, scope: Scope) -> bool:
    """A condition of the template. Raises TemplateError for an unknown one."""
    conditions: Mapping[str, Any] = scope.document.get("Conditions") or {}
    if name not in conditions:
        raise TemplateError(f"Template format error: Unresolved condition dependency {name}")
    return _condition(conditions[name], scope)


def _condition(value: Any, scope: Scope) -> bool:
    name, inner = next(iter(value.items())) if isinstance(value, Mapping) else ("", value)
    match name:
        case "Condition":
            return holds(inner, scope)
        case "Fn::Equals":
            first, second = (evaluate(one, scope) for one in inner)
            return str(first) == str(second)
        case "Fn::Not":
            return not _condition(inner[0], scope)
        case "Fn::And":
            return all(_condition(one, scope) for one in inner)
        case "Fn::Or":
            return any(_condition(one, scope) for one in inner)
    raise TemplateError(f"Template validation error: expected a condition function, got {name or inner!r}")


def _call(name: str, inner: Any, scope: Scope) -> Any:
    match name:
        case "Fn::GetAtt":
            resource, attribute = inner.split(".", 1) if isinstance(inner, str) else inner
            return scope.attribute(resource, evaluate(attribute, scope))
        case "Fn::If":
            condition, when_true, when_false = inner
            return evaluate(when_true if holds(condition, scope) else when_false, scope)
        case "Fn::Join":
            separator, parts = inner
            return separator.join(str(one) for one in evaluate(parts, scope))
        case "Fn::Split":
            separator, text = inner
            return evaluate(text, scope).split(separator)
        case "Fn::Select":
            index, choices = int(evaluate(inner[0], scope)), evaluate(inner[1], scope)
            if not 0 <= index < len(choices):
                raise TemplateError(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
            return choices[index]
        case "Fn::Sub":
            return _substituted(inner, scope)
        case "Fn::FindInMap":
            return _mapped([evaluate(one, scope) for one in inner[:3]], scope)
        case "Fn::ImportValue":
            return scope.imported(evaluate(inner, scope))
        case "Fn::Base64":
            return base64.b64encode(evaluate(inner, scope).encode()).decode()
        case "Fn::ToJsonString":
            return json.dumps(evaluate(inner, scope), separators=(",", ":"))
        case "Fn::GetAZs":
            region = evaluate(inner, scope) or scope.ref("AWS::Region")
            return [f"{region}{letter}" for letter in "abc"]
    raise TemplateError(f"Template error: {name} is not emulated by the sandbox")


def _substituted(inner: Any, scope: Scope) -> str:
    text, given = (inner, {}) if isinstance(inner, str) else inner

    def value(name: str) -> str:
        if name in given:
            return str(evaluate(given[name], scope))
        resource, dot, attribute = name.partition(".")
        return str(scope.attribute(resource, attribute) if dot else scope.ref(name))

    return SUB_VARIABLE.sub(lambda found: value(found[1].strip()), text).replace("${!", "${")


def _mapped(path: list[Any], scope: Scope) -> Any:
    found: Any = scope.document.get("Mappings") or {}
    for part in path:
        if not isinstance(found, Mapping) or str(part) not in found:
            raise TemplateError(f"Template error: Unable to get mapping for {'::'.join(str(one) for one in path)}")
        found = found[str(part)]
    return found
