"""Plays the scripts of what is recognised in one stream: partials and finals in their time. Pure.

Everything is clocked by the audio position received. A segment that the stream enters or leaves in its middle has
only the
words that were heard whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_transcribe.recognition import Heard
from fake_transcribe.results import final_result, partial_result
from fake_transcribe.script import Script, Segment, Word

CUT_LAG_MS = 1_136
"""A segment that ends because the audio does gets its final after the median lag."""

EDGE_MS = 30
"""A word that begins this little before the stream does is still heard."""


FOUND_AGAIN_MS = 700
"""A match that breaks for less than this (a crackle, a very soft passage) was no break."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One result to send. `faults` are the script's."""

    result: dict[str, Any]
    is_partial: bool
    faults: Mapping[str, Any]


@dataclass(kw_only=True)
class _Playing:
    """One segment as it is heard in this stream."""

    segment: Segment
    result_id: str
    words: tuple[Word, ...]
    skipped: int
    offset_ms: int
    sent_partials: int = 0
    cut_ms: int | None = None
    done: bool = False

    def heard_words(self) -> tuple[Word, ...]:
        if self.cut_ms is None:
            return self.words
        return tuple(word for word in self.words if word.end_ms <= self.cut_ms)

    def final_due_ms(self) -> int | None:
        """The stream position at which the final comes, or None when there is none to come."""
        words = self.heard_words()
        if not words or self.segment.final is None:
            return None
        whole = words[-1] == self.segment.words[-1]
        due_ms = self.segment.final.at_ms if whole else words[-1].end_ms + CUT_LAG_MS
        return due_ms + self.offset_ms


@dataclass(kw_only=True)
class Player:
    """One stream's player. `draw_id` gives result ids; `stable_from` is the stability that counts as stable."""

    scripts: Mapping[str, Script]
    draw_id: Callable[[], str]
    stable_from: float | None
    _playing: list[_Playing] = field(default_factory=list)
    _current: Heard | None = None
    _lost_ms: int | None = None

    def begin(self, heard: Heard) -> None:
        """The stream is this recording from here on; found again where it was, it was never lost."""
        if self._lost_ms is not None and self._goes_on(heard):
            self._lost_ms = None
            return
        self._interrupt(heard.stream_ms)
        self._current = heard
        offset_ms = heard.stream_ms - heard.recording_ms
        for segment in self.scripts[heard.recording].segments:
            words = tuple(word for word in segment.words if word.start_ms >= heard.recording_ms - EDGE_MS)
            if words:
                skipped = len(segment.words) - len(words)
                self._playing.append(
                    _Playing(
                        segment=segment, result_id=self.draw_id(), words=words, skipped=skipped, offset_ms=offset_ms
                    )
                )

    def lose(self, stream_ms: int) -> None:
        """The stream stopped being the recording at this position, unless it is found again at once."""
        self._lost_ms = stream_ms

    def _goes_on(self, heard: Heard) -> bool:
        current = self._current
        return (
            current is not None
            and heard.recording == current.recording
            and abs((heard.stream_ms - heard.recording_ms) - (current.stream_ms - current.recording_ms)) <= EDGE_MS
        )

    def _interrupt(self, stream_ms: int) -> None:
        if self._current is None:
            return
        stream_ms = min(stream_ms, self._lost_ms if self._lost_ms is not None else stream_ms)
        self._lost_ms = None
        for playing in self._playing:
            if playing.cut_ms is None and not playing.done:
                playing.cut_ms = stream_ms - playing.offset_ms
        self._playing = [one for one in self._playing if one.done or one.heard_words()]
        self._current = None

    def play(self, position_ms: int) -> list[Event]:
        """What is due when this much audio was received."""
        if self._lost_ms is not None and position_ms >= self._lost_ms + FOUND_AGAIN_MS:
            self._interrupt(self._lost_ms)
        # What comes behind the place where it was lost has not been heard, unless it is found again there.
        heard_ms = position_ms if self._lost_ms is None else self._lost_ms
        events: list[Event] = []
        waits = False
        for playing in self._playing:
            if playing.done:
                continue
            events += self._partials(playing, heard_ms)
            due_ms = playing.final_due_ms()
            if due_ms is None:
                continue
            if not waits and position_ms >= due_ms and self._is_over(playing, heard_ms):
                events.append(self._final(playing))
            else:
                # Finals come in the order of what was said, however short the next segment is.
                waits = True
        self._playing = [playing for playing in self._playing if not playing.done]
        return events

    def finish(self, position_ms: int) -> list[Event]:
        """The audio has ended here: every word heard whole becomes final."""
        self._interrupt(position_ms)
        events = []
        for playing in self._playing:
            if playing.segment.final is not None and playing.heard_words():
                events.append(self._final(playing))
        self._playing = []
        return events

    @staticmethod
    def _is_over(playing: _Playing, position_ms: int) -> bool:
        return playing.cut_ms is not None or position_ms - playing.offset_ms >= playing.words[-1].end_ms

    def _partials(self, playing: _Playing, position_ms: int) -> list[Event]:
        recording_ms = position_ms - playing.offset_ms
        due = [
            partial
            for partial in playing.segment.partials[playing.sent_partials :]
            if partial.at_ms <= recording_ms and (playing.cut_ms is None or partial.at_ms <= playing.cut_ms)
        ]
        playing.sent_partials += len(due)
        # When several are due at once (the recording was only just recognised), the newest says what the others said.
        events = []
        for partial in due if any(partial.faults for partial in due) else due[-1:]:
            result = partial_result(
                partial,
                words=playing.segment.words,
                skipped=playing.skipped,
                offset_ms=playing.offset_ms,
                result_id=playing.result_id,
                stable_from=None if partial.faults.get("no_stability") else self.stable_from,
            )
            if result is not None:
                events.append(Event(result=result, is_partial=True, faults=partial.faults))
        return events

    def _final(self, playing: _Playing) -> Event:
        playing.done = True
        assert playing.segment.final is not None
        result = final_result(
            playing.segment.final,
            words=playing.heard_words(),
            skipped=playing.skipped,
            offset_ms=playing.offset_ms,
            result_id=playing.result_id,
            stable=self.stable_from is not None,
        )
        return Event(result=result, is_partial=False, faults=playing.segment.final.faults)
