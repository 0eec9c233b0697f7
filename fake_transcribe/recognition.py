"""Knows a recording, and the place in it, by what a stream sounds like: 300 ms of speech are enough. Pure.

A window of the stream is correlated with every recording (at 4 kHz, normalised, so that gain does not matter). Once
found, each further piece is compared with what the recording has there; a gap, a jump or other audio ends the match
and the
search begins again. So a stream may start in the middle, pause, or play several recordings one after another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

DECIMATION = 4
RATE_PER_MS = 4
WINDOW_MS = 300
BLOCK = WINDOW_MS * RATE_PER_MS // 6
MATCH = 0.8
STILL_MATCHES = 0.5
SILENCE_RMS = 60.0
"""Of 16-bit samples: below this there is nothing to recognise."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """From `stream_ms` on, the stream is the recording from `recording_ms` on."""

    recording: str
    stream_ms: int
    recording_ms: int


@dataclass(frozen=True, kw_only=True)
class Lost:
    """At `stream_ms` the stream stopped being what it was."""

    stream_ms: int


def decimate(pcm: bytes, factor: int = DECIMATION) -> Samples:
    """16-bit samples as floats, `factor` of them averaged in one: 16 kHz as 4 kHz."""
    samples = np.frombuffer(pcm, dtype="<i2", count=len(pcm) // (2 * factor) * factor).reshape(-1, factor)
    # A few long rows are added in a third of the time of many short ones; sums of 16 bits are exact either way.
    averaged: Samples = np.add.reduce(samples.T.astype(np.float32, order="C"), axis=0) / np.float32(factor)
    return averaged


class Intake:
    """A stream's bytes as 4 kHz samples, in order; what is less than one sample waits for the next bytes."""

    def __init__(self, rate_hz: int) -> None:
        self._factor, rest = divmod(rate_hz, RATE_PER_MS * 1000)
        self._torn = b""
        self._resampler: Any = None
        if rest:
            # 44.1 kHz and its like; only then is the library needed.
            import soxr

            self._factor = 1
            self._resampler = soxr.ResampleStream(rate_hz, RATE_PER_MS * 1000, 1, dtype="float32")

    def take(self, pcm: bytes) -> Samples:
        """The samples that are whole now."""
        data = self._torn + pcm
        step = 2 * self._factor
        usable = len(data) // step * step
        self._torn = data[usable:]
        samples = decimate(data[:usable], self._factor)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples).astype(np.float32)
        return samples


@dataclass(frozen=True, kw_only=True)
class _Searched:
    """What correlating with a recording needs of it: its spectrum over `size` samples, and how strong it is at each
    place over the length of a window."""

    size: int
    spectrum: NDArray[np.complexfloating[Any, Any]]
    local: NDArray[np.floating[Any]]

    @classmethod
    def of(cls, samples: Samples, window: int) -> "_Searched":
        size = 1 << (len(samples) + window - 1).bit_length()
        energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
        local = np.maximum(np.sqrt(energy[window:] - energy[:-window]), 1.0)
        return cls(size=size, spectrum=np.fft.rfft(samples, size), local=local)


class Library:
    """The recordings that can be recognised, ready for correlation."""

    def __init__(self, recordings: Mapping[str, bytes]) -> None:
        self._samples = {name: decimate(pcm) for name, pcm in recordings.items()}
        self._searched: dict[str, _Searched] = {}

    def duration_ms(self, name: str) -> int:
        return len(self._samples[name]) // RATE_PER_MS

    def piece(self, name: str, from_ms: int, length: int) -> Samples:
        """`length` samples of a recording from a position; shorter at its end."""
        start = from_ms * RATE_PER_MS
        return self._samples[name][start : start + length]

    def find(self, window: Samples) -> tuple[str, int] | None:
        """The recording and the position (ms) at which the window, WINDOW_MS long, stands in it, or None."""
        best: tuple[float, str, int] = (MATCH, "", 0)
        norm = float(np.linalg.norm(window))
        spectra: dict[int, NDArray[np.complexfloating[Any, Any]]] = {}
        for name, samples in self._samples.items():
            if len(samples) < len(window):
                continue
            searched = self._searched.get(name)
            if searched is None:
                searched = self._searched[name] = _Searched.of(samples, len(window))
            size = searched.size
            if size not in spectra:
                spectra[size] = np.conj(np.fft.rfft(window, size))
            correlation = np.fft.irfft(searched.spectrum * spectra[size], size)[: len(samples) - len(window) + 1]
            score = correlation / (searched.local * norm)
            place = int(np.argmax(score))
            if score[place] > best[0]:
                best = (float(score[place]), name, round(place / RATE_PER_MS))
        return (best[1], best[2]) if best[1] else None


