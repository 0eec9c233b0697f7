"""Echo: the delay at which speech comes back, by the cepstrum. Pure.

A copy of the signal, `gain` as strong and `delay` later, multiplies its power spectrum by
|1 + gain·e^(-iω·delay)|². The logarithm makes that a sum, and the inverse transform of the logarithm (the cepstrum:
Bogert, Healy and Tukey, 1963) has a peak of height `gain` at the delay and one of -gain²/2 at twice the delay. Speech
itself gathers at delays below 10 ms, its envelope and its pitch; over windows of two seconds the pitch moves too much
to add up. A sound that repeats itself, such as the hum of a transformer, has equal peaks at every multiple of its
period, all of them positive: no echo.
"""

from collections import deque
from dataclasses import dataclass
from math import log10

import numpy as np

from audio_processor import limits
from audio_processor.pcm import Reals

SIZE = 2**15
"""Samples of a window, 2.048 s: four times the longest delay, so that most of an echo falls into its sound's window."""
HOP = SIZE // 2
WINDOWS = 7
"""The last 8 s of sound."""
SHORTEST = limits.ECHO_MIN_MS * limits.SAMPLE_RATE_HZ // 1_000
LONGEST = limits.ECHO_MAX_MS * limits.SAMPLE_RATE_HZ // 1_000
LOWEST_HZ, HIGHEST_HZ = 150, 7_500
"""Microphones and codecs cut off outside."""
SIGMAS = 1.4826
"""The standard deviation of normally distributed values over the median of their distances from the median."""
CERTAIN_SIGMAS = 40.0
"""A peak this far out of the scatter of the rest has the confidence 1."""
DOUBLED_MOST = 0.25
"""The most, of an echo's peak, at twice its delay, where noise may hide the negative one; a repetition has half of its
peak there, or more."""
USUAL_LEAST = 1 / 3
"""The least, of the mean window's peak, in the median window: an echo lasts, a chance likeness is in one alone."""

_WINDOW = np.hanning(SIZE).astype(np.float32)
_HERTZ = np.fft.rfftfreq(SIZE, 1 / limits.SAMPLE_RATE_HZ)
_BAND = (_HERTZ >= LOWEST_HZ) & (_HERTZ <= HIGHEST_HZ)
_FLOOR = float(SIZE)
"""About the power of the last bit's rounding in a bin: below it a spectrum says nothing of the sound."""


@dataclass(frozen=True, kw_only=True)
class Echo:
    """`gain`: the echo's amplitude over that of the sound; noise makes it seem less. `confidence`: from 0 to 1."""

    delay_ms: float
    gain: float
    confidence: float

    @property
    def attenuation_db(self) -> float:
        return -20 * log10(self.gain)


class EchoMeter:
    """Logarithmic spectra of the last windows."""

    def __init__(self) -> None:
        self._waiting: list[Reals] = []
        self._length = 0
        self._spectra: deque[Reals] = deque(maxlen=WINDOWS)

    def add(self, wave: Reals) -> None:
        """Take sound that follows what came before without a gap."""
        self._waiting.append(wave)
        self._length += len(wave)
        while self._length >= SIZE:
            joined = np.concatenate(self._waiting)
            spectrum = np.fft.rfft(joined[:SIZE] * _WINDOW)[_BAND]
            logarithm = np.log(spectrum.real**2 + spectrum.imag**2 + _FLOOR)
            self._spectra.append((logarithm - logarithm.mean()).astype(np.float32))
            self._waiting = [joined[HOP:]]
            self._length -= HOP

    def interrupt(self) -> None:
        """What comes next does not follow what came."""
        self._waiting, self._length = [], 0

    def echo(self) -> Echo | None:
        """The strongest echo; None when there is none, or too little sound to tell."""
        if len(self._spectra) < limits.ECHO_LEAST_WINDOWS:
            return None
        spectra = np.array(self._spectra)
        logarithm = np.zeros(len(_BAND))
        logarithm[_BAND] = spectra.mean(axis=0)
        return _judged(np.fft.irfft(logarithm) / _BAND.mean(), spectra)


def _judged(cepstrum: Reals, spectra: Reals) -> Echo | None:
    """The strongest peak of the mean cepstrum, if it is an echo's."""
    searched = cepstrum[SHORTEST : LONGEST + 1]
    delay = SHORTEST + int(searched.argmax())
    gain = float(cepstrum[delay])
    scatter = SIGMAS * float(np.median(np.abs(searched - np.median(searched))))
    confidence = min(1.0, gain / max(scatter, 1e-9) / CERTAIN_SIGMAS)
    if gain < limits.ECHO_MIN_GAIN or confidence < limits.ECHO_MIN_CONFIDENCE:
        return None
    doubled = float(cepstrum[2 * delay - 1 : 2 * delay + 2].max())
    if doubled > gain * DOUBLED_MOST or float(np.median(_each(spectra, delay))) < gain * USUAL_LEAST:
        return None
    return Echo(
        delay_ms=delay * 1_000 / limits.SAMPLE_RATE_HZ,
        gain=min(gain / _shared_by(delay), 1.0),
        confidence=confidence,
    )


def _each(spectra: Reals, delay: int) -> Reals:
    """Each window's own cepstrum at one delay."""
    waves = np.cos(2 * np.pi * delay / SIZE * np.flatnonzero(_BAND)).astype(np.float32)
    each: Reals = spectra @ waves * (2 / SIZE / _BAND.mean())
    return each


def _shared_by(delay: int) -> float:
    """How much of a window's sound has its echo in the same window."""
    return float(np.dot(_WINDOW[delay:], _WINDOW[:-delay]) / np.dot(_WINDOW, _WINDOW))
