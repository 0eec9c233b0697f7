"""Every listener gets every word that was said while it was there, once; nobody gets a word twice, or another's."""

from collections import defaultdict

from sandbox.journal import Event
from sandbox.report.words import compare
from sandbox.sim.invariants.checker import Violation, Watching
from sandbox.sim.plan import Plan
from sandbox.text import fold


class ExactlyOnceText(Watching):
    """Compares each listener's transcript with what its speaker said."""

    name = "exactly_once_text"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._lines: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self._last_ms = 0

    def note(self, event: Event) -> None:
        if event["kind"] == "client.translation" and event["new"]:
            self._last_ms = event["t_ms"]
            lines = self._lines[event["listener"]]
            corrected = event.get("correctionOf")
            key = corrected or event["segmentId"]
            sequence = lines[key][0] if key in lines else event["sequence"]
            lines[key] = (sequence, event["sourceText"])

    def violations(self) -> list[Violation]:
        found = []
        for speaker in self.plan.speakers:
            spoken = [word for one in speaker.talk.words for word in fold(one.word)]
            for listener in speaker.listeners:
                lines = sorted(self._lines[listener.name].values())
                heard = compare(spoken, [word for _, text in lines for word in fold(text)])
                omitted = heard.omitted if listener.stays else 0
                if omitted or heard.duplicated or heard.wrong:
                    text = (
                        f"{listener.name}: of {len(spoken)} words {omitted} were lost, {heard.duplicated} came twice, "
                        f"{heard.wrong} were wrong"
                    )
                    found.append(Violation(at_ms=self._last_ms, text=text))
        return found
