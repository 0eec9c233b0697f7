"""A speaker's talk, made from a seed: words with times, audio that can be recognised, and what the recogniser says.

No word is said twice in a talk unless it is wanted, so that a word that arrives says which one it is.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fake_transcribe import model
from fake_transcribe.recognition import Library
from fake_transcribe.recordings import Recordings
from fake_transcribe.script import Script, Word
from sandbox.client.recording import BYTES_PER_MS, SAMPLE_RATE_HZ, Recording, SpokenWord
from sandbox.sim import chance

LOUDNESS = 6_000
WORD_MS = (180, 460)
PAUSE_MS = (20, 90)
BREATH_MS = (350, 900)
WORDS_TO_BREATH = (6, 16)
LEAD_MS = 300
_ONSETS = "b br c ch d dr f fl g gr h j k l m n p pl qu r s sh st t tr v w z".split()
_VOWELS = "a e i o u ai ea ou".split()
_CODAS = "b ck d f g l m n nd p r rt s st t x".split()


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What one speaker says."""

    recording: Recording
    script: Script

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        return self.recording.words


def make(*, seed: int, name: str, duration_ms: int, language: str = "en-US") -> Talk:
    """A talk of about this length."""
    draws = chance.stream(seed, f"talk/{name}")
    words = _timed(draws, duration_ms)
    pcm = _audio(words, seed=draws.getrandbits(64), duration_ms=duration_ms)
    digest = hashlib.sha256(pcm).hexdigest()
    said = [Word(word=one.word, start_ms=one.start_ms, end_ms=one.end_ms) for one in words]
    script = model.make(said, language=language, audio_sha256=digest, seed=draws.getrandbits(31))
    return Talk(recording=Recording(name=name, pcm=pcm, words=tuple(words)), script=script)


def recordings(talks: list[Talk]) -> Recordings:
    """The talks as the fake Transcribe knows recordings."""
    return Recordings(
        scripts={talk.recording.name: talk.script for talk in talks},
        library=Library({talk.recording.name: talk.recording.pcm for talk in talks}),
    )


def _timed(draws: random.Random, duration_ms: int) -> list[SpokenWord]:
    words: list[SpokenWord] = []
    vocabulary = _vocabulary(draws)
    at_ms, left = LEAD_MS, draws.randint(*WORDS_TO_BREATH)
    while True:
        end_ms = at_ms + draws.randint(*WORD_MS)
        if end_ms > duration_ms:
            return words
        words.append(SpokenWord(word=next(vocabulary), start_ms=at_ms, end_ms=end_ms))
        left -= 1
        at_ms = end_ms + draws.randint(*(PAUSE_MS if left else BREATH_MS))
        left = left or draws.randint(*WORDS_TO_BREATH)


def _vocabulary(draws: random.Random) -> Iterator[str]:
    syllables = ["".join(parts) for parts in itertools.product(_ONSETS, _VOWELS, _CODAS)]
    draws.shuffle(syllables)
    yield from syllables
    while True:
        yield draws.choice(syllables) + draws.choice(syllables)


def _audio(words: list[SpokenWord], *, seed: int, duration_ms: int) -> bytes:
    noise = np.random.default_rng(seed).integers(-LOUDNESS, LOUDNESS, duration_ms * SAMPLE_RATE_HZ // 1000)
    heard = np.zeros(len(noise), dtype=bool)
    for word in words:
        heard[word.start_ms * BYTES_PER_MS // 2 : word.end_ms * BYTES_PER_MS // 2] = True
    return bytes(np.where(heard, noise, 0).astype("<i2").tobytes())
