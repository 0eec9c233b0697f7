"""Where each word of a text stands in a recording, by PocketSphinx; the optional extra `align`."""

import importlib.util
import math
from collections.abc import Sequence

import numpy as np

from sandbox.alignment.fit import FRAME_MS, Stretch, misfit
from sandbox.alignment.pronunciation import Phones, pronunciations
from sandbox.alignment.spoken import Token, UnspeakableError, tokens
from sandbox.client.recording import BYTES_PER_MS, SAMPLE_RATE_HZ, RecordingError, SpokenWord

INSTALL = "python3 dev.py align"
PREFIX = "token"
SAMPLES_PER_FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1000
TAIL_MS = 200
"""Near silence put behind the audio, or a last word would be drawn to its very end."""
TAIL_LEVEL = 3  # of 32,767
LEAST_AUDIO_MS = 100
"""The decoder fails on less than a few frames; no word is shorter."""
LEAST_LOG = -745.0
"""The logarithm of the smallest number there is; a segment's score may have been smaller."""


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("pocketsphinx") is not None


def align(pcm: bytes, text: str) -> tuple[SpokenWord, ...]:
    """The words of `text`, spelled as there, with their times in 16 kHz mono 16-bit audio.

    Raises RecordingError when the extra is missing, a word cannot be said, or the text is not of this audio.
    """
    if not available():
        raise RecordingError(f"expected PocketSphinx for --text, found none: install it with '{INSTALL}'")
    try:
        wanted = tokens(text)
    except UnspeakableError as error:
        raise RecordingError(f"expected words that can be read in English, got {error}: write it out") from None
    if not wanted:
        raise RecordingError("expected the words that are spoken, got an empty text: give them with --text")
    placed = _Aligner().place(pcm, wanted)
    if not placed:
        raise _not_of_this_audio("its words are not found in their order")
    reason = misfit(placed, _levels_db(pcm))
    if reason is not None:
        raise _not_of_this_audio(reason)
    return tuple(SpokenWord(word=one.word, start_ms=one.start_ms, end_ms=one.end_ms) for one in placed)


def _not_of_this_audio(reason: str) -> RecordingError:
    return RecordingError(
        f"expected the text that is spoken in the recording, but {reason}: "
        "check the text against the audio, or give the words' times with --words"
    )


class _Aligner:
    """One decoder, with words of our own in its dictionary: each set of pronunciations has one name."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        # All senones are scored, or a score would only compare the text with itself.
        self._decoder = Decoder(lm=None, loglevel="FATAL", compallsen=True)
        self._names: dict[tuple[Phones, ...], str] = {}

    def lookup(self, word: str) -> tuple[Phones, ...]:
        """The dictionary's pronunciations, its numbered variants among them."""
        found = []
        sounds = self._decoder.lookup_word(word)
        while sounds is not None:
            found.append(tuple(sounds.split()))
            sounds = self._decoder.lookup_word(f"{word}({len(found) + 1})")
        return tuple(found)

    def name(self, variants: tuple[Phones, ...]) -> str:
        """The word of the decoder's dictionary that sounds in one of these ways."""
        if variants not in self._names:
            name = f"{PREFIX}{len(self._names)}"
            for number, sounds in enumerate(variants, start=1):
                entry = name if number == 1 else f"{name}({number})"
                self._decoder.add_word(entry, " ".join(sounds), number == len(variants))
            self._names[variants] = name
        return self._names[variants]

    def place(self, pcm: bytes, wanted: Sequence[Token]) -> list[Stretch]:
        """Each word's place; none when the search did not come to the end of the text."""
        variants = [pronunciations(token, self.lookup) for token in wanted]
        names = [self.name(one) for one in variants]
        decoder = self._decoder
        decoder.set_align_text(" ".join(names))
        if len(pcm) < LEAST_AUDIO_MS * BYTES_PER_MS:
            return []
        try:
            decoder.start_utt()
            decoder.process_raw(pcm + _tail(), full_utt=True)
            decoder.end_utt()
        except RuntimeError:
            return []  # how the decoder says that nothing of the text was left in the search
        if decoder.hyp() is None:
            return []
        found = [segment for segment in decoder.seg() if segment.word.startswith(PREFIX)]
        if [segment.word.partition("(")[0] for segment in found] != names:
            return []
        duration_ms = len(pcm) // BYTES_PER_MS
        return [
            Stretch(
                word=token.written,
                sounds=max(map(len, sounds)),
                start_ms=segment.start_frame * FRAME_MS,
                end_ms=min((segment.end_frame + 1) * FRAME_MS, duration_ms),
                log_score=math.log(segment.ascore) if segment.ascore > 0 else LEAST_LOG,
            )
            for token, sounds, segment in zip(wanted, variants, found, strict=True)
        ]


def _tail() -> bytes:
    noise = np.random.default_rng(0).normal(0, TAIL_LEVEL, TAIL_MS * SAMPLE_RATE_HZ // 1000)
    made: bytes = noise.astype("<i2").tobytes()
    return made


def _levels_db(pcm: bytes) -> list[float]:
    """The loudness of each 10 ms."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    frames = samples[: len(samples) // SAMPLES_PER_FRAME * SAMPLES_PER_FRAME].reshape(-1, SAMPLES_PER_FRAME)
    levels: list[float] = (10 * np.log10(np.mean(frames**2, axis=1) + 1)).tolist()
    return levels
