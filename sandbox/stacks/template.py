"""A template, read and checked: its form, what its resources refer to, and an order in which they can be made."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml

from sandbox.stacks.errors import TemplateError
from sandbox.stacks.limits import RESOURCES, TEMPLATE_BYTES

Document = Mapping[str, Any]

SUB_VARIABLE = re.compile(r"\$\{(?!!)([^}]+)\}")
"""`${Name}` and `${Name.Attribute}` of `Fn::Sub`, but not `${!Literal}`."""

CUSTOM_PREFIX = "Custom::"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref`, `!GetAtt`, `!Sub` and the rest."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, kw_only=True)
class Template:
    """The text as it came, and what it says."""

    body: str
    document: Document

    @property
    def resources(self) -> Mapping[str, Document]:
        resources: Mapping[str, Document] = self.document["Resources"]
        return resources

    @property
    def outputs(self) -> Mapping[str, Document]:
        outputs: Mapping[str, Document] = self.document.get("Outputs") or {}
        return outputs

    def same_as(self, other: "Template") -> bool:
        """Whether a change set between the two has nothing to do."""
        return self.document == other.document


def read(body: str) -> Template:
    """The template. Raises TemplateError in CloudFormation's words."""
    if len(body.encode()) > TEMPLATE_BYTES:
        raise TemplateError(f"Template may not exceed {TEMPLATE_BYTES} bytes in size.")
    template = Template(body=body, document=_document(body))
    resources = template.resources
    if len(resources) > RESOURCES:
        raise TemplateError(
            f"Template format error: Number of resources, {len(resources)}, is greater than maximum allowed, "
            f"{RESOURCES}"
        )
    _check_references(template)
    order(template, resources)
    return template


def dependencies(resource: Document) -> set[str]:
    """The names that a resource refers to, parameters and pseudo parameters too."""
    after = resource.get("DependsOn", [])
    named = {after} if isinstance(after, str) else set(after)
    return named | set(references(resource.get("Properties", {})))


def references(value: Any) -> Iterator[str]:
    """Each name that `Ref`, `Fn::GetAtt` or `Fn::Sub` in a value refers to."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "Ref" and isinstance(inner, str):
                yield inner
            elif name == "Fn::GetAtt":
                yield (inner.split(".", 1) if isinstance(inner, str) else inner)[0]
            elif name == "Fn::Sub":
                text, given = (inner, {}) if isinstance(inner, str) else inner
                yield from (one.split(".", 1)[0] for one in SUB_VARIABLE.findall(text) if one not in given)
                yield from references(given)
            else:
                yield from references(inner)


def order(template: Template, wanted: Iterable[str]) -> list[str]:
    """The wanted resources, each after those it refers to, else as they stand. Raises TemplateError for a circle."""
    names = set(wanted)
    graph = {
        name: sorted(dependencies(resource) & names) for name, resource in template.resources.items() if name in names
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        raise TemplateError(f"Circular dependency between resources: [{circle}]") from None


def _document(body: str) -> Document:
    try:
        document = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader=_Loader)  # noqa: S506
    except json.JSONDecodeError as error:
        where = f"(line {error.lineno}, column {error.colno})"
        raise TemplateError(f"Template format error: JSON not well-formed. {where}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"(line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise TemplateError(f"Template format error: YAML not well-formed. {where}".rstrip()) from None
    if not isinstance(document, Mapping):
        raise TemplateError("Template format error: unsupported structure.")
    if not isinstance(document.get("Resources"), Mapping) or not document["Resources"]:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    for name, resource in document["Resources"].items():
        if not isinstance(resource, Mapping) or not isinstance(resource.get("Type"), str):
            raise TemplateError(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
    return document


def _check_references(template: Template) -> None:
    known = set(template.resources) | set(template.document.get("Parameters") or {})
    for block, holders in (("Resources", template.resources), ("Outputs", template.outputs)):
        named: set[str] = set()
        for holder in holders.values():
            named |= dependencies(holder) if block == "Resources" else set(references(holder))
        missing = sorted(one for one in named - known if not one.startswith("AWS::"))
        if missing:
            raise TemplateError(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
                f"in the {block} block of the template"
            )
