"""What a change set lists: the resources that a template adds, changes or takes away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.stacks.template import Template, dependencies

Action = Literal["Add", "Modify", "Remove"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a change set."""

    action: Action
    logical_id: str
    resource_type: str


def changes(
    old: Template | None, new: Template, *, changed_parameters: frozenset[str] = frozenset()
) -> tuple[Change, ...]:
    """From what a stack has to what a template says; resources that name a changed parameter are changed too."""
    before: Mapping[str, Mapping[str, object]] = old.resources if old is not None else {}
    listed = []
    for name, resource in new.resources.items():
        kind = str(resource["Type"])
        if name not in before:
            listed.append(Change(action="Add", logical_id=name, resource_type=kind))
        elif before[name] != resource or dependencies(resource) & changed_parameters:
            listed.append(Change(action="Modify", logical_id=name, resource_type=kind))
    for name, resource in before.items():
        if name not in new.resources:
            listed.append(Change(action="Remove", logical_id=name, resource_type=str(resource["Type"])))
    return tuple(listed)
