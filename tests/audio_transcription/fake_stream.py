"""A scripted Transcribe of our own: it knows the session's words by the numbers in the audio."""

import asyncio

from amazon_transcribe.model import Alternative, Item, Result
from audio_processor.errors import StreamError

from tests.audio_transcription.spoken import Utterance, Word, numbers
from tests.audio_transcription.virtual_time import VirtualClock


class FakeStream:
    """Recognises the session's words in what it hears: partials every 300 ms of audio, a final 700 ms after the end.

    Where there is nothing to say, it says that: no results.
    """

    PARTIAL_EVERY_MS = 300
    STABLE_AFTER_MS = 500
    FINAL_AFTER_MS = 700
    LAG_S = 0.2

    def __init__(
        self,
        *,
        script: list[Utterance],
        clock: VirtualClock,
        number: int,
        fails_at_ms: tuple[int, ...],
        failed: set[int],
    ) -> None:
        self._script = script
        self._clock = clock
        self._fails_at_ms = fails_at_ms
        self._failed = failed
        self.number = number
        self.ended = False
        self.heard: dict[int, int] = {}
        """Session millisecond to stream millisecond."""
        self.length_ms = 0
        self._partial_at_ms = 0
        self._done: set[str] = set()
        """Words in results that are final; what follows them in an utterance is another result's."""
        self._out: asyncio.Queue[list[Result] | StreamError | None] = asyncio.Queue()
        self.last_audio_ms = clock.now_ms()

    def hear(self, sound: bytes) -> None:
        if self.ended:
            raise StreamError(code="BadRequestException", message="audio after the end")
        now_ms = self._clock.now_ms()
        if now_ms - self.last_audio_ms > 15_000:
            raise StreamError(
                code="BadRequestException",
                message="Your request timed out because no new audio was received for 15 seconds.",
            )
        self.last_audio_ms = now_ms
        for number in numbers(sound):
            if number:
                self.heard[number - 1] = self.length_ms
            self.length_ms += 1
        for fails_at_ms in self._fails_at_ms:
            if fails_at_ms in self.heard and fails_at_ms not in self._failed:
                self._failed.add(fails_at_ms)
                self._out.put_nowait(StreamError(code="InternalFailureException", message="terminated"))
                return
        self._speak()

    def _speak(self) -> None:
        is_quiet = True
        for index, utterance in enumerate(self._script):
            if utterance.words[-1].text in self._done:
                continue
            words = self._words_heard(utterance)
            if not words or (utterance.orphan and utterance.end_ms - 1 in self.heard):
                continue
            if self.length_ms >= words[-1][2] + self.FINAL_AFTER_MS and not self._goes_on(utterance, words):
                self._emit(index, words, partial=False)
            elif self.length_ms >= self._partial_at_ms:
                self._emit(index, words, partial=True)
            else:
                continue
            is_quiet = False
        if self.length_ms >= self._partial_at_ms:
            self._partial_at_ms = self.length_ms + self.PARTIAL_EVERY_MS
            if is_quiet:
                self._out.put_nowait([])

    def _words_heard(self, utterance: Utterance) -> list[tuple[Word, int, int]]:
        """Words of which most was heard, with their times in this stream."""
        heard: list[tuple[Word, int, int]] = []
        for word in utterance.words:
            if word.text in self._done:
                continue
            first = word.start_ms if word.start_ms in self.heard else (word.start_ms + word.end_ms) // 2
            if first in self.heard and word.end_ms - 1 in self.heard and (first == word.start_ms or not heard):
                heard.append((word, self.heard[first], self.heard[word.end_ms - 1] + 1))
        return heard

    def _goes_on(self, utterance: Utterance, words: list[tuple[Word, int, int]]) -> bool:
        """Whether more is being said; a word that has begun and is cut off does not go on for ever."""
        last, recent_ms = words[-1][0], self.length_ms - self.FINAL_AFTER_MS
        return any(
            word.start_ms >= last.end_ms and self.heard.get(word.start_ms, -1) > recent_ms for word in utterance.words
        )

    def _emit(self, index: int, words: list[tuple[Word, int, int]], *, partial: bool) -> None:
        items = [
            Item(
                start_time=start_ms / 1_000,
                end_time=end_ms / 1_000,
                item_type="pronunciation",
                content=word.text,
                stable=not partial or end_ms + self.STABLE_AFTER_MS <= self.length_ms,
            )
            for word, start_ms, end_ms in words
        ]
        end_s = items[-1].end_time
        if not partial:
            self._done |= {word.text for word, _, _ in words}
            items.append(Item(start_time=end_s, end_time=end_s, item_type="punctuation", content=".", stable=True))
        result = Result(
            result_id=f"stream{self.number}-result{index}-{words[0][0].text}",
            start_time=items[0].start_time,
            end_time=end_s,
            is_partial=partial,
            alternatives=[Alternative(transcript="", items=items, entities=[])],
            channel_id=None,
        )
        self._out.put_nowait([result])

    def end(self) -> None:
        self.ended = True
        for index, utterance in enumerate(self._script):
            words = self._words_heard(utterance)
            if words and not utterance.orphan:
                self._emit(index, words, partial=False)
        self._out.put_nowait(None)

    async def next_event(self) -> list[Result] | None:
        event = await self._out.get()
        await asyncio.sleep(self.LAG_S)
        if isinstance(event, StreamError):
            raise event
        return event
