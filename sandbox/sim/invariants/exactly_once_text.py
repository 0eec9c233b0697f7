"""Every listener gets every word that was said while it was there, once; nobody gets a word twice, or another's.

Words that no stream could recognise, since audio was given up and counted as lost, need not come: a chunk that is later
than the worker waits is lost by design. `audio_in_order` holds how many chunks may be.
"""

from collections import defaultdict

from sandbox.journal import Event
from sandbox.report.words import compare
from sandbox.sim.invariants.checker import Violation, Watching
from sandbox.sim.invariants.recognisable import Recognisable
from sandbox.sim.plan import Plan, SpeakerPlan
from sandbox.text import fold


class ExactlyOnceText(Watching):
    """Compares each listener's transcript with what its speaker said."""

    name = "exactly_once_text"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._lines: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self._recognisable = Recognisable()
        self._last_ms = 0

    def note(self, event: Event) -> None:
        self._recognisable.note(event)
        if event["kind"] == "client.translation" and event["new"]:
            self._last_ms = event["t_ms"]
            lines = self._lines[event["listener"]]
            key = event.get("correctionOf") or event["segmentId"]
            sequence = lines[key][0] if key in lines else event["sequence"]
            lines[key] = (sequence, event["sourceText"])

    def violations(self) -> list[Violation]:
        return [violation for speaker in self.plan.speakers for violation in self._of(speaker)]

    def _of(self, speaker: SpeakerPlan) -> list[Violation]:
        found = []
        numbered = [(word, number) for number, one in enumerate(speaker.talk.words) for word in fold(one.word)]
        words = [word for word, _ in numbered]
        excused: set[int] | None = None
        for listener in speaker.listeners:
            lines = sorted(self._lines[listener.name].values())
            heard = compare(words, [word for _, text in lines for word in fold(text)])
            missing = set(range(len(words))) - {index for index, _ in heard.matched}
            if excused is None and missing and (listener.stays or heard.wrong):
                unheard = self._recognisable.excused(speaker.talk.recording)
                excused = {index for index, (_, number) in enumerate(numbered) if number in unheard}
            lost = missing - (excused or set()) if listener.stays else set()
            wrong = max(0, heard.wrong - len(missing & (excused or set())))
            if lost or heard.duplicated or wrong:
                shown = ", ".join(words[index] for index in sorted(lost)[:3])
                text = (
                    f"{listener.name}: of {len(words)} words {len(lost)} did not come ({shown}), "
                    f"{heard.duplicated} came twice, {wrong} were wrong"
                )
                found.append(Violation(at_ms=self._last_ms, text=text))
        return found
