"""One stack: what it has, and what its template's names stand for."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.control_plane.stacks.provision import Made, Owner
from sandbox.stacks import parameters
from sandbox.stacks.errors import TemplateError
from sandbox.stacks.intrinsics import evaluate, holds
from sandbox.stacks.operation import STACK_TYPE, USER_INITIATED, Event
from sandbox.stacks.template import Document, Template, order

PARTITION = "aws"
URL_SUFFIX = "amazonaws.com"

FINISHED = ("_COMPLETE", "_FAILED")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request asks a stack to be."""

    template: Template
    given: Mapping[str, str]
    """The value of each parameter as text."""
    resolved: Mapping[str, Any]
    """What `Ref` of each parameter gives."""
    from_store: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    role_arn: str | None = None
    on_failure: str = "ROLLBACK"


@dataclass(kw_only=True)
class Stack:
    """Its `events` are the oldest first, each with an id of its own."""

    owner: Owner
    created_ms: int
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    wanted: Wanted | None = None
    made: dict[str, Made] = field(default_factory=dict)
    statuses: dict[str, Event] = field(default_factory=dict)
    """The latest event of each resource."""
    events: list[tuple[str, Event]] = field(default_factory=list)
    outputs: list[dict[str, str]] = field(default_factory=list)
    updated_ms: int | None = None
    deleted_ms: int | None = None
    change_set_id: str | None = None
    protected: bool = False
    notification_arns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.owner.stack_name

    @property
    def stack_id(self) -> str:
        return self.owner.stack_id

    @property
    def busy(self) -> bool:
        """Whether an operation is under way."""
        return not self.status.endswith(FINISHED) and self.status != "REVIEW_IN_PROGRESS"

    def review(self, now_ms: int) -> None:
        """F-08: a change set has made the stack, which has nothing yet."""
        self.note(
            Event(
                logical_id="",
                physical_id="",
                resource_type=STACK_TYPE,
                status="REVIEW_IN_PROGRESS",
                reason=USER_INITIATED,
                at_ms=now_ms,
            )
        )

    def note(self, event: Event) -> None:
        """Keep an event of an operation."""
        self.events.append((str(uuid.uuid4()), event))
        if event.logical_id:
            self.statuses[event.logical_id] = event
        else:
            self.status, self.reason = event.status, event.reason

    def exports(self) -> dict[str, str]:
        """The values of outputs with an export, by the export's name."""
        return {one["ExportName"]: one["OutputValue"] for one in self.outputs if "ExportName" in one}


class StackScope:
    """What a template's names stand for in a stack (`sandbox.stacks.intrinsics.Scope`)."""

    def __init__(self, stack: Stack, wanted: Wanted, imported: Callable[[str], str]) -> None:
        owner = stack.owner
        self._made = stack.made
        self._wanted = wanted
        self._imported = imported
        self._names: dict[str, Any] = {
            **wanted.resolved,
            "AWS::AccountId": owner.account_id,
            "AWS::Region": owner.region,
            "AWS::StackId": owner.stack_id,
            "AWS::StackName": owner.stack_name,
            "AWS::Partition": PARTITION,
            "AWS::URLSuffix": URL_SUFFIX,
            "AWS::NotificationARNs": list(stack.notification_arns),
        }

    @property
    def document(self) -> Document:
        return self._wanted.template.document

    def ref(self, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        return self._of(name).physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        return self._of(name).attribute(name, attribute)

    def imported(self, name: str) -> str:
        return self._imported(name)

    def active(self) -> list[str]:
        """The resources whose conditions hold, each after those it refers to."""
        template = self._wanted.template
        chosen = [
            name
            for name, resource in template.resources.items()
            if "Condition" not in resource or holds(resource["Condition"], self)
        ]
        return order(template, chosen)

    def properties(self, name: str) -> Mapping[str, Any]:
        """A resource's properties, evaluated. Raises TemplateError."""
        evaluated: Mapping[str, Any] = evaluate(self._wanted.template.resources[name].get("Properties", {}), self)
        return evaluated

    def outputs(self) -> list[dict[str, str]]:
        """The outputs whose conditions hold, as DescribeStacks has them."""
        rows = []
        for key, output in self._wanted.template.outputs.items():
            if "Condition" in output and not holds(output["Condition"], self):
                continue
            row = {"OutputKey": key, "OutputValue": str(evaluate(output["Value"], self))}
            if "Description" in output:
                row["Description"] = str(output["Description"])
            if "Export" in output:
                row["ExportName"] = str(evaluate(output["Export"]["Name"], self))
            rows.append(row)
        return rows

    def _of(self, name: str) -> Made:
        if name not in self._made:
            raise TemplateError(
                f"Template format error: Unresolved resource dependencies [{name}] "
                "in the Resources block of the template"
            )
        return self._made[name]


def shown_parameters(wanted: Wanted) -> list[dict[str, str]]:
    """The parameters as DescribeStacks has them."""
    return parameters.shown(wanted.template, wanted.given, wanted.from_store)
