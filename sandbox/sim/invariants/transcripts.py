"""What each listener has of what its speaker said: the base of those that look at words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.journal import Event
from sandbox.report.words import Comparison, compare
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.invariants.recognisable import Recognisable
from sandbox.sim.plan import ListenerPlan, Plan, SpeakerPlan
from sandbox.text import fold


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One listener's words beside those that were said. `missing` and `excused` are numbers of words."""

    listener: ListenerPlan
    words: list[str]
    comparison: Comparison
    missing: set[int]
    excused: set[int]
    stays: bool
    """It was there all the time, and read."""


class Transcripts(Watching):
    """Gathers every listener's transcript."""

    sees: tuple[str, ...] = ("client.translation", "client.listener_deaf", *Recognisable.sees)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._lines: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        self._deaf: set[str] = set()
        self._recognisable = Recognisable()
        self.last_ms = 0
        """When the last word came."""

    def note(self, event: Event) -> None:
        self._recognisable.note(event)
        match event["kind"]:
            case "client.translation" if event["new"]:
                self.last_ms = event["t_ms"]
                lines = self._lines[event["listener"]]
                key = event.get("correctionOf") or event["segmentId"]
                sequence = lines[key][0] if key in lines else event["sequence"]
                lines[key] = (sequence, event["sourceText"])
            case "client.listener_deaf":
                self._deaf.add(event["listener"])

    def heard(self) -> Iterator[Heard]:
        """Every listener, by speaker."""
        for speaker in self.plan.speakers:
            yield from self._of(speaker)

    def _of(self, speaker: SpeakerPlan) -> Iterator[Heard]:
        numbered = [(word, number) for number, one in enumerate(speaker.talk.words) for word in fold(one.word)]
        words = [word for word, _ in numbered]
        excused: set[int] | None = None
        for listener in speaker.listeners:
            lines = sorted(self._lines[listener.name].values())
            arrived = [word for _, text in lines for word in fold(text)]
            if not speaker.talk.settles:
                # The words of a talk are all different; where each stands does not matter here.
                places = {word: place for place, word in enumerate(words)}
                arrived.sort(key=lambda word: places.get(word, len(places)))
            comparison = compare(words, arrived)
            missing = set(range(len(words))) - {index for index, _ in comparison.matched}
            stays = listener.stays and listener.name not in self._deaf
            if excused is None and missing and (stays or comparison.wrong):
                unheard = self._recognisable.excused(
                    speaker.talk.recording, speaker.chunk_ms, settles=speaker.talk.settles
                )
                excused = {index for index, (_, number) in enumerate(numbered) if number in unheard}
            yield Heard(
                listener=listener, words=words, comparison=comparison, excused=excused or set(), stays=stays,
                missing=the_excused_of_twins(words, missing=missing, excused=excused or set()),
            )  # fmt: skip


def the_excused_of_twins(words: Sequence[str], *, missing: set[int], excused: set[int]) -> set[int]:
    """The missing words, where of two that are alike and stand beside each other the one that is excused is missing.

    With no word that came between them, the comparison cannot tell which of them came.
    """
    lacking = set(missing)
    for index in sorted(missing - excused):
        for step in (-1, 1):
            other = index + step
            while other in missing:
                other += step
            if other in excused and words[other] == words[index]:
                lacking ^= {index, other}
                break
    return lacking
