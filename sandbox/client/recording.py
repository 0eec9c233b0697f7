"""Recorded speech as the speaker's browser would send it: 16 kHz mono 16-bit little-endian PCM."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

SAMPLE_RATE_HZ = 16_000
BYTES_PER_MS = 32
CHUNK_MS = 200
"""Amazon Transcribe recommends chunks of 50 to 200 ms
(https://docs.aws.amazon.com/transcribe/latest/dg/streaming.html#best-practices). Each chunk is a message of the API, an
invocation and a message of a queue, so the longest costs least; words come half the difference later on average."""
SHORTEST_CHUNK_MS, LONGEST_CHUNK_MS = 20, 750
"""The contract's `sendAudio`: 50 chunks a second, and 24,000 bytes in each."""


class RecordingError(ValueError):
    """A recording or its words cannot be used; the text says what was expected, what came and the next step."""


@dataclass(frozen=True, kw_only=True)
class SpokenWord:
    """One word of the recording's transcript; times are milliseconds from its start."""

    word: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, kw_only=True)
class Recording:
    """PCM bytes and, where known, the words spoken in them."""

    name: str
    pcm: bytes
    words: tuple[SpokenWord, ...]

    @property
    def duration_ms(self) -> int:
        return len(self.pcm) // BYTES_PER_MS

    def chunks(self, chunk_ms: int = CHUNK_MS) -> Iterator[bytes]:
        """The audio in pieces of `chunk_ms`; the last may be shorter."""
        step = chunk_ms * BYTES_PER_MS
        return (self.pcm[start : start + step] for start in range(0, len(self.pcm), step))


def load_pcm(path: Path) -> bytes:
    """Any file that libsndfile reads, mixed to mono and resampled. Raises RecordingError with the next step."""
    if not path.exists():
        raise RecordingError(f"expected a recording at {path}, found nothing: give the path of a WAV, FLAC or OGG file")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise RecordingError(
            f"expected an audio file at {path}, got one that cannot be read ({error}): convert it to WAV"
        ) from error
    mono = samples.mean(axis=1)
    if rate != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, rate, SAMPLE_RATE_HZ)
    pcm: bytes = np.clip(np.rint(mono * 32768), -32768, 32767).astype("<i2").tobytes()
    return pcm


def load_words(path: Path) -> tuple[SpokenWord, ...]:
    """The words of a `.words.json` file (seconds in the file, milliseconds here)."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        words = tuple(
            SpokenWord(word=entry["word"], start_ms=round(entry["start"] * 1000), end_ms=round(entry["end"] * 1000))
            for entry in document["words"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordingError(
            f'expected {path} to hold {{"words": [{{"word", "start", "end"}}]}} with seconds, got {error!r}: '
            "see audio_samples for the form"
        ) from error
    spoken_until_ms = 0
    for one in words:
        if not spoken_until_ms <= one.start_ms <= one.end_ms:
            raise RecordingError(
                f"expected the words of {path} one after another, got '{one.word}' from {one.start_ms} to "
                f"{one.end_ms} ms after {spoken_until_ms} ms: correct its times"
            )
        spoken_until_ms = one.start_ms
    return words


def load(path: Path, words: Path | None = None) -> Recording:
    """A recording and its words: `words`, or `NAME.words.json` beside it where that exists."""
    beside = path.with_suffix(".words.json")
    words_path = words or (beside if beside.exists() else None)
    return Recording(name=path.stem, pcm=load_pcm(path), words=load_words(words_path) if words_path else ())
