"""JSON as API Gateway reads a message to select its route: what is nearly JSON counts too (WS-17). Pure.

The recording fits json-smart's permissive mode, whose rules these are: names and values without quotes, single quotes,
commas too many, anything behind the end.
"""

import json
import re
from typing import Any

DEPTH = 400
"""How deep values may be in one another (json-smart's own limit, since 2.4.9)."""

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[^:,{}\[\]]+")
_BARE = re.compile(r"[^,{}\[\]]+")
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL), "'": re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def loads(text: str) -> Any:
    """The value of a text. Raises ValueError for one that even so is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        value, _ = _value(text, 0, DEPTH)
    except RecursionError as error:
        raise ValueError("expected values less deep in one another") from error
    return value


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    at = _skip(text, at)
    opening = text[at : at + 1]
    if depth == 0:
        raise ValueError(f"expected values at most {DEPTH} deep in one another")
    if opening == "{":
        return _object(text, at + 1, depth)
    if opening == "[":
        return _array(text, at + 1, depth)
    if opening in _QUOTED:
        return _string(text, at, opening)
    bare = _BARE.match(text, at)
    if bare is None:
        raise ValueError(f"expected a value at {at}")
    word = bare[0].strip()
    try:
        return json.loads(word), bare.end()
    except (ValueError, RecursionError):
        return word, bare.end()


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        at = _skip(text, at, ",")
        if text[at : at + 1] == "}":
            return found, at + 1
        if text[at : at + 1] in _QUOTED:
            name, at = _string(text, at, text[at])
        else:
            bare = _NAME.match(text, at)
            if bare is None:
                raise ValueError(f"expected a name at {at}")
            name, at = bare[0].strip(), bare.end()
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise ValueError(f"expected a colon at {at}")
        found[name], at = _value(text, at + 1, depth - 1)
        at = _skip(text, at)
        if text[at : at + 1] not in (",", "}"):
            raise ValueError(f"expected a comma or the object's end at {at}")


def _array(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while True:
        at = _skip(text, at, ",")
        if text[at : at + 1] == "]":
            return found, at + 1
        value, at = _value(text, at, depth - 1)
        found.append(value)
        at = _skip(text, at)
        if text[at : at + 1] not in (",", "]"):
            raise ValueError(f"expected a comma or the array's end at {at}")


def _string(text: str, at: int, quote: str) -> tuple[str, int]:
    match = _QUOTED[quote].match(text, at)
    if match is None:
        raise ValueError(f"expected the string at {at} to end")
    return _ESCAPE.sub(_unescaped, match[1]), match.end()


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    return chr(int(escape[1:], 16)) if len(escape) == 5 else _ESCAPED.get(escape, escape)


def _skip(text: str, at: int, also: str = "") -> int:
    """The place of the next character that is neither space nor one of `also`."""
    while True:
        match = _SPACE.match(text, at)
        at = match.end() if match is not None else at
        if not also or text[at : at + 1] not in also or at >= len(text):
            return at
        at += 1
