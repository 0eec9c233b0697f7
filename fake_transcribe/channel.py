"""One channel of a stream's audio: heard, recognised, and said in results. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fake_transcribe import limits
from fake_transcribe.player import Event, Player
from fake_transcribe.recognition import Heard, Library, Recogniser
from fake_transcribe.request import Parameters
from fake_transcribe.script import Script
from fake_transcribe.vocabulary import filtered

SPEAKER = "0"
"""Scripts know of one speaker."""


@dataclass(kw_only=True)
class Channel:
    """One channel; `number` is its place in interleaved audio, None where there is one channel."""

    number: int | None
    library: Library
    scripts: Mapping[str, Script]
    parameters: Parameters
    filter_words: Collection[str]
    draw_id: Callable[[], str]
    stable_from: float | None
    _torn: bytes = b""
    _language: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._recogniser = Recogniser(self.library, rate_hz=self.parameters.sample_rate_hz)
        self._player = Player(scripts=self.scripts, draw_id=self.draw_id, stable_from=self.stable_from)

    @property
    def position_ms(self) -> int:
        """How much audio was heard."""
        return self._recogniser.position_ms

    def hear(self, pcm: bytes) -> list[Event]:
        """The stream's next audio, all channels of it; the results that are due."""
        for found in self._recogniser.hear(self._own(pcm)):
            if isinstance(found, Heard):
                self._language = self.scripts[found.recording].language
                self._player.begin(found)
            else:
                self._player.lose(found.stream_ms)
        return [self._presented(event) for event in self._player.play(self.position_ms)]

    def finish(self) -> list[Event]:
        """The audio has ended: what is still to be said."""
        return [self._presented(event) for event in self._player.finish(self.position_ms)]

    def _own(self, pcm: bytes) -> bytes:
        """This channel's samples of interleaved audio; a frame that is torn waits for its rest."""
        if self.number is None:
            return pcm
        data = self._torn + pcm
        usable = len(data) // (2 * limits.CHANNELS) * 2 * limits.CHANNELS
        self._torn = data[usable:]
        samples = np.frombuffer(data[:usable], dtype="<i2").reshape(-1, limits.CHANNELS)
        return samples[:, self.number].tobytes()

    def _presented(self, event: Event) -> Event:
        """The event with what the request asked to have in it, or out of it."""
        result: dict[str, Any] = filtered(event.result, self.filter_words, self.parameters.filter_method)
        if self.number is not None:
            result = {**result, "ChannelId": f"ch_{self.number}"}
        if self.parameters.language is None and self.position_ms >= limits.LANGUAGE_HEARD_MS:
            scores = [{"LanguageCode": self._language, "Score": 1.0}]
            result = {**result, "LanguageCode": self._language, "LanguageIdentification": scores}
        if self.parameters.speaker_labels and not event.is_partial:
            result = {**result, "Alternatives": [_labelled(one) for one in result["Alternatives"]]}
        return event if result is event.result else replace(event, result=result)


def _labelled(alternative: dict[str, Any]) -> dict[str, Any]:
    items = [{**item, "Speaker": SPEAKER} if item["Type"] == "pronunciation" else item for item in alternative["Items"]]
    return {**alternative, "Items": items}
