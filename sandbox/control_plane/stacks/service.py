"""CloudFormation's operations, and what each refuses in which state (StackRefusal)."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.control_plane.stacks import provision
from sandbox.control_plane.stacks.engine import Engine
from sandbox.control_plane.stacks.provision import Owner
from sandbox.control_plane.stacks.stack import Stack, Wanted
from sandbox.stacks import errors, parameters
from sandbox.stacks.capabilities import missing_capability
from sandbox.stacks.changes import Change, changes
from sandbox.stacks.limits import DESCRIBED_WITHIN_S
from sandbox.stacks.template import CUSTOM_PREFIX, Template, read

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
UPDATABLE = frozenset(
    "CREATE_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE IMPORT_COMPLETE IMPORT_ROLLBACK_COMPLETE".split()
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What CreateStack, UpdateStack and CreateChangeSet say of a stack."""

    name: str
    body: str | None
    """None: the template that the stack has."""
    given: Mapping[str, str]
    kept_parameters: frozenset[str] = frozenset()
    """Parameters with `UsePreviousValue`."""
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    protected: bool = False
    on_failure: str = "ROLLBACK"


@dataclass(kw_only=True)
class ChangeSet:
    """A change set, made at once and executed at most once."""

    change_set_id: str
    name: str
    kind: str
    stack: Stack
    wanted: Wanted
    description: str | None
    listed: tuple[Change, ...]
    created_ms: int
    status: str
    execution_status: str
    reason: str | None = None


