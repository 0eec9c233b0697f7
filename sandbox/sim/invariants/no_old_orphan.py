"""No words wait longer than the orphan timeout for a final: a result that stands still is flushed.

Nor do they when their stream ends meanwhile and the next one hears them again; only where that is late are they heard
to their end first.

Watched where no fault is on, since one may take the stream or the worker away; `everything_arrives` holds there.
"""

from dataclasses import dataclass, field

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan
from sandbox.text import fold

ORPHAN_MS = 15_000
"""`orphan_timeout` of `config/*.json`."""
HEARD_AGAIN_MS = 3_000
"""`HEARD_AGAIN_MS` of the partial-result core: how long words stand still in a later stream to be all there is."""
SLACK_MS = 2_500
"""From the flush to the forwarding, and from a partial on the wire to the core that paces them."""


@dataclass(kw_only=True)
class _Result:
    stream: str
    began_ms: int
    texts: tuple[str, ...]
    changed_ms: int
    waiting: set[str] = field(default_factory=set)
    forwarded: set[str] = field(default_factory=set)


class NoOldOrphan(Watching):
    """Follows each result's words from its last change until they are forwarded."""

    name = "no_old_orphan"
    sees = ("transcribe.partial", "transcribe.final", "segment.forwarded", "run.heard")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._open: dict[str, _Result] = {}

    def note(self, event: Event) -> None:
        if self.provoked:
            return
        match event["kind"]:
            case "transcribe.partial":
                self._hear(event)
            case "transcribe.final":
                self._open.pop(event["resultId"], None)
            case "segment.forwarded":
                said = set(fold(event["sourceText"]))
                for result in self._open.values():
                    self._judge(result, result.waiting & said, event["t_ms"])
                    result.waiting -= said
                    result.forwarded |= said
            case "run.heard":
                for result in self._open.values():
                    self._judge(result, result.waiting, event["t_ms"])

    def _hear(self, event: Event) -> None:
        texts = tuple(word for text, _ in event["words"] for word in fold(text))
        result = self._open.get(event["resultId"])
        if result is None:
            result = self._open[event["resultId"]] = _Result(
                stream=event["streamId"], began_ms=event["t_ms"], texts=texts, changed_ms=event["t_ms"]
            )
        if result.texts != texts:
            result.texts, result.changed_ms = texts, event["t_ms"]
        result.waiting = set(texts) - result.forwarded

    def _judge(self, result: _Result, words: set[str], now_ms: int) -> None:
        due_ms = max([result.changed_ms + ORPHAN_MS, *self._heard_again_ms(result, words)])
        if words and now_ms > due_ms + SLACK_MS:
            waited_ms = now_ms - result.changed_ms
            shown = ", ".join(sorted(words)[:3])
            self.found(now_ms, f"words of a result that stood still waited {waited_ms} ms ({shown})")

    def _heard_again_ms(self, result: _Result, words: set[str]) -> list[int]:
        """When other streams, which began with these words before their time was over, had heard them to their end."""
        return [
            other.changed_ms + HEARD_AGAIN_MS
            for other in self._open.values()
            if other.stream != result.stream
            and other.began_ms <= result.changed_ms + ORPHAN_MS + SLACK_MS
            and not words.isdisjoint(other.texts)
        ]
