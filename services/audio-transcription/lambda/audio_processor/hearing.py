"""A stream's results in the session's time, without the words that an earlier stream has had committed. Pure.

A new stream begins a little before the cut. Of its results, the leading words whose middle lies before the cut are
dropped: a word that was committed ends at or before the cut, so its middle does too, by half its length; the next word
begins there, so its middle does not. How many items are dropped of a result only grows, so that an item keeps its
place while its times are still being refined.
"""

import copy
from collections.abc import Sequence
from typing import Any

from audio_processor.stream_clock import StreamClock


class Hearing:
    """What one stream says, translated. Words up to `cut_ms` of the session's audio are committed."""

    def __init__(self, *, clock: StreamClock, cut_ms: int) -> None:
        self._clock = clock
        self._cut_ms = cut_ms
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
        dropped = max(self._dropped.get(result.result_id, 0), self._before_cut(items))
        self._dropped[result.result_id] = dropped
        if dropped and dropped >= len(items):
            return None
        heard = copy.copy(result)
        heard.start_time = self._seconds(result.start_time)
        heard.end_time = self._seconds(result.end_time)
        alternative = copy.copy(result.alternatives[0])
        alternative.items = items[dropped:]
        heard.alternatives = [alternative]
        return heard

    def _in_session_time(self, item: Any) -> Any:
        moved = copy.copy(item)
        moved.start_time = self._seconds(item.start_time)
        moved.end_time = self._seconds(item.end_time)
        return moved

    def _seconds(self, stream_s: float) -> float:
        return self._clock.to_session_ms(round(stream_s * 1_000)) / 1_000

    def _before_cut(self, items: Sequence[Any]) -> int:
        """The number of leading items that an earlier stream has had committed."""
        for place, item in enumerate(items):
            middle_ms = (item.start_time + item.end_time) * 500
            if middle_ms > self._cut_ms and item.item_type != "punctuation":
                return place
        return len(items)