class Recogniser:
    """Follows one stream; `hear` takes its audio in order."""

    def __init__(self, library: Library, *, rate_hz: int = 16_000) -> None:
        self._library = library
        self._intake = Intake(rate_hz)
        self._position = 0
        self._unmatched: list[Samples] = []
        self._match: Heard | None = None

    @property
    def position_ms(self) -> int:
        """How much audio was heard."""
        return self._position // RATE_PER_MS

    def hear(self, pcm: bytes) -> Sequence[Heard | Lost]:
        """Take the next audio (mono PCM at the stream's rate); what that makes known."""
        found: list[Heard | Lost] = []
        samples = self._intake.take(pcm)
        for start in range(0, len(samples), BLOCK):
            found += self._block(samples[start : start + BLOCK])
        return found

    def _block(self, samples: Samples) -> list[Heard | Lost]:
        begin = self._position
        self._position += len(samples)
        found: list[Heard | Lost] = []
        if self._match is not None:
            if self._still(samples, begin):
                return []
            found.append(Lost(stream_ms=begin // RATE_PER_MS))
            self._match, self._unmatched = None, []
        self._unmatched.append(samples)
        heard = self._search()
        return [*found, heard] if heard is not None else found

    def _still(self, samples: Samples, begin: int) -> bool:
        assert self._match is not None
        at_ms = self._match.recording_ms + begin // RATE_PER_MS - self._match.stream_ms
        return _matches(samples, self._library.piece(self._match.recording, at_ms, len(samples)))

    def _search(self) -> Heard | None:
        wanted = WINDOW_MS * RATE_PER_MS
        audio = np.concatenate(self._unmatched)
        if len(audio) > 4 * wanted:
            audio = audio[-4 * wanted :]
            self._unmatched = [audio]
        window = audio[-wanted:]
        if len(window) < wanted or _rms(window) < SILENCE_RMS:
            return None
        place = self._library.find(window)
        if place is None:
            return None
        name, recording_ms = place
        window_ms = (self._position - wanted) // RATE_PER_MS
        back_ms = self._reach_back(audio[:-wanted], name, recording_ms)
        self._match = Heard(recording=name, stream_ms=window_ms - back_ms, recording_ms=recording_ms - back_ms)
        self._unmatched = []
        return self._match

    def _reach_back(self, before: Samples, name: str, recording_ms: int) -> int:
        """How far the audio before the window is the recording too, in milliseconds."""
        back_ms = 0
        while True:
            end = len(before) - back_ms * RATE_PER_MS
            if end < BLOCK or recording_ms - back_ms < BLOCK // RATE_PER_MS:
                return min(back_ms + max(0, end) // RATE_PER_MS, recording_ms) if end < BLOCK else recording_ms
            start_ms = recording_ms - back_ms - BLOCK // RATE_PER_MS
            if not _matches(before[end - BLOCK : end], self._library.piece(name, start_ms, BLOCK)):
                return back_ms
            back_ms += BLOCK // RATE_PER_MS


def _matches(samples: Samples, expected: Samples) -> bool:
    """Whether a short piece of the stream is that piece of a recording; two silences are alike, and so is what follows
    a recording's end, where the service goes on listening."""
    behind = samples[len(expected) :]
    if len(behind):
        if _rms(behind) > SILENCE_RMS:
            return False
        samples = samples[: len(expected)]
    energy, expected_energy = float(samples.dot(samples)), float(expected.dot(expected))
    loudness, expected_loudness = (sqrt(one / max(len(samples), 1)) for one in (energy, expected_energy))
    loud, expected_loud = loudness > SILENCE_RMS, expected_loudness > SILENCE_RMS
    if not loud or not expected_loud:
        return loud == expected_loud or expected_loudness < 4 * SILENCE_RMS
    return float(samples.dot(expected)) / sqrt(energy * expected_energy) >= STILL_MATCHES


def _rms(samples: Samples) -> float:
    return sqrt(float(samples.dot(samples)) / max(len(samples), 1))
