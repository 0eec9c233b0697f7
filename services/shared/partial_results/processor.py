"""The core: results and time in, committed segments out.

Committed are append-only pieces of each result's stable prefix, keyed by the result and the number of its committed
items
(`transcribe-wire.md` 8.4). A piece is released at a clause mark that is itself stable; when its oldest word has waited
`release_after` and enough words stand ready; at a pause; at `max_buffer_timeout`, whatever stands ready; and with
the final,
all that is left. A result whose final does not come is flushed once: its timer runs from the last time its words
changed, so
that partials which only repeat themselves do not keep an orphan alive. Where the words were heard by a stream before,
it runs from when they last changed there. While the recogniser waits for audio, nothing has come to its end.

Segments are numbered in the order in which their words were said: while an earlier result's final is about to
come, which may bring words, a later one's wait, at most for `FINAL_WITHIN_MS` and never beyond `max_buffer_timeout`.
"""

from collections.abc import Sequence

from partial_results.alignment import boundaries
from partial_results.config import PartialResultsConfig
from partial_results.events import Item, Result
from partial_results.hypothesis import Committed, Hypothesis
from partial_results.outputs import Correction, Counters, Output, Reason, Segment, Unsettled
from partial_results.pace import Pace
from partial_results.text import words_of, written

Key = tuple[str, str | None]

QUIET_MS = 3_000
"""Audio this far behind what was sent, with no result that speaks of it, holds no words: a partial comes within a
second."""

HEARD_AGAIN_MS = 3_000
"""Words that have waited in an earlier stream are taken to be heard again to their end when they stand still for this
long: a new stream works through what it is given late within seconds."""

FINAL_WITHIN_MS = 3_000
"""How long a final is waited for, from the last time the result's words changed: of a hundred finals ninety-nine come
within 1.9 s of the audio's end, and the last partial half a second before it."""

REMEMBERED_RESULTS = 64
"""Results that are over are remembered for repeats of their finals."""


