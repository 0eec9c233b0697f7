"""Once faults have ended, every listener that stayed has every word.

Words that no stream could recognise, since audio was given up and counted as lost, need not come: a chunk that is later
than the worker waits is lost by design. `audio_in_order` holds how many chunks may be.
"""

from sandbox.sim.invariants.checker import Violation
from sandbox.sim.invariants.transcripts import Transcripts
from sandbox.sim.world import SimulatedWorld


class EverythingArrives(Transcripts):
    """Says what is missing, and what stood still when patience ended."""

    name = "everything_arrives"
    liveness = True
    _stood = ""

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment == "heard":
            self._stood = standing(world)

    def violations(self) -> list[Violation]:
        found = []
        for heard in self.heard():
            lost = sorted(heard.missing - heard.excused)
            if lost and heard.stays:
                shown = ", ".join(heard.words[index] for index in lost[:3])
                text = f"{heard.listener.name} lacks {len(lost)} of {len(heard.words)} words ({shown}); {self._stood}"
                found.append(Violation(at_ms=self.last_ms, text=text))
        return found


def standing(world: SimulatedWorld) -> str:
    """Who could still bring words: leases, queues, streams."""
    now_ms = world.clock.now_ms()
    told = []
    for table in world.tables.table_names():
        for item in world.tables.items(table) if table.startswith("Sessions-") else ():
            if item.get("status", {}).get("S") != "active":
                continue
            left_ms = int(item.get("leaseExpiresAtMs", {}).get("N", 0)) - now_ms
            lease = f"lease for {left_ms} ms more" if left_ms > 0 else "no live lease"
            outbox = item.get("streamCheckpoint", {}).get("M", {}).get("outbox", {}).get("L", [])
            told.append(f"{item['sessionId']['S']}: {lease}, {len(outbox)} segments unsent")
    for name in world.queues.names():
        visible, other = world.queues.counts(name)
        if name.startswith("session-audio-") and visible + other:
            told.append(f"{name}: {visible} messages to be had, {other} not")
    return "; ".join([*told, f"{len(world.transcribe.exchanges)} streams open"])
