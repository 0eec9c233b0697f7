"""What can keep the definitions from being deployed; each text is one line with the next step."""

from pathlib import Path

EXIT_REFUSED = 2
"""The deployment's exit code when a template was refused: to run it again does not help."""


class DeploymentError(RuntimeError):
    """Base of the package's errors."""


class SynthesisError(DeploymentError):
    """A CDK app could not be synthesised."""

    def __init__(self, app: str, reason: str) -> None:
        super().__init__(
            f"expected {app} to synthesise, got: {reason}: run its app.py with the same context to see all"
        )
        self.app = app
        self.reason = reason


class MissingAssetError(DeploymentError):
    """What an assembly names is not there, and not published either."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"expected an asset at {path}, found nothing: synthesise again, and keep the assembly whole")


class TemplateRefusedError(DeploymentError):
    """CloudFormation does not take the template; nothing of it exists."""

    def __init__(self, stack: str, reason: str) -> None:
        super().__init__(f"stack {stack}: {reason}")
        self.stack = stack


class StackError(DeploymentError):
    """CloudFormation did not bring a stack to a complete state."""

    def __init__(self, stack: str, status: str, reason: str) -> None:
        super().__init__(f"expected stack {stack} to become complete, it is {status}: {reason}")
        self.stack = stack
        self.status = status
