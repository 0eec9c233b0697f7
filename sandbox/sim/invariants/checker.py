"""What a checker is."""

from dataclasses import dataclass
from typing import Protocol

from sandbox.journal import Event
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld


@dataclass(frozen=True, kw_only=True)
class Violation:
    """An invariant that did not hold; `at_ms` is the journal's moment."""

    at_ms: int
    text: str


class Checker(Protocol):
    """Watches one run. Its name is the invariant's."""

    name: str
    liveness: bool
    """What it finds has not happened, and not gone wrong: a run that is broken by nothing else is stuck."""
    sees: tuple[str, ...]
    """The kinds of events that it is told of."""

    def note(self, event: Event) -> None:
        """One event of the journal, as it is written."""
        ...

    def look(self, world: SimulatedWorld, moment: str) -> None:
        """The world itself, at `heard` (everything said has arrived) and at `rested` (everything is over)."""
        ...

    def violations(self) -> list[Violation]: ...


class Watching:
    """A checker's notes, and what it does where it has nothing to see."""

    name = ""
    liveness = False
    sees: tuple[str, ...] = ()

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.provoked = False
        """Whether faults are on."""
        self.whole = True
        """Whether the run goes to its end, so that what has not happened then never will."""
        self._found: list[Violation] = []

    def note(self, event: Event) -> None:
        """Nothing to see."""

    def look(self, world: SimulatedWorld, moment: str) -> None:
        """Nothing to see."""

    def violations(self) -> list[Violation]:
        return self._found

    def found(self, at_ms: int, text: str) -> None:
        self._found.append(Violation(at_ms=at_ms, text=text))
