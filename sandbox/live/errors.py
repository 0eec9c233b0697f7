"""What can keep a sandbox from running; each text is one line with the next step."""


class SandboxError(RuntimeError):
    """Base of the live world's own errors."""


class WrongUsageError(SandboxError):
    """The sandbox was asked for something that cannot be: exit code 2."""


class AlreadyRunningError(WrongUsageError):
    """Another sandbox has this state folder."""

    def __init__(self, state_dir: str, pid: int) -> None:
        super().__init__(
            f"expected {state_dir} to be free, a sandbox runs with it (process {pid}): "
            "stop it with 'sandbox down' or give another --state-dir"
        )


class DeploymentFailedError(SandboxError):
    """The definitions could not be deployed."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(f"expected the stacks to deploy, got: {reason} (see {log})")


class DefinitionsRefusedError(WrongUsageError):
    """CloudFormation does not take a template."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(
            f"expected definitions that CloudFormation takes, got: {reason}: "
            f"change them under services/*/infrastructure (see {log})"
        )


class BadRecordingsError(WrongUsageError):
    """A recording and its script do not belong together; the text says which and what to do."""


class PortTakenError(WrongUsageError):
    """Another process has the port; the text says which and what to do."""
