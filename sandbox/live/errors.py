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


class ControlPlaneEndedError(SandboxError):
    """The process that holds what was deployed has ended by itself."""

    def __init__(self, how: str, log: str) -> None:
        super().__init__(
            f"expected the control plane to go on, it has ended ({how}) and what was deployed with it: "
            f"start again with 'sandbox up' (see {log})"
        )


class UnknownFunctionError(WrongUsageError):
    """What was to be debugged is in no stack."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"expected --debug to be one of {', '.join(known)}, got {name}")


class OtherBackendError(SandboxError):
    """The sandbox that runs has its data elsewhere than was asked."""

    def __init__(self, wanted: str, running: str) -> None:
        super().__init__(
            f"expected the running sandbox to be on the backend {wanted}, it is on {running}: "
            "stop it with 'sandbox down', give another --state-dir, or leave out --backend"
        )


class BackendDownError(SandboxError):
    """The backend that was asked for does not answer."""

    def __init__(self, url: str, reason: str, *, compose: bool) -> None:
        start = "'docker compose up -d localstack'" if compose else "it"
        super().__init__(f"expected a backend at {url}, got: {reason}: start {start}, or leave out --backend")


class BackendLacksServiceError(SandboxError):
    """The backend answers, but not for what the stacks need."""

    def __init__(self, url: str, services: list[str]) -> None:
        super().__init__(
            f"expected the backend at {url} to serve {', '.join(services)}, it does not: "
            "add them to its SERVICES, or give --dynamodb a URL of its own where only DynamoDB is missing"
        )
