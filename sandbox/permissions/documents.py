"""Policy documents (IAM's JSON policy language) as statements. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.definitions.model import Condition, Statement
from sandbox.permissions.errors import PolicyError


def statements(document: str | Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a document, as JSON or parsed. Raises PolicyError."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            raise PolicyError("JSON", document) from None
    if not isinstance(document, Mapping):
        raise PolicyError("an object", document)
    return tuple(map(_statement, _list(document.get("Statement", ()))))


def _statement(given: Any) -> Statement:
    if not isinstance(given, Mapping) or given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError("a statement with the Effect Allow or Deny", given)
    if ("Action" in given) == ("NotAction" in given):
        raise PolicyError("a statement with either Action or NotAction", given)
    return Statement(
        allows=given["Effect"] == "Allow",
        actions=_texts(given.get("Action", given.get("NotAction"))),
        # A resource's own policy may leave out what it is about.
        resources=_texts(given.get("Resource", given.get("NotResource", "*"))),
        principals=_principals(given.get("Principal", given.get("NotPrincipal"))),
        conditions=_conditions(given.get("Condition", {})),
        inverted_actions="NotAction" in given,
        inverted_resources="NotResource" in given,
        inverted_principals="NotPrincipal" in given,
    )


def _principals(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple(f"{kind}:{one}" for kind, named in given.items() for one in _texts(named))
    return _texts(given)


def _conditions(given: Any) -> tuple[Condition, ...]:
    if not isinstance(given, Mapping) or not all(isinstance(keys, Mapping) for keys in given.values()):
        raise PolicyError("a Condition of operators with keys", given)
    return tuple(
        Condition(operator=operator, key=key, values=tuple(_text(value) for value in _list(values)))
        for operator, keys in given.items()
        for key, values in keys.items()
    )


def _texts(given: Any) -> tuple[str, ...]:
    texts = _list(given)
    if not all(isinstance(one, str) for one in texts):
        raise PolicyError("text or a list of texts", given)
    return tuple(texts)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
