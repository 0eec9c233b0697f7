"""How the speaker sounds: loudness for each segment's dynamics, signal quality for metrics and warnings. Pure."""

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import log10
from operator import mul
from typing import Any

from audio_processor import limits

FULL_SCALE = 32_767
FRAME_BYTES = 100 * limits.BYTES_PER_MS
SOFT_DBFS, LOUD_DBFS = -32.0, -14.0
"""Speech at a usual distance from a microphone lies between."""
SLOW_WPM, FAST_WPM = 110, 180
"""Conversation in English lies between."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Up to 100 ms of audio: its place in the session, its power (mean square), and how many samples are clipped."""

    start_ms: int
    end_ms: int
    power: float
    clipped: int
    samples: int


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The last seconds: loudest against quietest tenth in decibels, and the clipped share in percent."""

    snr_db: float
    clipping_percent: float

    def issues(self) -> list[str]:
        """What the speaker should be told."""
        issues = []
        if self.snr_db < limits.QUALITY_SNR_DB:
            issues.append("lowSignalToNoise")
        if self.clipping_percent > limits.QUALITY_CLIPPING_PERCENT:
            issues.append("clipping")
        return issues


class Sound:
    """Frames of the last seconds."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()

    def add(self, audio: bytes, *, start_ms: int) -> None:
        """Measure a chunk of 16-bit little-endian samples."""
        self._frames.extend(_frames(audio, start_ms))
        oldest_ms = self._frames[-1].end_ms - limits.SOUND_KEPT_MS
        while self._frames[0].end_ms < oldest_ms:
            self._frames.popleft()

    def dynamics(self, *, start_ms: int, end_ms: int, words: int) -> dict[str, Any] | None:
        """The contract's `dynamics` of a stretch of speech, in SSML's words; None when it is no longer known."""
        powers = [frame.power for frame in self._frames if frame.end_ms > start_ms and frame.start_ms < end_ms]
        if not powers or end_ms <= start_ms:
            return None
        level_dbfs = _decibels(sum(powers) / len(powers), FULL_SCALE**2)
        words_per_minute = words * 60_000 / (end_ms - start_ms)
        return {
            "volume": _label(level_dbfs, SOFT_DBFS, LOUD_DBFS, ("soft", "medium", "loud")),
            "rate": _label(words_per_minute, SLOW_WPM, FAST_WPM, ("slow", "medium", "fast")),
        }

    def quality(self) -> Quality | None:
        """The quality of what is kept; None while that is less than a few seconds, or silence."""
        frames = list(self._frames)[-limits.QUALITY_FRAMES :]
        if len(frames) < limits.QUALITY_FRAMES:
            return None
        powers = sorted(frame.power for frame in frames)
        tenth = len(powers) // 10
        if _decibels(powers[-tenth], FULL_SCALE**2) < limits.QUALITY_SILENCE_DBFS:
            return None
        clipped = sum(frame.clipped for frame in frames) / sum(frame.samples for frame in frames)
        return Quality(snr_db=_decibels(powers[-tenth], powers[tenth]), clipping_percent=100 * clipped)


def _frames(audio: bytes, start_ms: int) -> Iterator[Frame]:
    for at in range(0, len(audio), FRAME_BYTES):
        samples = array("h", audio[at : at + FRAME_BYTES])
        highest, lowest = max(samples), min(samples)
        yield Frame(
            start_ms=start_ms + at // limits.BYTES_PER_MS,
            end_ms=start_ms + (at + 2 * len(samples)) // limits.BYTES_PER_MS,
            power=sum(map(mul, samples, samples)) / len(samples),
            clipped=sum(abs(one) >= FULL_SCALE for one in samples) if max(highest, -lowest) >= FULL_SCALE else 0,
            samples=len(samples),
        )


def _decibels(power: float, reference: float) -> float:
    return 10 * log10(max(power, 1.0) / max(reference, 1.0))


def _label(value: float, low: float, high: float, labels: tuple[str, str, str]) -> str:
    return labels[(value >= low) + (value > high)]
