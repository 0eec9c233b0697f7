"""What can keep a sandbox from running; each text is one line with the next step."""


class SandboxError(RuntimeError):
    """Base of the live world's own errors."""


class AlreadyRunningError(SandboxError):
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


class PortTakenError(SandboxError):
    """Another process has the port; the text says which and what to do."""