class Stacks:
    """Every stack and change set of one account and Region."""

    def __init__(
        self,
        *,
        account_id: str,
        region: str,
        now_ms: Callable[[], int],
        stored_parameter: Callable[[str], str | None],
    ) -> None:
        self._account_id = account_id
        self._region = region
        self._now_ms = now_ms
        self._stored_parameter = stored_parameter
        self._followers: list[Callable[[], None]] = []
        self._stacks: dict[str, Stack] = {}
        self._change_sets: dict[str, ChangeSet] = {}
        self.lock = threading.RLock()
        """Held by whoever asks, so that each request sees one state."""
        self._ended = threading.Condition(self.lock)
        self._engine = Engine(
            now_ms=now_ms, imported=self._imported, owned_elsewhere=self._owner_of, on_change=self._tell, lock=self.lock
        )

    def follow(self, on_change: Callable[[], None]) -> None:
        """Have `on_change` called, in the operation's thread, when resources were made and when an operation has ended.

        What it raises makes the operation fail, and be rolled back.
        """
        self._followers.append(on_change)

    def _tell(self) -> None:
        self._ended.notify_all()
        for follower in self._followers:
            follower()

    def live(self) -> list[Stack]:
        """Every stack that has not been deleted, the newest first."""
        return [one for one in reversed(self._stacks.values()) if one.status != "DELETE_COMPLETE"]

    def every(self) -> list[Stack]:
        """The deleted ones too."""
        return list(reversed(self._stacks.values()))

    def get(self, name_or_id: str) -> Stack:
        """F-10: a live stack by its name, a deleted one only by its id. Raises NoSuchStackError."""
        found = self._find(name_or_id)
        if found is None:
            raise errors.NoSuchStackError(name_or_id)
        return found

    def at_rest(self, name_or_id: str) -> Stack:
        """The same, once no operation is under way, or as it is after a while; others are answered meanwhile."""
        stack = self.get(name_or_id)
        self._ended.wait_for(lambda: not stack.busy, DESCRIBED_WITHIN_S)
        # It may be gone by now, and then only its id is known.
        return self.get(name_or_id)

    def holding(self, physical_id: str) -> Stack:
        """The stack that has a resource. Raises StackRefusal."""
        for stack in self.live():
            if any(made.physical_id == physical_id for made in stack.made.values()):
                return stack
        raise errors.StackRefusal(f"Stack for {physical_id} does not exist")

    def create(self, request: Request) -> Stack:
        if self._find(request.name) is not None:
            raise errors.AlreadyExistsError(request.name)
        wanted = self._wanted(request, None)
        stack = self._new(request)
        self._engine.create(stack, wanted)
        return stack

    def update(self, request: Request) -> Stack:
        stack = self.get(request.name)
        self._check_updatable(stack)
        wanted = self._wanted(request, stack.wanted)
        assert stack.wanted is not None
        if not _differs(stack.wanted, wanted):
            raise errors.StackRefusal("No updates are to be performed.")
        self._engine.update(stack, wanted)
        return stack

    def delete(self, name_or_id: str) -> None:
        """A stack that is not there needs no deletion."""
        stack = self._find(name_or_id)
        if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
            return
        if stack.protected:
            raise errors.StackRefusal(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if stack.busy:
            raise errors.WrongStateError(stack.stack_id, stack.status)
        self._engine.delete(stack)

    def protect(self, name: str, protected: bool) -> Stack:
        stack = self.get(name)
        stack.protected = protected
        return stack

    def create_change_set(self, request: Request, *, name: str, kind: str, description: str | None) -> ChangeSet:
        stack = self._find(request.name)
        if kind == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise errors.StackRefusal(
                    f"Stack [{request.name}] already exists and cannot be created again with the changeSet [{name}]."
                )
            wanted = self._wanted(request, None)
            stack = stack or self._new(request, reviewed=True)
            before = None
        else:
            if stack is None:
                raise errors.StackRefusal(f"Stack [{request.name}] does not exist")
            self._check_updatable(stack)
            before = stack.wanted
            wanted = self._wanted(request, before)
        if any(one.name == name and one.stack is stack for one in self._change_sets.values()):
            raise errors.AlreadyExistsError(name)
        return self._keep_change_set(stack, before, wanted, name=name, kind=kind, description=description)

    def change_set(self, name: str, stack_name: str | None) -> ChangeSet:
        """By its id, or by its name and its stack's. Raises NoSuchChangeSetError."""
        for one in self._change_sets.values():
            if one.change_set_id == name:
                return one
            if one.name == name and stack_name in (one.stack.name, one.stack.stack_id):
                return one
        raise errors.NoSuchChangeSetError(name)

    def change_sets_of(self, stack: Stack) -> list[ChangeSet]:
        return [one for one in self._change_sets.values() if one.stack is stack]

    def delete_change_set(self, name: str, stack_name: str | None) -> None:
        """F-06: succeeds as long as the stack exists, whether the change set does or not."""
        try:
            found = self.change_set(name, stack_name)
        except errors.NoSuchChangeSetError:
            if stack_name is None:
                raise
            self.get(stack_name)
            return
        del self._change_sets[found.change_set_id]

    def execute(self, name: str, stack_name: str | None) -> None:
        found = self.change_set(name, stack_name)
        if found.execution_status != "AVAILABLE":
            raise errors.WrongChangeSetStateError(found.change_set_id, found.status)
        stack = found.stack
        stack.change_set_id = found.change_set_id
        # Any other change set of the stack is out of date with this.
        for one in self.change_sets_of(stack):
            del self._change_sets[one.change_set_id]
        found.execution_status = "EXECUTE_COMPLETE"
        if found.kind == "CREATE":
            self._engine.create(stack, found.wanted)
        else:
            self._engine.update(stack, found.wanted)

    def checked(self, body: str) -> Template:
        """The template, as ValidateTemplate would take it. Raises StackRefusal."""
        template = read(body)
        types = {resource["Type"] for resource in template.resources.values()}
        unknown = sorted(types - provision.known_types())
        if unknown:
            custom = [one for one in unknown if one.startswith(CUSTOM_PREFIX)]
            if custom == unknown:
                raise errors.TemplateError(f"custom resources are not emulated by the sandbox, got {', '.join(custom)}")
            raise errors.TemplateError(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
        return template

    def _keep_change_set(
        self, stack: Stack, before: Wanted | None, wanted: Wanted, *, name: str, kind: str, description: str | None
    ) -> ChangeSet:
        nothing = before is not None and not _differs(before, wanted)
        changed = frozenset(
            key for key, value in wanted.resolved.items() if before is not None and before.resolved.get(key) != value
        )
        kept = ChangeSet(
            change_set_id=self._arn(f"changeSet/{name}"),
            name=name,
            kind=kind,
            stack=stack,
            wanted=wanted,
            description=description,
            listed=changes(before.template if before else None, wanted.template, changed_parameters=changed),
            created_ms=self._now_ms(),
            status="FAILED" if nothing else "CREATE_COMPLETE",
            execution_status="UNAVAILABLE" if nothing else "AVAILABLE",
            reason=NO_CHANGES if nothing else None,
        )
        self._change_sets[kept.change_set_id] = kept
        return kept

    def _wanted(self, request: Request, before: Wanted | None) -> Wanted:
        template = before.template if request.body is None and before is not None else self.checked(request.body or "")
        previous = before.given if before is not None else {}
        given = dict(request.given) | {name: previous[name] for name in request.kept_parameters & previous.keys()}
        values = parameters.given_values(template, given)
        resolved, from_store = parameters.resolved(template, values, self._stored_parameter)
        missing = missing_capability(template, request.capabilities)
        if missing is not None:
            raise errors.InsufficientCapabilitiesError(missing)
        tags = request.tags if request.tags is not None else before.tags if before is not None else None
        return Wanted(
            template=template,
            given=values,
            resolved=resolved,
            from_store=from_store,
            capabilities=request.capabilities,
            tags=tags,
            role_arn=request.role_arn,
            on_failure=request.on_failure,
        )

    def _new(self, request: Request, *, reviewed: bool = False) -> Stack:
        owner = Owner(
            stack_id=self._arn(f"stack/{request.name}"),
            stack_name=request.name,
            account_id=self._account_id,
            region=self._region,
        )
        stack = Stack(
            owner=owner,
            created_ms=self._now_ms(),
            protected=request.protected,
            notification_arns=request.notification_arns,
        )
        if reviewed:
            stack.review(self._now_ms())
        self._stacks[stack.stack_id] = stack
        return stack

    def _find(self, name_or_id: str) -> Stack | None:
        if name_or_id in self._stacks:
            return self._stacks[name_or_id]
        return next((one for one in self.live() if one.name == name_or_id), None)

    def _check_updatable(self, stack: Stack) -> None:
        if stack.status not in UPDATABLE:
            raise errors.WrongStateError(stack.stack_id, stack.status)

    def _imported(self, name: str) -> str:
        for stack in self.live():
            if name in stack.exports():
                return stack.exports()[name]
        raise errors.TemplateError(f"No export named {name} found. Rollback requested by user.")

    def _owner_of(self, asking: Stack, resource_type: str, physical_id: str) -> str | None:
        for stack in self.live():
            for made in stack.made.values():
                if (made.resource_type, made.physical_id) == (resource_type, physical_id) and stack is not asking:
                    return stack.stack_id
        return None

    def _arn(self, resource: str) -> str:
        return f"arn:aws:cloudformation:{self._region}:{self._account_id}:{resource}/{uuid.uuid4()}"


def _differs(before: Wanted, wanted: Wanted) -> bool:
    return (
        not before.template.same_as(wanted.template)
        or before.resolved != wanted.resolved
        or (wanted.tags or {}) != (before.tags or {})
    )
