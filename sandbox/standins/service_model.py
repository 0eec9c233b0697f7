"""A service's own model, as botocore carries it: what its requests must hold, and the statuses of its errors."""

import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from sandbox.standins.errors import ServiceRefusal

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "list": list, "structure": dict, "map": dict, "integer": int, "boolean": bool, "float": (int, float),
}  # fmt: skip

UNMODELLED = {
    "ThrottlingException": (400, "Rate exceeded"),
    "ValidationException": (400, ""),
    "SerializationException": (400, ""),
    "UnknownOperationException": (400, ""),
}
"""Errors that any service may answer and no model lists ("Common Error Types"), with their statuses and usual texts."""


class OperationContract:
    """One operation of a service."""

    def __init__(self, service: str, operation: str) -> None:
        model = _service(service).operation_model(operation)
        self._is_rest = model.service_model.metadata["protocol"].startswith("rest")
        self._input = model.input_shape
        self._errors = {shape.name: shape for shape in model.error_shapes}

    def check(self, request: Any) -> None:
        """Raises ServiceRefusal: SerializationException for wrong types, ValidationException for broken constraints."""
        broken = list(_broken(self._input, request, ""))
        if broken:
            plural = "s" if len(broken) > 1 else ""
            raise ServiceRefusal(
                "ValidationException", f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}"
            )

    def status(self, code: str) -> int:
        """The HTTP status of an error."""
        if code in self._errors:
            return int(self._errors[code].metadata["error"]["httpStatusCode"])
        if code == "UnknownOperationException" and self._is_rest:
            # There the path names the operation, and none is found.
            return 404
        return UNMODELLED[code][0]

    def refusal(self, code: str) -> ServiceRefusal:
        """The error with its usual text. Raises KeyError for a code that the operation does not answer."""
        if code in self._errors:
            return ServiceRefusal(code, _plain(self._errors[code].documentation))
        return ServiceRefusal(code, UNMODELLED[code][1])

    def codes(self) -> frozenset[str]:
        """Every error that the operation may answer."""
        return frozenset(self._errors) | frozenset(UNMODELLED)


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _broken(shape: Any, value: Any, path: str) -> Iterator[str]:
    """A line for each constraint that the value breaks, in the words of AWS's validation."""
    wanted = _TYPES.get(shape.type_name)
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
        raise ServiceRefusal("SerializationException", f"{type(value).__name__} can not be converted to {shape.name}")
    if shape.type_name == "structure":
        yield from _broken_members(shape, value, path)
    elif shape.type_name == "list":
        yield from _broken_size(shape, value, path)
        for number, one in enumerate(value, 1):
            yield from _broken(shape.member, one, f"{path}.{number}.member")
    elif shape.type_name == "string":
        yield from _broken_size(shape, value, path)
        if shape.enum and value not in shape.enum:
            yield f"{_at(value, path)}: Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _broken_members(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{path}.{_lower(name)}" if path else _lower(name)
        if value.get(name) is not None:
            yield from _broken(member, value[name], inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _broken_size(shape: Any, value: str | list[Any], path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < least:
        yield f"{_at(value, path)}: Member must have length greater than or equal to {least}"
    if most is not None and len(value) > most:
        yield f"{_at(value, path)}: Member must have length less than or equal to {most}"


def _at(value: object, path: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _plain(documentation: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", documentation)).split())
