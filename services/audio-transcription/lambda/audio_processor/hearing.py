"""A stream's results in the session's time, without the words that an earlier stream has had committed. Pure.

A new stream begins a little before the cut. Of its results, the words whose middle lies before the cut are dropped: a
word that was committed ends at or before the cut, so its middle does too, by half its length; the next word begins
there, so its middle does not. Where a result's final was late, what came after it may be committed already: those
stretches are dropped as well. How many leading words are dropped of a result only grows, so that a word keeps its
place while its times are still being refined. Words are counted and not items, since a mark may come and go behind
any word.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audio_processor.stream_clock import StreamClock

Stretch = tuple[int, int]
"""From and to, in milliseconds of the session's audio."""


@dataclass(kw_only=True, slots=True)
class HeardItem:
    """What the core reads of the SDK's item, in the session's time: a copy of all of it costs three times as much."""

    content: str | None
    item_type: str | None
    start_time: float
    end_time: float
    stable: bool | None


class Hearing:
    """What one stream says, translated. Words up to `cut_ms` and those in `committed` are committed."""

    def __init__(self, *, clock: StreamClock, cut_ms: int, committed: Sequence[Stretch] = ()) -> None:
        self._clock = clock
        self._stretches = [(0, cut_ms), *committed]
        self._dropped: dict[str, int] = {}

    def translate(self, results: Sequence[Any]) -> list[Any]:
        """The results (in the SDK's shape, times in seconds) that still say something."""
        translated = []
        for result in results:
            heard = self._translated(result)
            if heard is not None:
                translated.append(heard)
        return translated

    def _translated(self, result: Any) -> Any | None:
        if not result.alternatives:
            return None
        items = [self._in_session_time(item) for item in result.alternatives[0].items]
        kept = self._new_items(result.result_id, items)
        if items and not kept:
            return None
        heard = copy.copy(result)
        heard.start_time = self._seconds(result.start_time)
        heard.end_time = self._seconds(result.end_time)
        alternative = copy.copy(result.alternatives[0])
        alternative.items = kept
        heard.alternatives = [alternative]
        return heard

    def _in_session_time(self, item: Any) -> HeardItem:
        return HeardItem(
            content=item.content,
            item_type=item.item_type,
            start_time=self._seconds(item.start_time),
            end_time=self._seconds(item.end_time),
            stable=item.stable,
        )

    def _seconds(self, stream_s: float) -> float:
        return self._clock.to_session_ms(round(stream_s * 1_000)) / 1_000

    def _new_items(self, result_id: str, items: Sequence[Any]) -> list[Any]:
        """The items that no earlier stream has had committed; a mark goes with the word before it."""
        gone: list[bool] = []
        word_numbers: list[int] = []
        words = 0
        for item in items:
            is_mark = item.item_type == "punctuation" and gone
            gone.append(gone[-1] if is_mark else self._is_committed(item))
            words += not is_mark
            word_numbers.append(words)
        leading = word_numbers[gone.index(False)] - 1 if False in gone else words
        leading = self._dropped[result_id] = max(self._dropped.get(result_id, 0), leading)
        numbered = zip(items, word_numbers, gone, strict=True)
        return [item for item, number, is_gone in numbered if number > leading and not is_gone]

    def _is_committed(self, item: Any) -> bool:
        middle_ms = (item.start_time + item.end_time) * 500
        return any(start_ms < middle_ms <= end_ms for start_ms, end_ms in self._stretches)
