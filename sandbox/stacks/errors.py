"""CloudFormation's refusals, in its own words."""


class StackRefusal(ValueError):  # noqa: N818 - a refusal is no fault of the emulator's
    """Base: the API's error code and text."""

    code = "ValidationError"
    status = 400

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class TemplateError(StackRefusal):
    """A template that CloudFormation does not take."""


class AlreadyExistsError(StackRefusal):
    """F-12: a live stack has the name."""

    code = "AlreadyExistsException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Stack [{name}] already exists")


class NoSuchStackError(StackRefusal):
    """F-10."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Stack with id {name} does not exist")


class NoSuchChangeSetError(StackRefusal):
    """F-12."""

    code = "ChangeSetNotFound"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"ChangeSet [{name}] does not exist")


class InsufficientCapabilitiesError(StackRefusal):
    """F-12: IAM resources want to be acknowledged."""

    code = "InsufficientCapabilitiesException"

    def __init__(self, missing: str) -> None:
        super().__init__(f"Requires capabilities : [{missing}]")


class WrongStateError(StackRefusal):
    """F-11."""

    def __init__(self, stack_id: str, status: str) -> None:
        super().__init__(f"Stack:{stack_id} is in {status} state and can not be updated.")


class WrongChangeSetStateError(StackRefusal):
    """A change set that has been executed, or never can be."""

    code = "InvalidChangeSetStatus"

    def __init__(self, change_set_id: str, status: str) -> None:
        super().__init__(f"ChangeSet [{change_set_id}] cannot be executed in its current status of [{status}]")


class ResourceError(Exception):
    """What keeps one resource from being created, changed or deleted; the text is the event's reason."""


class ResourceGoneError(ResourceError):
    """F-11: what is to be changed was deleted by other means than its stack; nothing of it has been changed."""
