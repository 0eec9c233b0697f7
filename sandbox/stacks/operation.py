"""The course of one operation on a stack: which resource is next, the events, and the way back when one fails.

The shell does what `next` says and reports; every status and text here is CloudFormation's (F-08, F-09, F-11; AWS
CloudFormation User Guide, "Stack status codes").
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["CREATE", "UPDATE", "DELETE"]
OnFailure = Literal["ROLLBACK", "DO_NOTHING", "DELETE"]

STACK_TYPE = "AWS::CloudFormation::Stack"
USER_INITIATED = "User Initiated"
CREATION_INITIATED = "Resource creation Initiated"
REPLACEMENT = "Requested update requires the creation of a new physical resource; hence creating one."


@dataclass(frozen=True, kw_only=True)
class Event:
    """A line of DescribeStackEvents; `logical_id` is empty for the stack itself."""

    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str | None
    at_ms: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the shell is to do with one resource.

    `restore` gives an updated one its old properties; `delete` with a `physical_id` removes what was replaced. `settle`
    is of no resource: what was made is made known, before the operation is complete.
    """

    action: Literal["create", "update", "restore", "delete", "settle"]
    logical_id: str
    physical_id: str | None = None


class Operation:
    """Begin it, then until `next` is None: `started`, and one of `succeeded`, `unchanged`, `replaced`, `failed`."""

    def __init__(
        self,
        kind: Kind,
        *,
        types: Mapping[str, str],
        existing: Mapping[str, str],
        wanted: Iterable[str] = (),
        unwanted: Iterable[str] = (),
        kept: frozenset[str] = frozenset(),
        on_failure: OnFailure = "ROLLBACK",
    ) -> None:
        """`existing`: physical ids by logical id; `wanted`: in the order to make or change them; `unwanted`: in the
        order to delete them; `kept`: whose deletion policy is to retain."""
        self.kind = kind
        self.status = f"{kind}_IN_PROGRESS"
        self.reason: str | None = USER_INITIATED
        self.events: list[Event] = []
        self._types = types
        self._physical = dict(existing)
        self._kept = kept
        self._on_failure = on_failure
        self._todo = deque(Step(action="update" if name in existing else "create", logical_id=name) for name in wanted)
        self._unwanted = [Step(action="delete", logical_id=name) for name in unwanted]
        self._cleanup: list[Step] = []
        self._made: list[str] = []
        self._changed: list[Step] = []
        self._undeleted: list[str] = []
        self._phase: Literal["forward", "settle", "cleanup", "back", "back cleanup"] = "forward"

    def begin(self, now_ms: int) -> None:
        """The stack's first event; a deletion has nothing but what is unwanted."""
        self._turn(self.status, USER_INITIATED, now_ms)
        if self.kind == "DELETE":
            self._todo.extend(self._unwanted)
            self._unwanted = []

    def next(self, now_ms: int) -> Step | None:
        """The next step, or None when the operation has ended; `status` is then its last."""
        while not self._todo:
            if not self._next_phase(now_ms):
                return None
        return self._todo.popleft()

    def skips(self, step: Step, now_ms: int) -> bool:
        """Whether a deletion is left out because the template says to retain the resource."""
        if step.action != "delete" or step.physical_id is not None or step.logical_id not in self._kept:
            return False
        self._note(step.logical_id, "DELETE_SKIPPED", None, now_ms)
        self._physical.pop(step.logical_id, None)
        return True

    def started(self, step: Step, now_ms: int) -> None:
        verb = {"create": "CREATE", "delete": "DELETE"}.get(step.action, "UPDATE")
        self._note(step.logical_id, f"{verb}_IN_PROGRESS", None, now_ms, step.physical_id)

    def unchanged(self, step: Step) -> None:
        """An update that finds nothing to do says nothing."""

    def succeeded(self, step: Step, physical_id: str, now_ms: int) -> None:
        name = step.logical_id
        match step.action:
            case "settle":
                pass
            case "create":
                self._physical[name] = physical_id
                self._made.append(name)
                self._note(name, "CREATE_IN_PROGRESS", CREATION_INITIATED, now_ms)
                self._note(name, "CREATE_COMPLETE", None, now_ms)
            case "delete":
                self._note(name, "DELETE_COMPLETE", None, now_ms, step.physical_id)
                if step.physical_id is None:
                    self._physical.pop(name, None)
            case _:
                self._physical[name] = physical_id
                if step.action == "update":
                    self._changed.append(step)
                self._note(name, "UPDATE_COMPLETE", None, now_ms)

    def replaced(self, step: Step, new_id: str, now_ms: int, *, old_remains: bool) -> None:
        """An update that made another resource in the old one's place; the old one goes in the cleanup."""
        name, old_id = step.logical_id, self._physical[step.logical_id]
        self._note(name, "UPDATE_IN_PROGRESS", REPLACEMENT, now_ms)
        self._physical[name] = new_id
        self._note(name, "UPDATE_IN_PROGRESS", CREATION_INITIATED, now_ms)
        self._note(name, "UPDATE_COMPLETE", None, now_ms)
        if step.action == "update":
            self._changed.append(step)
        if old_remains:
            self._cleanup.append(Step(action="delete", logical_id=name, physical_id=old_id))

    def failed(self, step: Step, reason: str, now_ms: int, *, untouched: bool = False) -> None:
        """Say so, and turn back; what fails in a cleanup is left behind, as by CloudFormation. `untouched`: nothing of
        the resource was changed."""
        if step.action == "settle":
            self._turn_back(f"{reason}. ", None, now_ms)
            return
        name = step.logical_id
        verb = {"create": "CREATE", "delete": "DELETE"}.get(step.action, "UPDATE")
        self._note(name, f"{verb}_FAILED", reason, now_ms, step.physical_id)
        if step.action == "delete":
            self._undeleted.append(name)
        elif self._phase == "forward":
            half_changed = name if verb == "UPDATE" and not untouched else None
            self._turn_back(f"The following resource(s) failed to {verb.lower()}: [{name}]. ", half_changed, now_ms)
        else:
            self._todo.clear()
            self._phase = "back cleanup"
            self._undeleted.append(name)

    def _turn_back(self, reason: str, half_changed: str | None, now_ms: int) -> None:
        self._todo.clear()
        if self.kind == "CREATE":
            if self._on_failure == "DO_NOTHING":
                self._phase = "back cleanup"
                self._turn("CREATE_FAILED", reason, now_ms)
                return
            self._phase = "back"
            self._turn(
                *(("DELETE_IN_PROGRESS", reason) if self._on_failure == "DELETE"
                  else ("ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")), now_ms,
            )  # fmt: skip
            self._todo.extend(Step(action="delete", logical_id=made) for made in reversed(self._made))
            return
        self._phase = "back"
        self._turn("UPDATE_ROLLBACK_IN_PROGRESS", reason, now_ms)
        # The failed one may be half changed, so it is restored too.
        again = [Step(action="restore", logical_id=half_changed)] if half_changed is not None else []
        again += [Step(action="restore", logical_id=one.logical_id) for one in reversed(self._changed)]
        self._todo.extend(again)
        self._cleanup = [Step(action="delete", logical_id=made) for made in reversed(self._made)]

    def _next_phase(self, now_ms: int) -> bool:
        match self._phase, self.kind:
            case "forward", "CREATE" | "UPDATE":
                self._phase = "settle"
                self._todo.append(Step(action="settle", logical_id=""))
            case "settle", "UPDATE":
                self._phase = "cleanup"
                self._todo.extend(self._cleanup + self._unwanted)
                self._turn("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None, now_ms)
            case "back", "UPDATE":
                self._phase = "back cleanup"
                self._todo.extend(self._cleanup)
                self._turn("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None, now_ms)
            case _:
                return self._end(now_ms)
        return True

    def _end(self, now_ms: int) -> bool:
        last, reason = self._last_status()
        if self.status != last:
            self._turn(last, reason, now_ms)
        return False

    def _last_status(self) -> tuple[str, str | None]:
        left = f"The following resource(s) failed to delete: [{', '.join(self._undeleted)}]. "
        match self.kind, self._phase:
            case "CREATE", "settle":
                return "CREATE_COMPLETE", None
            case "CREATE", "back":
                if self._on_failure == "DELETE":
                    return ("DELETE_FAILED", left) if self._undeleted else ("DELETE_COMPLETE", None)
                return ("ROLLBACK_FAILED", left) if self._undeleted else ("ROLLBACK_COMPLETE", None)
            case "CREATE", _:
                return "CREATE_FAILED", self.reason
            case "UPDATE", "cleanup":
                return "UPDATE_COMPLETE", None
            case "UPDATE", _:
                if self.status == "UPDATE_ROLLBACK_IN_PROGRESS":
                    names = ", ".join(self._undeleted)
                    return "UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. "
                return "UPDATE_ROLLBACK_COMPLETE", None
        return ("DELETE_FAILED", left) if self._undeleted else ("DELETE_COMPLETE", None)

    def _turn(self, status: str, reason: str | None, now_ms: int) -> None:
        self.status, self.reason = status, reason
        self.events.append(
            Event(logical_id="", physical_id="", resource_type=STACK_TYPE, status=status, reason=reason, at_ms=now_ms)
        )

    def _note(self, name: str, status: str, reason: str | None, now_ms: int, physical_id: str | None = None) -> None:
        self.events.append(
            Event(
                logical_id=name,
                physical_id=physical_id or self._physical.get(name, ""),
                resource_type=self._types[name],
                status=status,
                reason=reason,
                at_ms=now_ms,
            )
        )
