"""Carries out a stack's operation: does each step that the core asks for, in a thread of its own.

Whatever goes wrong on the way is the reason of a failure, so that no operation ends without an end.
"""

import contextlib
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.control_plane.stacks import provision
from sandbox.control_plane.stacks.provision import Made
from sandbox.control_plane.stacks.stack import Stack, StackScope, Wanted
from sandbox.stacks.errors import ResourceError, ResourceGoneError, StackRefusal
from sandbox.stacks.operation import Operation, Step
from sandbox.stacks.template import order


class Engine:
    """`now_ms`: the time; `imported`: an export's value, or StackRefusal; `owned_elsewhere`: the stack that has a
    physical resource; `on_change`: told when resources were made and when an operation has ended; what it raises
    makes the operation fail."""

    def __init__(
        self,
        *,
        now_ms: Callable[[], int],
        imported: Callable[[str], str],
        owned_elsewhere: Callable[[Stack, str, str], str | None],
        on_change: Callable[[], None],
        lock: threading.RLock,
    ) -> None:
        self._now_ms = now_ms
        self._imported = imported
        self._owned_elsewhere = owned_elsewhere
        self._on_change = on_change
        self._lock = lock
        self._latest_ms = 0

    def create(self, stack: Stack, wanted: Wanted) -> None:
        """Make everything; returns at once."""
        scope = StackScope(stack, wanted, self._imported)
        operation = Operation(
            "CREATE",
            types=_types(wanted),
            existing={},
            wanted=scope.active(),
            on_failure=wanted.on_failure,  # type: ignore[arg-type]
        )
        self._start(stack, operation, wanted)

    def update(self, stack: Stack, wanted: Wanted) -> None:
        """Make, change and delete what differs; returns at once."""
        before = stack.wanted
        assert before is not None
        active = StackScope(stack, wanted, self._imported).active()
        gone = [name for name in reversed(order(before.template, stack.made)) if name not in active]
        stack.updated_ms = self.now()
        operation = Operation(
            "UPDATE",
            types=_types(before) | _types(wanted),
            existing={name: one.physical_id for name, one in stack.made.items()},
            wanted=active,
            unwanted=gone,
            kept=_retained(before),
        )
        self._start(stack, operation, wanted)

    def delete(self, stack: Stack) -> None:
        """Delete everything, what depends on others first; returns at once."""
        before = stack.wanted
        names = list(reversed(order(before.template, stack.made))) if before is not None else []
        operation = Operation(
            "DELETE",
            types=_types(before) if before is not None else {},
            existing={name: one.physical_id for name, one in stack.made.items()},
            unwanted=names,
            kept=_retained(before) if before is not None else frozenset(),
        )
        self._start(stack, operation, before)

    def _start(self, stack: Stack, operation: Operation, wanted: Wanted | None) -> None:
        course = _Course(self, stack, operation, wanted)
        operation.begin(self.now())
        course.keep_events()
        threading.Thread(target=course.run, name=f"{operation.kind.lower()} {stack.name}", daemon=True).start()

    def scope(self, stack: Stack, wanted: Wanted) -> StackScope:
        return StackScope(stack, wanted, self._imported)

    def now(self) -> int:
        """The time of an event; no two have the same, since clients sort them by it."""
        self._latest_ms = max(self._now_ms(), self._latest_ms + 1)
        return self._latest_ms

    def taken_by(self, stack: Stack, resource_type: str, physical_id: str) -> str | None:
        return self._owned_elsewhere(stack, resource_type, physical_id)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Nobody sees what is done here before the followers have been told of it."""
        with self._lock:
            yield
            self._on_change()


class _Course:
    """One operation under way."""

    def __init__(self, engine: Engine, stack: Stack, operation: Operation, wanted: Wanted | None) -> None:
        self._engine = engine
        self._stack = stack
        self._operation = operation
        self._before = stack.wanted
        self._had = dict(stack.made)
        self._wanted = wanted
        self._replaced: dict[str, Made] = {}
        self._kept_events = 0
        if operation.kind != "DELETE":
            stack.wanted = wanted

    def run(self) -> None:
        """Every step to the end. The stack's last status is the last thing that changes."""
        operation, stack = self._operation, self._stack
        while (step := operation.next(self._engine.now())) is not None:
            if operation.skips(step, self._engine.now()):
                stack.made.pop(step.logical_id, None)
            else:
                self._take(step)
            if not operation.status.endswith(("_COMPLETE", "_FAILED")):
                self.keep_events()
        if operation.status.startswith("UPDATE_ROLLBACK"):
            stack.wanted = self._before
        elif operation.status == "DELETE_COMPLETE":
            stack.deleted_ms, stack.outputs = self._engine.now(), []
        try:
            with self._engine.telling():
                self.keep_events()
        except Exception:
            # Nothing was made that could be taken back: what goes wrong here has another cause, and is told of there.
            traceback.print_exc()

    def keep_events(self) -> None:
        """Pass on what the core has noted since."""
        events = self._operation.events
        for event in events[self._kept_events :]:
            self._stack.note(event)
        self._kept_events = len(events)

    def _take(self, step: Step) -> None:
        try:
            match step.action:
                case "create":
                    self._create(step)
                case "update":
                    self._update(step)
                case "restore":
                    self._restore(step)
                case "delete":
                    self._delete(step)
                case "settle":
                    self._settle(step)
        except (ResourceError, StackRefusal) as error:
            untouched = isinstance(error, ResourceGoneError)
            self._operation.failed(step, str(error), self._engine.now(), untouched=untouched)
        except Exception as error:
            traceback.print_exc()
            reason = f"Internal Failure ({type(error).__name__}: {error})"
            self._operation.failed(step, reason, self._engine.now())

    def _create(self, step: Step) -> None:
        assert self._wanted is not None
        stack, name = self._stack, step.logical_id
        resource_type = self._wanted.template.resources[name]["Type"]
        self._started(step)
        properties = self._engine.scope(stack, self._wanted).properties(name)
        given = provision.given_name(resource_type, properties)
        owner = self._engine.taken_by(stack, resource_type, given) if given is not None else None
        if owner is not None:
            raise ResourceError(f"{given} already exists in stack {owner}")
        stack.made[name] = made = provision.create(stack.owner, name, resource_type, properties)
        self._operation.succeeded(step, made.physical_id, self._engine.now())

    def _update(self, step: Step) -> None:
        assert self._wanted is not None
        stack, name = self._stack, step.logical_id
        made = stack.made[name]
        resource_type = self._wanted.template.resources[name]["Type"]
        if resource_type != made.resource_type:
            self._started(step)
            raise ResourceError(f"Update of resource type is not permitted. The new template modifies resource type of "
                                f"the following resources: [{name}]")  # fmt: skip
        properties = self._engine.scope(stack, self._wanted).properties(name)
        if properties == made.properties:
            self._operation.unchanged(step)
            return
        self._started(step)
        self._change(step, made, properties)

    def _change(self, step: Step, made: Made, properties: Any) -> None:
        changed, old_remains = provision.update(self._stack.owner, step.logical_id, made, properties)
        self._stack.made[step.logical_id] = changed
        if changed.physical_id == made.physical_id:
            self._operation.succeeded(step, changed.physical_id, self._engine.now())
            return
        if old_remains:
            self._replaced[made.physical_id] = made
        self._operation.replaced(step, changed.physical_id, self._engine.now(), old_remains=old_remains)

    def _restore(self, step: Step) -> None:
        stack, name = self._stack, step.logical_id
        before, current = self._had[name], stack.made[name]
        self._started(step)
        if before.physical_id in self._replaced:
            provision.delete(stack.owner, current)
            stack.made[name] = before
            self._operation.succeeded(step, before.physical_id, self._engine.now())
            return
        self._change(step, current, before.properties)

    def _delete(self, step: Step) -> None:
        stack = self._stack
        self._started(step)
        if step.physical_id is not None:
            provision.delete(stack.owner, self._replaced.pop(step.physical_id))
        else:
            provision.delete(stack.owner, stack.made[step.logical_id])
            del stack.made[step.logical_id]
        self._operation.succeeded(step, "", self._engine.now())

    def _settle(self, step: Step) -> None:
        """What the operation made has to be seen by those who follow, before it is complete."""
        assert self._wanted is not None
        before = self._stack.outputs
        try:
            with self._engine.telling():
                self._stack.outputs = self._engine.scope(self._stack, self._wanted).outputs()
        except BaseException:
            self._stack.outputs = before
            raise
        self._operation.succeeded(step, "", self._engine.now())

    def _started(self, step: Step) -> None:
        self._operation.started(step, self._engine.now())
        self.keep_events()


def _types(wanted: Wanted) -> dict[str, str]:
    return {name: resource["Type"] for name, resource in wanted.template.resources.items()}


def _retained(wanted: Wanted) -> frozenset[str]:
    resources = wanted.template.resources
    return frozenset(name for name, one in resources.items() if one.get("DeletionPolicy") == "Retain")
