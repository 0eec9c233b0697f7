"""No storm of retries: while a service refuses, one environment asks it a bounded number of times a second."""

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld

REFUSED_PER_S = 60
"""A worker makes some six calls at a time, each tried three times, and rests between."""
STREAMS_PER_10_S = 8
"""A session's streams: renewed after 200 ms at first, then ever more slowly, by a worker and its successor."""


class BoundedRetries(Watching):
    """Counts refusals by environment, service and second, and the streams that were asked for."""

    name = "bounded_retries"
    sees = ("transcribe.exception",)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._streams: list[int] = []

    def note(self, event: Event) -> None:
        if event["kind"] != "transcribe.exception":
            return
        self._streams = [at_ms for at_ms in self._streams if at_ms > event["t_ms"] - 10_000] + [event["t_ms"]]
        if len(self._streams) == STREAMS_PER_10_S * len(self.plan.speakers) + 1:
            self.found(event["t_ms"], f"{len(self._streams)} streams failed within 10 s")

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment != "rested":
            return
        for (environment, service, _), times in world.aws.refusals.items():
            if times > REFUSED_PER_S:
                self.found(world.journal_ms(), f"{environment} asked {service} {times} times within a second")
