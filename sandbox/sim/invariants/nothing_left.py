"""After the end nothing is left: no record, no live session, no queue, no stream, no worker."""

from sandbox.sim.cast import leftovers
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.world import SimulatedWorld


class NothingLeft(Watching):
    """Looks when everything should be over."""

    name = "nothing_left"

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment != "rested":
            return
        for left in leftovers(world):
            self.found(world.journal_ms(), f"{left} is left")
        for one in world.functions.environments():
            if one["phase"] in ("busy", "returning"):
                self.found(world.journal_ms(), f"{one['function']} still runs")
