"""Every word reaches every listener that stays within a bound from when its audio reached the gateway.

Where finals come late or never, the bound runs from when the recogniser first says the word: it may do so in a final
alone, whose delay begins anew with each stream.
"""

from collections import Counter, defaultdict

from sandbox.gateway.observer import digest
from sandbox.journal import Event
from sandbox.sim.invariants.checker import Violation, Watching
from sandbox.sim.plan import Plan
from sandbox.text import fold

CALM_MS = 9_000
"""Recognition takes up to 2.2 s, the buffer up to 5 s; then there are cold starts, and a translation."""
UNSETTLED_MS = 15_000 + CALM_MS
"""A result whose final does not come is flushed after `orphan_timeout`, counted from its last change."""
CRASH_MS = 21_000
"""A worker that dies hides what it has received for 20 s, and its successor waits for that."""
RETRY_MS = 60_000
"""Lambda tries an event again after a minute."""
PROVOKED_MS = CALM_MS + 2 * CRASH_MS + RETRY_MS
"""The next worker may crash too, and then the translation."""
MINUTE_MS = 60_000
"""Without a chunk that would start another worker, the minute's rule replaces one that died."""


class WordsInTime(Watching):
    """Follows the words that are said once in a talk, by their text."""

    name = "words_in_time"
    liveness = True
    sees = ("gateway.frame_in", "transcribe.partial", "transcribe.final", "client.translation")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._ends: dict[str, list[str]] = defaultdict(list)
        for speaker in plan.speakers:
            folded = [(one, fold(one.word)) for one in speaker.talk.words]
            said = Counter(word for _, words in folded for word in words)
            chunks = speaker.chunks
            for one, words in folded:
                if len(words) == 1 and said[words[0]] == 1:
                    self._ends[digest(chunks[(one.end_ms - 1) // speaker.chunk_ms])].append(
                        f"{speaker.name}/{words[0]}"
                    )
        self._bounds_ms = {
            one.name: CALM_MS if speaker.talk.settles else UNSETTLED_MS
            for speaker in plan.speakers
            for one in speaker.listeners
        }
        self._provoked_ms = {
            one.name: PROVOKED_MS + (MINUTE_MS if speaker.bursts else 0)
            for speaker in plan.speakers
            for one in speaker.listeners
        }
        self._speaker = {one.name: speaker.name for speaker in plan.speakers for one in speaker.listeners if one.stays}
        self._unsettled = {
            word: key
            for speaker in plan.speakers
            if not speaker.talk.settles
            for keys in self._ends.values()
            for key in keys
            for name, _, word in [key.partition("/")]
            if name == speaker.name
        }
        """By the word of such a talk, what its time is noted under."""
        self._said_ms: dict[str, int] = {}
        self._slowest: dict[str, tuple[int, int, str]] = {}

    def note(self, event: Event) -> None:
        match event["kind"]:
            case "gateway.frame_in" if event.get("digest") in self._ends:
                for word in self._ends[event["digest"]]:
                    self._said_ms.setdefault(word, event["t_ms"])
            case "transcribe.partial" | "transcribe.final" if self._unsettled:
                for word in {one for text, _ in event["words"] for one in fold(text)}:
                    key = self._unsettled.pop(word, None)
                    if key is not None:
                        self._said_ms[key] = event["t_ms"]
            case "client.translation" if event["new"] and event["listener"] in self._speaker:
                for word in fold(event["sourceText"]):
                    self._take(event["listener"], word, event["t_ms"])

    def _take(self, listener: str, word: str, at_ms: int) -> None:
        said_ms = self._said_ms.get(f"{self._speaker[listener]}/{word}")
        if said_ms is None:
            return
        took_ms = at_ms - said_ms
        if took_ms > self._slowest.get(listener, (0, 0, ""))[0]:
            self._slowest[listener] = (took_ms, at_ms, word)

    def violations(self) -> list[Violation]:
        found = []
        for listener, (took_ms, at_ms, word) in sorted(self._slowest.items()):
            bound_ms = (self._provoked_ms if self.provoked else self._bounds_ms)[listener]
            if took_ms > bound_ms:
                text = f"{listener} had to wait {took_ms} ms for '{word}', expected {bound_ms} at most"
                found.append(Violation(at_ms=at_ms, text=text))
        return found