class PartialResultProcessor:
    """One stream's core. Every input returns what is released by it; `tick` is due at `next_deadline_ms`."""

    def __init__(
        self,
        config: PartialResultsConfig,
        *,
        first_sequence: int = 0,
        covered_until_ms: int = 0,
        unsettled: Sequence[Unsettled] = (),
    ) -> None:
        """`unsettled`: what the core of the stream before said of itself."""
        self._config = config
        self._unsettled_before = tuple(unsettled)
        self._open: dict[Key, Hypothesis] = {}
        self._over: dict[Key, None] = {}
        self._pace = Pace()
        self._next_sequence = first_sequence
        self._heard_ms = covered_until_ms
        self._settled_ms = covered_until_ms
        self._awaited_ms: int | None = None
        self.counters = Counters()

    @property
    def next_sequence(self) -> int:
        """The number of the next segment."""
        return self._next_sequence

    @property
    def has_pending(self) -> bool:
        """True when words are known that are not committed; a good moment to hand over is when there are none."""
        return any(state.has_pending for state in self._waiting)

    @property
    def covered_until_ms(self) -> int:
        """The place in the session's audio up to which everything said is committed; it never goes back."""
        # Not where the first word begins that is waiting: before it may be one that this stream has missed.
        reached = min((state.said_until_ms for state in self._waiting), default=self._heard_ms - QUIET_MS)
        self._settled_ms = max(self._settled_ms, reached)
        return self._settled_ms

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """What the core of a next stream must know of the words that this one leaves to it."""
        covered_until_ms = self.covered_until_ms
        self._unsettled_before = tuple(one for one in self._unsettled_before if one.end_ms > covered_until_ms)
        own = (
            Unsettled(start_ms=state.pending[0].start_ms, end_ms=state.end_ms, grown_ms=state.grown_ms)
            for state in self._waiting
            if state.has_pending and self._grown_before_ms(state) is None
        )
        return (*self._unsettled_before, *own)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` has something to do."""
        deadlines = [deadline for state in self._open.values() for deadline in self._deadlines(state)]
        paced = self._pace.next_deadline_ms(self._window_ms)
        return min([*deadlines, *([paced] if paced is not None else [])], default=None)

    def reconfigure(self, config: PartialResultsConfig) -> None:
        """New settings for what comes from now on."""
        self._config = config

    def audio_heard(self, until_ms: int) -> None:
        """The recogniser has been given the audio up to this place."""
        self._heard_ms = max(self._heard_ms, until_ms)

    def audio_awaited(self, now_ms: int) -> None:
        """The recogniser stands still for want of audio that is on its way: no final comes, and a word may be half."""
        self._awaited_ms = now_ms

    def receive(self, result: Result, now_ms: int) -> list[Output]:
        """One partial or final."""
        if not result.is_partial:
            return self._final(result, now_ms)
        self.counters.partials += 1
        if result.key in self._over or not result.items or not self._config.enabled:
            self.counters.ignored += 1
            return []
        process, dropped = self._pace.admit(result, now_ms, self._window_ms)
        self.counters.rate_limited += dropped
        return self._partial(result, now_ms) if process else []

    def tick(self, now_ms: int) -> list[Output]:
        """Time has passed."""
        outputs: list[Output] = []
        for result in self._pace.due(now_ms, self._window_ms):
            outputs += self._partial(result, now_ms)
        for state in list(self._open.values()):
            outputs += self._release(state, now_ms)
            if not state.flushed and now_ms >= self._orphaned_at_ms(state):
                state.flushed = True
                self.counters.orphans_flushed += 1
                state.settle(now_ms)
                outputs += self._commit(state, len(state.ready), "orphan", now_ms)
        return outputs

    def finish(self, now_ms: int) -> list[Output]:
        """The stream is over and no final will come: what stands ready is released, once."""
        outputs: list[Output] = []
        for key, state in list(self._open.items()):
            outputs += self._commit(state, len(state.ready), "finish", now_ms)
            self._close(key)
        return outputs

    @property
    def _waiting(self) -> list[Hypothesis]:
        """Results whose final may still come."""
        return [state for state in self._open.values() if not state.flushed]

    # partials

    @property
    def _window_ms(self) -> int:
        return 1000 // self._config.max_rate_per_second

    def _partial(self, result: Result, now_ms: int) -> list[Output]:
        state = self._open.get(result.key)
        if state is None:
            state = self._open[result.key] = _begun(result, now_ms)
        if not state.hear(result, self._config, now_ms):
            self.counters.ignored += 1
            return []
        return self._release(state, now_ms)

    def _release(self, state: Hypothesis, now_ms: int) -> list[Output]:
        """Release by the first rule that holds now; the longest piece first."""
        oldest_ms = state.oldest_ready_ms()
        if oldest_ms is None:
            return []
        config, whole = self._config, len(state.ready)
        if now_ms >= oldest_ms + config.max_buffer_timeout_ms:
            return self._commit(state, whole, "buffer", now_ms)
        if now_ms < self._held_until_ms(state):
            return []
        if now_ms >= state.grown_ms + config.pause_threshold_ms:
            return self._commit(state, whole, "pause", now_ms)
        enough = len(words_of(state.ready)) >= config.min_release_words
        if enough and now_ms >= oldest_ms + config.release_after_ms:
            return self._commit(state, whole, "wait", now_ms)
        return self._commit(state, state.clause_length(), "clause", now_ms)

    def _deadlines(self, state: Hypothesis) -> list[int]:
        config = self._config
        deadlines = [] if state.flushed else [self._orphaned_at_ms(state)]
        oldest_ms = state.oldest_ready_ms()
        if oldest_ms is not None:
            held_ms = self._held_until_ms(state)
            deadlines += [
                oldest_ms + config.max_buffer_timeout_ms,
                max(held_ms, state.grown_ms + config.pause_threshold_ms),
            ]
            if len(words_of(state.ready)) >= config.min_release_words:
                deadlines.append(max(held_ms, oldest_ms + config.release_after_ms))
            if held_ms and state.clause_length():
                deadlines.append(held_ms)
        return deadlines

    def _held_until_ms(self, state: Hypothesis) -> int:
        """Until when its words wait for those of an earlier result; 0 where they need not."""
        if len(self._open) == 1:
            return 0
        earlier = (one for one in self._waiting if one.start_ms < state.start_ms)
        held_ms = max((one.grown_ms + FINAL_WITHIN_MS for one in earlier), default=0)
        # A final comes of audio too.
        return max(held_ms, self._awaited_ms + FINAL_WITHIN_MS) if held_ms and self._awaited_ms else held_ms

    def _orphaned_at_ms(self, state: Hypothesis) -> int:
        """When its final has not come in time."""
        due_ms = state.grown_ms + self._config.orphan_timeout_ms
        before_ms = self._grown_before_ms(state)
        if before_ms is not None:
            due_ms = min(due_ms, max(before_ms + self._config.orphan_timeout_ms, state.grown_ms + HEARD_AGAIN_MS))
        return max(due_ms, self._awaited_ms + HEARD_AGAIN_MS) if self._awaited_ms else due_ms

    def _grown_before_ms(self, state: Hypothesis) -> int | None:
        """When its words last changed in an earlier stream; None for a result that has more than that stream heard."""
        words = words_of(state.items) if self._unsettled_before else []
        if not words:
            return None
        middle_ms = (words[-1].start_ms + words[-1].end_ms) // 2
        grown = (one.grown_ms for one in self._unsettled_before if one.start_ms < middle_ms <= one.end_ms)
        return max(grown, default=None)

    def _commit(self, state: Hypothesis, length: int, reason: Reason, now_ms: int) -> list[Output]:
        taken, stable_ms = state.take(length)
        return self._segment(state, taken, stable_ms or now_ms, reason, now_ms)

    def _segment(
        self, state: Hypothesis, items: tuple[Item, ...], stable_ms: int, reason: Reason, now_ms: int
    ) -> list[Output]:
        words = words_of(items)
        if not words:
            return []
        segment = Segment(
            sequence=self._number(),
            result_id=state.result_id,
            text=written(items),
            start_ms=words[0].start_ms,
            end_ms=words[-1].end_ms,
            is_final=reason == "final",
            stable_at_ms=stable_ms,
            released_at_ms=now_ms,
            reason=reason,
        )
        self.counters.segments += 1
        state.segments.append(
            Committed(
                sequence=segment.sequence,
                words=tuple(word.folded for word in words),
                text=segment.text,
                start_ms=segment.start_ms,
                end_ms=segment.end_ms,
            )
        )
        return [segment]

    # finals

    def _final(self, result: Result, now_ms: int) -> list[Output]:
        if result.key in self._over:
            self.counters.ignored += 1
            return []
        self.counters.finals += 1
        self.counters.rate_limited += self._pace.forget(result.key)
        state = self._open.get(result.key) or _begun(result, now_ms)
        self.counters.late_finals += state.flushed
        words = words_of(result.items)
        said = state.said_in(result.items)
        places = boundaries(state.committed_words, [word.folded for word in words[:said]])
        outputs = self._corrections(state, result.items, places, now_ms)
        rest = _between_words(result.items, places[-1], len(words))
        outputs += self._segment(state, rest, now_ms, "final", now_ms)
        self._close(result.key)
        if all(other.start_ms >= result.end_ms for other in self._waiting):
            self._settled_ms = max(self._settled_ms, result.end_ms)
        for other in list(self._open.values()):
            outputs += self._release(other, now_ms)
        return outputs

    def _corrections(self, state: Hypothesis, items: tuple[Item, ...], places: list[int], now_ms: int) -> list[Output]:
        """A correction for each committed segment whose words the final has otherwise."""
        outputs: list[Output] = []
        position = 0
        for segment in state.segments:
            first, last = places[position], places[position + len(segment.words)]
            position += len(segment.words)
            said = _between_words(items, first, last)
            if tuple(word.folded for word in words_of(said)) == segment.words:
                continue
            self.counters.corrections += 1
            outputs.append(
                Correction(
                    sequence=self._number(),
                    result_id=state.result_id,
                    corrects=segment.sequence,
                    text=written(said),
                    start_ms=segment.start_ms,
                    end_ms=segment.end_ms,
                    released_at_ms=now_ms,
                )
            )
        return outputs

    def _close(self, key: Key) -> None:
        self._open.pop(key, None)
        self._pace.forget(key)
        self._over[key] = None
        while len(self._over) > REMEMBERED_RESULTS:
            del self._over[next(iter(self._over))]

    def _number(self) -> int:
        self._next_sequence += 1
        return self._next_sequence - 1


def _begun(result: Result, now_ms: int) -> Hypothesis:
    return Hypothesis(result_id=result.result_id, grown_ms=now_ms, start_ms=result.start_ms)


def _between_words(items: tuple[Item, ...], first: int, last: int) -> tuple[Item, ...]:
    """The items from word number `first` up to word number `last`, with the marks behind each."""
    chosen: list[Item] = []
    number = -1
    for item in items:
        number += not item.is_punctuation
        if first <= number < last:
            chosen.append(item)
    return tuple(chosen)
