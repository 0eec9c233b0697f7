"""A speaker's talk, made from a seed: words with times, audio that can be recognised, and what the recogniser says.

No word is said twice in a talk unless it is wanted, so that a word that arrives says which one it is.
"""

import dataclasses
import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fake_transcribe import model
from fake_transcribe.recognition import Library
from fake_transcribe.recordings import Recordings
from fake_transcribe.script import Script, Segment, Word
from sandbox.client.recording import BYTES_PER_MS, SAMPLE_RATE_HZ, Recording, SpokenWord
from sandbox.sim import chance

LOUDNESS = 6_000
WORD_MS = (180, 460)
PAUSE_MS = (20, 90)
BREATH_MS = (350, 900)
ALONE_MS = (700, 900)
WORDS_TO_BREATH = (6, 16)
LEAD_MS = 300
LATEST_FINAL_MS = 2_500
"""A final that is later behind its words is not in its time."""
_ONSETS = "b br c ch d dr f fl g gr h j k l m n p pl qu r s sh st t tr v w z".split()
_VOWELS = "a e i o u ai ea ou".split()
_CODAS = "b ck d f g l m n nd p r rt s st t x".split()


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What one speaker says."""

    recording: Recording
    script: Script
    settles: bool = True
    """Every final comes in its time; else words may come late, and behind later ones."""

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        return self.recording.words


Style = Literal["plain", "repeats", "orphans"]


def make(*, seed: int, name: str, duration_ms: int, language: str = "en-US", style: Style = "plain") -> Talk:
    """A talk of about this length.

    `repeats`: now and then one word stands alone, and is said again. `orphans`: of some segments no final comes, of
    others it is late or comes twice.
    """
    draws = chance.stream(seed, f"talk/{name}")
    words = _with_repeats(draws, duration_ms) if style == "repeats" else _timed(draws, duration_ms)
    pcm = sounding(words, seed=draws.getrandbits(64), duration_ms=duration_ms)
    digest = hashlib.sha256(pcm).hexdigest()
    said = [Word(word=one.word, start_ms=one.start_ms, end_ms=one.end_ms) for one in words]
    script = model.make(said, language=language, audio_sha256=digest, seed=draws.getrandbits(31))
    if style == "orphans":
        script = _orphaned(draws, script)
    return Talk(recording=Recording(name=name, pcm=pcm, words=tuple(words)), script=script, settles=style != "orphans")


def scripted(words: Sequence[SpokenWord], segments: Sequence[Segment], *, duration_ms: int, seed: int = 1) -> Talk:
    """A talk of which the recogniser says what it is told to. `duration_ms` is the audio's."""
    pcm = sounding(list(words), seed=seed, duration_ms=duration_ms)
    digest = hashlib.sha256(pcm).hexdigest()
    settles = all(
        one.final is not None and not one.final.faults and one.final.at_ms <= one.words[-1].end_ms + LATEST_FINAL_MS
        for one in segments
    )
    return Talk(
        recording=Recording(name="scripted", pcm=pcm, words=tuple(words)),
        script=Script(language="en-US", audio_sha256=digest, segments=tuple(segments)),
        settles=settles,
    )


def recordings(talks: list[Talk]) -> Recordings:
    """The talks as the fake Transcribe knows recordings."""
    return Recordings(
        scripts={talk.recording.name: talk.script for talk in talks},
        library=Library({talk.recording.name: talk.recording.pcm for talk in talks}),
    )


def _with_repeats(draws: random.Random, duration_ms: int) -> list[SpokenWord]:
    """Sentences, and after each a word that is said twice, alone both times."""
    said: list[SpokenWord] = []
    vocabulary = _vocabulary(draws)
    at_ms = LEAD_MS
    while True:
        echo = next(vocabulary)
        sentence = [(next(vocabulary), PAUSE_MS) for _ in range(draws.randint(3, 6))]
        sentence[-1] = (sentence[-1][0], ALONE_MS)
        for word, pause_ms in (*sentence, (echo, ALONE_MS), (echo, ALONE_MS)):
            end_ms = at_ms + draws.randint(*WORD_MS)
            if end_ms > duration_ms:
                return said
            said.append(SpokenWord(word=word, start_ms=at_ms, end_ms=end_ms))
            at_ms = end_ms + draws.randint(*pause_ms)


def _orphaned(draws: random.Random, script: Script) -> Script:
    return dataclasses.replace(script, segments=tuple(_unsettled(draws, one) for one in script.segments))


def _unsettled(draws: random.Random, segment: Segment) -> Segment:
    """The segment with its final left out, late, twice, or as it was."""
    final = segment.final
    assert final is not None
    match draws.randrange(5):
        case 0:
            # It is said again and again, and never settled.
            last = segment.partials[-1]
            again = (dataclasses.replace(last, at_ms=last.at_ms + 500 * count) for count in range(1, 50))
            return dataclasses.replace(segment, partials=(*segment.partials, *again), final=None, spoken=final.words)
        case 1:
            return dataclasses.replace(segment, final=None, spoken=final.words)
        case 2:
            late = dataclasses.replace(final, faults={"delay_ms": draws.randrange(4_000, 20_000)})
            return dataclasses.replace(segment, final=late)
        case 3:
            return dataclasses.replace(segment, final=dataclasses.replace(final, faults={"duplicate": True}))
    return segment


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


def sounding(words: Sequence[SpokenWord], *, seed: int, duration_ms: int) -> bytes:
    """Noise where a word is, silence elsewhere: enough to be recognised by."""
    noise = np.random.default_rng(seed).integers(-LOUDNESS, LOUDNESS, duration_ms * SAMPLE_RATE_HZ // 1000)
    heard = np.zeros(len(noise), dtype=bool)
    for word in words:
        heard[word.start_ms * BYTES_PER_MS // 2 : word.end_ms * BYTES_PER_MS // 2] = True
    return bytes(np.where(heard, noise, 0).astype("<i2").tobytes())
