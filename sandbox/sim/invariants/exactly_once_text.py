"""Nobody gets a word twice, or one that was not said, or words in another order than they were said.

`everything_arrives` says who lacks some.
"""

from sandbox.sim.invariants.checker import Violation
from sandbox.sim.invariants.transcripts import Transcripts


class ExactlyOnceText(Transcripts):
    """Compares each listener's transcript with what its speaker said."""

    name = "exactly_once_text"

    def violations(self) -> list[Violation]:
        found = []
        for heard in self.heard():
            wrong = max(0, heard.comparison.wrong - len(heard.missing & heard.excused))
            if heard.comparison.duplicated or wrong:
                text = (
                    f"{heard.listener.name}: of {len(heard.words)} words {heard.comparison.duplicated} came twice, "
                    f"{wrong} were wrong"
                )
                found.append(Violation(at_ms=self.last_ms, text=text))
        return found
