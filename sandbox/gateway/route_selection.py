"""Which route takes a message (WS-15, WS-16, WS-17). Pure."""

import json
import re
from collections.abc import Container
from typing import Any

from sandbox.gateway import permissive_json

_VARIABLE = re.compile(r"\$\{request\.body\.([^}]+)\}|\$request\.body\.([A-Za-z0-9_.\-\[\]]+)")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def route_key(expression: str, body: str, routes: Container[str]) -> str | None:
    """The key of the route that takes the message: the selected one, else `$default`, else None."""
    selected = _selected(expression, body)
    if selected is not None and selected in routes and not selected.startswith("$"):
        return selected
    return "$default" if "$default" in routes else None


def _selected(expression: str, body: str) -> str | None:
    """The expression's value for this message, or None for one that is not a JSON object."""
    try:
        document = permissive_json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return _VARIABLE.sub(lambda match: _text(_at(document, match[1] or match[2])), expression)


def _at(document: Any, path: str) -> Any:
    """The value at a path such as `a.b[0]`, or None."""
    for index, name in _STEP.findall(path):
        if name:
            document = document.get(name) if isinstance(document, dict) else None
        else:
            known = isinstance(document, list) and len(index) < 6 and int(index) < len(document)
            document = document[int(index)] if known else None
    return document


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, bool | dict):
        return json.dumps(value)
    return str(value)
