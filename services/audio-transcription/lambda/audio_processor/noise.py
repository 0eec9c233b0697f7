"""Signal-to-noise ratio of speech, from how quiet each band of frequencies becomes. Pure.

Speech leaves each band of frequencies now and then, even where it never pauses as a whole, and noise does not: a low
quantile of a band's power over some seconds is the noise in it (minimum statistics: R. Martin, IEEE Trans. Speech and
Audio Processing 9(5), 2001). Stationary noise scatters about its mean, so that its quantile lies below the mean by a
factor which follows from how many independent values a band's power is made of.
"""

from collections import deque
from itertools import accumulate, pairwise
from math import log10, sqrt

import numpy as np

from audio_processor import limits
from audio_processor.pcm import Reals

HOP = limits.SAMPLE_RATE_HZ // 50
FRAME = 2 * HOP
"""Frames of 40 ms every 20 ms."""
LOWEST_HZ, HIGHEST_HZ, BANDS = 100, 7_800, 18
QUANTILE = 0.10
QUANTILE_SIGMAS = -1.2816
"""The normal distribution's quantile of the same share."""
ACTIVE_WITHIN_DB = 13
"""Frames this far below the level of speech are pauses in it (ITU-T P.56 takes 15.9 dB)."""
ACTIVE_ROUNDS = 6
NOTHING = 0.25 * FRAME * HOP * 3 / 8
"""The power of a frame whose samples are half a step of the last bit: 3/8 is the mean square of a Hann window."""

_WINDOW = np.hanning(FRAME)


def _edges() -> list[int]:
    """First bins of the bands, and the end of the last: equal ratios, each band at least one bin."""
    wanted = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * FRAME / limits.SAMPLE_RATE_HZ
    return sorted({round(float(one)) for one in wanted})


def _quantile_of_mean(bins: int) -> float:
    """The quantile of a band's noise power, as a share of its mean.

    Neighbouring bins under a Hann window correlate with 2/3 and 1/6, so a band's power is distributed as Gamma of this
    shape; Wilson and Hilferty's approximation gives its quantile.
    """
    shape = bins**2 / (bins + 2 * (bins - 1) * (2 / 3) ** 2 + 2 * max(bins - 2, 0) * (1 / 6) ** 2)
    ninth = 1 / (9 * shape)
    return float((1 - ninth + QUANTILE_SIGMAS * sqrt(ninth)) ** 3)


_EDGES = _edges()
_BIAS = np.array([_quantile_of_mean(high - low) for low, high in pairwise(_EDGES)])


class NoiseMeter:
    """Powers of the bands over the last QUALITY_FRAMES windows of 100 ms.

    Windows are measured together when somebody asks: one transform of a hundred frames takes a third of the time of
    many with five.
    """

    def __init__(self) -> None:
        self._tail: Reals = np.empty(0)
        self._waiting: list[Reals] = []
        """Windows that are not measured yet; they follow `_tail`."""
        self._powers: deque[Reals] = deque(maxlen=limits.QUALITY_FRAMES)

    def add(self, wave: Reals) -> None:
        """Take one window, of a whole number of hops; it follows the one before without a gap."""
        self._waiting.append(wave)
        if len(self._waiting) == limits.QUALITY_FRAMES:
            self._measure()

    def interrupt(self) -> None:
        """What comes next does not follow what came."""
        self._measure()
        self._tail = np.empty(0)

    def _measure(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        joined = np.concatenate((self._tail, *waiting))
        frames = np.lib.stride_tricks.sliding_window_view(joined, FRAME)[::HOP] * _WINDOW
        spectrum = np.fft.rfft(frames, axis=1)
        powers = spectrum.real**2 + spectrum.imag**2
        bands = np.add.reduceat(powers[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
        # A frame is the window's in which it ends.
        ends = [(end - FRAME) // HOP + 1 for end in accumulate(map(len, waiting), initial=len(self._tail))]
        self._powers.extend(np.split(bands, ends[1:-1]))
        self._tail = joined[-(FRAME - HOP) :]

    def snr_db(self) -> float | None:
        """The level of speech over the noise, in decibels; None before anything was heard.

        Digital silence is left out: a gate or a codec that sends none between words does not make the words cleaner.
        """
        self._measure()
        if not self._powers:
            return None
        powers = np.concatenate(self._powers)
        powers = powers[powers.sum(axis=1) > NOTHING]
        if not len(powers):
            return None
        rank = int(QUANTILE * (len(powers) - 1))
        noise = float((np.partition(powers, rank, axis=0)[rank] / _BIAS).sum())
        speech = _active_level(np.maximum(powers.sum(axis=1) - noise, 0.0))
        return 10 * log10(max(speech, 1.0) / max(noise, 1.0))


def _active_level(frames: Reals) -> float:
    """The mean power of those frames that are not pauses."""
    level = float(frames.mean())
    for _ in range(ACTIVE_ROUNDS):
        active = frames[frames > level * 10 ** (-ACTIVE_WITHIN_DB / 10)]
        if not len(active):
            break
        level = float(active.mean())
    return level
