"""What was said in a live run, to be said again: the recordings' own audio and scripts, or what can be made of them."""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

from fake_transcribe import model, script
from fake_transcribe.recordings import read_pcm
from fake_transcribe.script import Final, Partial, Script, Segment, Word
from sandbox.client.recording import BYTES_PER_MS, Recording, SpokenWord
from sandbox.live.settings import PROJECT
from sandbox.sim.from_run import Placed
from sandbox.sim.speech import Talk, sounding

LANGUAGE = "en-US"


def talk(name: str, placed: Sequence[Placed], duration_ms: int, *, samples: Path = PROJECT / "audio_samples") -> Talk:
    """One talk of several recordings. Of one that is not among the samples, the words are known and neither audio nor
    script: it sounds like any talk of a simulation, and its script is the model's."""
    pcm = bytearray(duration_ms * BYTES_PER_MS)
    segments: list[Segment] = []
    words: list[SpokenWord] = []
    for number, one in enumerate(placed):
        audio, said = _of(one, samples, seed=number)
        start = one.at_ms * BYTES_PER_MS
        room = len(pcm) - start
        pcm[start : start + len(audio)] = audio[:room]
        segments += [_later(segment, one.at_ms) for segment in said.segments]
        words += [
            SpokenWord(word=word.word, start_ms=word.start_ms + one.at_ms, end_ms=word.end_ms + one.at_ms)
            for word in one.words
        ]
    digest = hashlib.sha256(pcm).hexdigest()
    whole = Script(language=LANGUAGE, audio_sha256=digest, segments=tuple(segments))
    return Talk(recording=Recording(name=name, pcm=bytes(pcm), words=tuple(words)), script=whole)


def _of(one: Placed, samples: Path, *, seed: int) -> tuple[bytes, Script]:
    wav = samples / f"{one.name}.wav"
    if wav.exists():
        return read_pcm(wav), script.load(samples / f"{one.name}.script.yaml")
    pcm = sounding(one.words, seed=seed, duration_ms=max((word.end_ms for word in one.words), default=0) + 100)
    said = [Word(word=word.word, start_ms=word.start_ms, end_ms=word.end_ms) for word in one.words]
    return pcm, model.make(said, language=LANGUAGE, audio_sha256=hashlib.sha256(pcm).hexdigest(), seed=seed)


def _later(segment: Segment, by_ms: int) -> Segment:
    """The segment at another place."""
    return Segment(
        partials=tuple(_partial_later(one, by_ms) for one in segment.partials),
        final=None if segment.final is None else _final_later(segment.final, by_ms),
        spoken=_words_later(segment.spoken, by_ms),
    )


def _partial_later(one: Partial, by_ms: int) -> Partial:
    return dataclasses.replace(one, at_ms=one.at_ms + by_ms)


def _final_later(one: Final, by_ms: int) -> Final:
    return dataclasses.replace(one, at_ms=one.at_ms + by_ms, words=_words_later(one.words, by_ms))


def _words_later(words: Sequence[Word], by_ms: int) -> tuple[Word, ...]:
    return tuple(
        dataclasses.replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms) for word in words
    )
