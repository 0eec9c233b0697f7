"""What can go wrong with execution environments on this machine (not what a function does wrong)."""


class FunctionsError(RuntimeError):
    """Base of the package's errors."""


class TwinFailedError(FunctionsError):
    """The packages that Lambda or a layer would bring could not be installed for this Python."""

    def __init__(self, lock: str, reason: str) -> None:
        super().__init__(f"expected the packages of {lock} to install for this Python, got: {reason}")
        self.lock = lock
