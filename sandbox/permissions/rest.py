"""Which operation a REST request is, by the API model that botocore carries. Pure but for reading that model once."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class _Shape:
    """One operation's method, path and the query names that tell it from others with the same path."""

    name: str
    method: str
    path: re.Pattern[str]
    marks: frozenset[str]
    literal: int


def operation(service: str, method: str, path: str, query: str) -> tuple[str, dict[str, str]]:
    """The operation's name with the parameters of its path; ("", {}) when the service has none like it."""
    given = parse_qs(query, keep_blank_values=True)
    path = path if path == "/" else path.rstrip("/")
    for shape in _shapes(service):
        match = shape.path.fullmatch(path)
        if shape.method == method and match is not None and shape.marks <= given.keys():
            return shape.name, {name: unquote(value) for name, value in match.groupdict().items()}
    return "", {}


@lru_cache(maxsize=32)
def _shapes(service: str) -> tuple[_Shape, ...]:
    """The most telling first: more marks, more literal text."""
    # Loaded with the first REST call: it takes longer than all else that a start needs.
    import botocore.loaders

    try:
        model: dict[str, Any] = botocore.loaders.Loader().load_service_model(service, "service-2")
    except botocore.exceptions.UnknownServiceError:
        return ()
    shapes = [_shape(name, one["http"]) for name, one in model["operations"].items()]
    return tuple(sorted(shapes, key=lambda shape: (-len(shape.marks), -shape.literal, shape.name)))


def _shape(name: str, http: dict[str, Any]) -> _Shape:
    path, _, query = http["requestUri"].partition("?")
    path = path if path == "/" else path.rstrip("/")
    pattern, literal, at = "", 0, 0
    for label in _LABEL.finditer(path):
        pattern += re.escape(path[at : label.start()]) + (
            f"(?P<{label[1]}>.+)" if label[2] else f"(?P<{label[1]}>[^/]+)"
        )
        literal += label.start() - at
        at = label.end()
    pattern += re.escape(path[at:])
    marks = frozenset(parse_qs(query, keep_blank_values=True))
    return _Shape(name, http["method"], re.compile(pattern), marks, literal + len(path) - at)
