"""Which route takes a message (WS-15, WS-16). Pure."""

import json
import re
from collections.abc import Container
from typing import Any

_VARIABLE = re.compile(r"\$\{request\.body\.([^}]+)\}|\$request\.body\.([A-Za-z0-9_.\-]+)")


def route_key(expression: str, body: str, routes: Container[str]) -> str | None:
    """The key of the route that takes the message: the selected one, else `$default`, else None."""
    selected = _selected(expression, body)
    if selected is not None and selected in routes and not selected.startswith("$"):
        return selected
    return "$default" if "$default" in routes else None


def _selected(expression: str, body: str) -> str | None:
    """The expression's value for this message, or None for one that is not a JSON object."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return _VARIABLE.sub(lambda match: _text(document, match[1] or match[2]), expression)


def _text(document: Any, path: str) -> str:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    if document is None:
        return ""
    if isinstance(document, list):
        return f"[{', '.join(str(one) for one in document)}]"
    if isinstance(document, bool):
        return str(document).lower()
    return str(document)
