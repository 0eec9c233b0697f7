"""How the speaker sounds: loudness for each segment's dynamics, signal quality for metrics and warnings. Pure.

Chunks come in any length; everything is measured in windows of 100 ms, as the microphone gave them: before the
broadcast's volume is applied.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

import numpy as np

from audio_processor import limits
from audio_processor.echo import EchoMeter
from audio_processor.noise import NoiseMeter
from audio_processor.pcm import FULL_SCALE, dbfs, samples
from audio_processor.quality import Quality

WINDOW_MS = 100
WINDOW_BYTES = WINDOW_MS * limits.BYTES_PER_MS
SOFT_DBFS, LOUD_DBFS = -32.0, -14.0
"""Speech at a usual distance from a microphone lies between."""
SLOW_WPM, FAST_WPM = 110, 180
"""Conversation in English lies between."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """100 ms of audio: its place in the session, its power (mean square), and its share of samples at full scale."""

    start_ms: int
    power: float
    clipped: float

    @property
    def end_ms(self) -> int:
        return self.start_ms + WINDOW_MS


class Sound:
    """The last seconds of one session. `quiet_since_ms`: where silence began that an earlier worker was hearing."""

    def __init__(self, *, quiet_since_ms: int | None = None) -> None:
        self._windows: deque[Window] = deque()
        self._rest = b""
        self._end_ms: int | None = None
        self._noise = NoiseMeter()
        self._echo = EchoMeter()
        self.quiet_since_ms = quiet_since_ms
        """Where the silence began that lasts until the end of what was measured; None when there is sound."""

    @property
    def measured_until_ms(self) -> int:
        """The end of the last window."""
        return self._windows[-1].end_ms if self._windows else 0

    @property
    def silent_for_ms(self) -> int:
        """How long there has been nothing to hear, of what was sent while neither paused nor muted."""
        if self.quiet_since_ms is None:
            return 0
        return max(0, self.measured_until_ms - self.quiet_since_ms)

    def add(self, audio: bytes, *, start_ms: int) -> None:
        """Measure a chunk of 16-bit little-endian samples."""
        if self._end_ms is not None and abs(start_ms - self._end_ms) > 1:
            self.interrupt()
        audio = self._rest + audio
        first_ms = start_ms - len(self._rest) // limits.BYTES_PER_MS
        whole = len(audio) // WINDOW_BYTES * WINDOW_BYTES
        if whole:
            self._measure(audio[:whole], first_ms)
        self._rest = audio[whole:]
        self._end_ms = first_ms + len(audio) // limits.BYTES_PER_MS

    def interrupt(self) -> None:
        """What was sent in between is not for us to hear: the speaker was paused or muted."""
        self._rest, self._end_ms, self.quiet_since_ms = b"", None, None
        self._noise.interrupt()
        self._echo.interrupt()

    def _measure(self, audio: bytes, start_ms: int) -> None:
        integers = samples(audio).reshape(-1, WINDOW_BYTES // 2)
        # Full scale is reached on both sides; -32,768 has no positive twin in 16 bits, so nothing is negated.
        at_full_scale = (integers >= FULL_SCALE) | (integers <= -FULL_SCALE)
        clipped = at_full_scale.mean(axis=1) if at_full_scale.any() else np.zeros(len(integers))
        waves = integers.astype(np.float64)
        powers = np.einsum("ij,ij->i", waves, waves) / waves.shape[1]
        for number, (wave, power, share) in enumerate(zip(waves, powers.tolist(), clipped.tolist(), strict=True)):
            window = Window(start_ms=start_ms + number * WINDOW_MS, power=power, clipped=share)
            self._windows.append(window)
            self._noise.add(wave)
            self._listen_for_silence(window)
        self._echo.add(waves.reshape(-1))
        oldest_ms = self._windows[-1].end_ms - limits.SOUND_KEPT_MS
        while self._windows[0].end_ms < oldest_ms:
            self._windows.popleft()

    def _listen_for_silence(self, window: Window) -> None:
        if dbfs(window.power) >= limits.QUALITY_SILENCE_DBFS:
            self.quiet_since_ms = None
        elif self.quiet_since_ms is None:
            self.quiet_since_ms = window.start_ms

    def dynamics(self, *, start_ms: int, end_ms: int, words: int) -> dict[str, Any] | None:
        """The contract's `dynamics` of a stretch of speech, in SSML's words; None when it is no longer known."""
        since = takewhile(lambda one: one.end_ms > start_ms, reversed(self._windows))
        powers = [one.power for one in since if one.start_ms < end_ms]
        if not powers or end_ms <= start_ms:
            return None
        words_per_minute = words * 60_000 / (end_ms - start_ms)
        return {
            "volume": _label(dbfs(sum(powers) / len(powers)), SOFT_DBFS, LOUD_DBFS, ("soft", "medium", "loud")),
            "rate": _label(words_per_minute, SLOW_WPM, FAST_WPM, ("slow", "medium", "fast")),
        }

    def quality(self) -> Quality | None:
        """The quality of the last seconds; None while they are less than QUALITY_LEAST_FRAMES, or silence."""
        first = max(0, len(self._windows) - limits.QUALITY_FRAMES)
        windows = list(islice(self._windows, first, None))
        if len(windows) < limits.QUALITY_LEAST_FRAMES:
            return None
        loudest = sorted(one.power for one in windows)[-(len(windows) // 10)]
        if dbfs(loudest) < limits.QUALITY_SILENCE_DBFS:
            return None
        snr_db = self._noise.snr_db()
        has_voice = snr_db is not None and snr_db >= limits.QUALITY_VOICE_DB
        shares = [one.clipped for one in windows]
        return Quality(
            snr_db=min(snr_db, limits.QUALITY_SNR_MOST_DB) if snr_db is not None and has_voice else None,
            clipping_percent=100 * sum(shares) / len(shares),
            clipped_windows=sum(100 * share > limits.QUALITY_CLIPPING_PERCENT for share in shares),
            echo=self._echo.echo() if has_voice else None,
        )


def _label(value: float, low: float, high: float, labels: tuple[str, str, str]) -> str:
    return labels[(value >= low) + (value > high)]
