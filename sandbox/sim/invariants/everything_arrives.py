"""Once faults have ended, every listener that stayed has every word.

Words that no stream could recognise, since audio was given up and counted as lost, need not come: a chunk that is later
than the worker waits is lost by design. `audio_in_order` holds how many chunks may be. Nor need words whose
translation's environment was lost less than a minute before the session ended: Lambda tries the event again after a
minute, and listeners are not kept for so long. Nor those of an event that Lambda has given up, and counted, since each
of its environments was lost: it tries a translation twice. Nor, with faults on, those whose translation took longer
than listeners are kept for the last words.
"""

from dataclasses import dataclass

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Violation
from sandbox.sim.invariants.transcripts import Transcripts
from sandbox.sim.invariants.words_in_time import RETRY_MS
from sandbox.sim.plan import Plan
from sandbox.sim.world import SimulatedWorld
from sandbox.text import fold

KEPT_MS = 4_000
"""How long listeners are kept for words that have been sent on (`LAST_WORDS_MS`)."""


@dataclass(kw_only=True)
class _Translation:
    """Of one segment: when its event was sent, and when its translation failed last, or succeeded."""

    words: list[str]
    sent_ms: int
    failed_ms: int | None = None
    done_ms: int | None = None
    fails_of_itself: bool = False
    """Not only since its environment was lost."""
    given_up: bool = False
    """Lambda tries it no more."""

    def misses(self, dismissed_ms: int | None, *, provoked: bool) -> bool:
        """Whether it was not to reach a listener who was sent away then; None: who was not."""
        if self.given_up and not self.fails_of_itself:
            return True
        if dismissed_ms is None:
            return False
        if self.failed_ms is not None:
            return dismissed_ms < self.failed_ms + RETRY_MS
        is_late = self.done_ms is None or self.done_ms > dismissed_ms
        return provoked and is_late and dismissed_ms >= self.sent_ms + KEPT_MS


class EverythingArrives(Transcripts):
    """Says what is missing, and what stood still when patience ended."""

    name = "everything_arrives"
    liveness = True
    sees = (*Transcripts.sees, "segment.forwarded", "lambda.end", "lambda.event_dropped", "client.message")
    _stood = ""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._translations: dict[str, _Translation] = {}
        """By the request."""
        self._dismissed_ms: dict[str, int] = {}

    def note(self, event: Event) -> None:
        super().note(event)
        match event["kind"]:
            case "segment.forwarded":
                words = fold(event["sourceText"])
                self._translations[event["requestId"]] = _Translation(words=words, sent_ms=event["t_ms"])
            case "lambda.end" if event["requestId"] in self._translations:
                translation = self._translations[event["requestId"]]
                if event["status"] == "ok":
                    translation.done_ms = event["t_ms"]
                else:
                    translation.failed_ms = event["t_ms"]
                    translation.fails_of_itself |= event["status"] != "crash"
            case "lambda.event_dropped" if event["requestId"] in self._translations:
                self._translations[event["requestId"]].given_up = True
            case "client.message" if event["type"] == "sessionEnded" and "listener" in event:
                self._dismissed_ms[event["listener"]] = event["t_ms"]

    def _comes_too_late(self, word: str, listener: str) -> bool:
        """Whether its translation was not to reach the listener before it was sent away."""
        dismissed_ms = self._dismissed_ms.get(listener)
        return any(
            one.misses(dismissed_ms, provoked=self.provoked) for one in self._translations.values() if word in one.words
        )

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
