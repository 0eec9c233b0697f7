"""Once faults have ended, every listener that stayed has every word.

Words that no stream could recognise, since audio was given up and counted as lost, need not come: a chunk that is later
than the worker waits is lost by design. `audio_in_order` holds how many chunks may be. Nor need words whose
translation's environment was lost less than a minute before the session ended: Lambda tries the event again after a
minute, and listeners are not kept for so long. Nor those of an event that Lambda has given up, and counted, since each
of its environments was lost: it tries a translation twice.
"""

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Violation
from sandbox.sim.invariants.transcripts import Transcripts
from sandbox.sim.invariants.words_in_time import RETRY_MS
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld
from sandbox.text import fold


class EverythingArrives(Transcripts):
    """Says what is missing, and what stood still when patience ended."""

    name = "everything_arrives"
    liveness = True
    sees = (*Transcripts.sees, "segment.forwarded", "lambda.end", "lambda.event_dropped", "client.message")
    _stood = ""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._forwarded: dict[str, list[str]] = {}
        """The words of each segment, by the request that translates it."""
        self._failed_ms: dict[str, int] = {}
        """When the translation of a word last failed."""
        self._own_failures: set[str] = set()
        """Requests that failed in an environment which was not lost."""
        self._given_up: set[str] = set()
        """Words of events that Lambda tries no more."""
        self._dismissed_ms: dict[str, int] = {}

    def note(self, event: Event) -> None:
        super().note(event)
        match event["kind"]:
            case "segment.forwarded":
                self._forwarded[event["requestId"]] = fold(event["sourceText"])
            case "lambda.end" if event["status"] != "ok":
                for word in self._forwarded.get(event["requestId"], ()):
                    self._failed_ms[word] = event["t_ms"]
                if event["status"] != "crash":
                    self._own_failures.add(event["requestId"])
            case "lambda.event_dropped" if event["requestId"] not in self._own_failures:
                self._given_up.update(self._forwarded.get(event["requestId"], ()))
            case "client.message" if event["type"] == "sessionEnded" and "listener" in event:
                self._dismissed_ms[event["listener"]] = event["t_ms"]

    def _comes_too_late(self, word: str, listener: str) -> bool:
        """Whether its translation failed, and is not tried again, or the listener was sent away before it was."""
        if word in self._given_up:
            return True
        failed_ms, dismissed_ms = self._failed_ms.get(word), self._dismissed_ms.get(listener)
        return failed_ms is not None and dismissed_ms is not None and dismissed_ms < failed_ms + RETRY_MS

    def look(self, world: SimulatedWorld, moment: str) -> None:
        if moment == "heard":
            self._stood = standing(world)

    def violations(self) -> list[Violation]:
        found = []
        for heard in self.heard():
            name = heard.listener.name
            lost = sorted(
                index for index in heard.missing - heard.excused if not self._comes_too_late(heard.words[index], name)
            )
            if lost and heard.stays:
                shown = ", ".join(heard.words[index] for index in lost[:3])
                text = f"{name} lacks {len(lost)} of {len(heard.words)} words ({shown}); {self._stood}"
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
