"""What can go wrong with a simulation itself."""


class SimulationError(Exception):
    """Base of the simulator's errors; one line each."""


class StuckError(SimulationError):
    """Nothing can happen any more, and the scenario has not ended."""

    def __init__(self, *, at_ms: int, waiting: str) -> None:
        super().__init__(f"expected the scenario to end, nothing can happen after {at_ms} ms while it waits: {waiting}")


class EscapeError(BaseException):
    """Simulated code reached for the real world. A BaseException, so that no handler takes it for a failed call."""

    def __init__(self, *, what: str, caller: str) -> None:
        super().__init__(f"expected nothing real in a simulation, got {what} by {caller}: give it a stand-in")
        self.what = what
        self.caller = caller


class UnknownScenarioError(SimulationError):
    """No scenario has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"expected a scenario of {', '.join(known)}, got {name}")


class UnknownFaultError(SimulationError):
    """A fault has no such name or value."""

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(f"expected {expected}, got {given}")
