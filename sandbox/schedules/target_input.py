"""What a target receives of an event: all of it, a part (`InputPath`), or a template filled from it. Pure.

E-04. Source: EventBridge user guide, "Amazon EventBridge input transformation": dots, array indices and `*` are what
paths may have; between a template's quotes a value stands as it is and an object without its own quotes, elsewhere a
value stands as JSON.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.definitions.model import Rule, RuleTarget

_STEP = re.compile(r"\.([\w/-]+|\*)|\[(\d+|\*)\]")
_VARIABLE = re.compile(r"<([\w.-]+)>")
_MISSING = object()
RESERVED = frozenset(
    f"aws.events.{name}" for name in ("rule-arn", "rule-name", "event", "event.json", "event.ingestion-time")
)
_ENVELOPE = {
    "id": "id", "account": "account", "detailType": "detail-type", "time": "time", "source": "source",
    "region": "region", "resources": "resources", "version": "version",
}  # fmt: skip
"""The members of `<aws.events.event>`, as recorded from AWS: not the event's own names, and without its detail."""


def given(target: RuleTarget, event: bytes, *, rule: Rule) -> str:
    """The text that the target is sent."""
    if target.input is not None:
        return target.input
    if target.input_template is not None:
        return _filled(target.input_template, _variables(target.input_paths, event, rule))
    if target.input_path is not None:
        return _compact(_found(json.loads(event), target.input_path, otherwise=None))
    return event.decode()


def unknown_variable(template: str, paths: Mapping[str, str]) -> str | None:
    """The first variable of a template that is neither named by a path nor EventBridge's own."""
    known = paths.keys() | RESERVED
    return next((one for one in _VARIABLE.findall(template) if one not in known), None)


def _variables(paths: Mapping[str, str], event: bytes, rule: Rule) -> dict[str, Any]:
    """The values of a template's variables; what the event does not have is not among them."""
    whole = json.loads(event)
    found = {name: _found(whole, path, otherwise=_MISSING) for name, path in paths.items()}
    reserved = {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": whole["time"],
        "aws.events.event": {name: whole[own] for name, own in _ENVELOPE.items() if own in whole},
        "aws.events.event.json": whole,
    }
    return {name: value for name, value in (found | reserved).items() if value is not _MISSING}


def _filled(template: str, variables: Mapping[str, Any]) -> str:
    written, is_quoted, place = [], False, 0
    while place < len(template):
        variable = _VARIABLE.match(template, place)
        if variable is not None:
            value = variables.get(variable[1], "")
            written.append(_within_quotes(value) if is_quoted else _compact(value))
            place = variable.end()
            continue
        taken = template[place : place + 2] if template[place] == "\\" else template[place]
        is_quoted ^= taken == '"'
        written.append(taken)
        place += len(taken)
    return "".join(written)


def _within_quotes(value: Any) -> str:
    return value if isinstance(value, str) else _compact(value).replace('"', "")


def _found(value: Any, path: str, *, otherwise: Any) -> Any:
    """What is at a path: one value, or with `*` in it a list of all."""
    found, is_many = [value], False
    for step in _STEP.finditer(path):
        name, index = step[1], step[2]
        if "*" in (name, index):
            is_many = True
            found = [one for held in found for one in _members(held)]
        elif name is not None:
            found = [held[name] for held in found if isinstance(held, dict) and name in held]
        else:
            found = [held[int(index)] for held in found if isinstance(held, list) and int(index) < len(held)]
    if is_many:
        return found
    return found[0] if found else otherwise


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
