"""Every listener gets every word that was said while it was there, once; nobody gets a word twice, or another's.

Words whose audio was given up, and counted as lost, need not come: a chunk that is later than the worker waits is lost
by design.
"""

from collections import defaultdict

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.journal import Event
from sandbox.report.words import compare
from sandbox.sim.invariants.checker import Violation, Watching
from sandbox.sim.plan import Plan, SpeakerPlan
from sandbox.text import fold

FINDS_AGAIN_MS = 300
"""After a gap the fake recognises a recording again by this much speech (`fake_transcribe/recognition.py`)."""


class ExactlyOnceText(Watching):
    """Compares each listener's transcript with what its speaker said."""

    name = "exactly_once_text"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._lines: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self._reached: set[str] = set()
        self._last_ms = 0

    def note(self, event: Event) -> None:
        match event["kind"]:
            case "client.translation" if event["new"]:
                self._last_ms = event["t_ms"]
                lines = self._lines[event["listener"]]
                key = event.get("correctionOf") or event["segmentId"]
                sequence = lines[key][0] if key in lines else event["sequence"]
                lines[key] = (sequence, event["sourceText"])
            case "transcribe.audio":
                self._reached.add(event["digest"])

    def violations(self) -> list[Violation]:
        found = []
        for speaker in self.plan.speakers:
            words = [(word, one.start_ms, one.end_ms) for one in speaker.talk.words for word in fold(one.word)]
            given_up = self._given_up(speaker)
            excused = {
                index
                for index, (_, start_ms, end_ms) in enumerate(words)
                if any(start_ms < at_ms + CHUNK_MS + FINDS_AGAIN_MS and at_ms < end_ms for at_ms in given_up)
            }
            for listener in speaker.listeners:
                lines = sorted(self._lines[listener.name].values())
                heard = compare([word for word, *_ in words], [word for _, text in lines for word in fold(text)])
                arrived = {index for index, _ in heard.matched}
                missing = set(range(len(words))) - arrived
                lost = missing - excused if listener.stays else set()
                wrong = max(0, heard.wrong - len(missing & excused))
                if lost or heard.duplicated or wrong:
                    shown = ", ".join(words[index][0] for index in sorted(lost)[:3])
                    text = (
                        f"{listener.name}: of {len(words)} words {len(lost)} did not come ({shown}), "
                        f"{heard.duplicated} came twice, {wrong} were wrong"
                    )
                    found.append(Violation(at_ms=self._last_ms, text=text))
        return found

    def _given_up(self, speaker: SpeakerPlan) -> list[int]:
        """Where in the audio the chunks stand that never reached a stream; `audio_in_order` checks their count."""
        return [
            seq * CHUNK_MS
            for seq, chunk in enumerate(speaker.talk.recording.chunks(CHUNK_MS))
            if any(chunk) and digest(chunk) not in self._reached
        ]
