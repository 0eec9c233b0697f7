"""16-bit little-endian samples: reading, scaling, loudness. Pure."""

from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Reals = NDArray[np.floating[Any]]

FULL_SCALE = 32_767


def samples(audio: bytes) -> Samples:
    """The samples of an even number of bytes; a view, not a copy."""
    return np.frombuffer(audio, dtype="<i2")


def at_volume(audio: bytes, volume: float) -> bytes:
    """The audio with each sample multiplied by a volume from 0.0 to 1.0, rounded to the nearest."""
    if volume >= 1.0:
        return audio
    if volume <= 0.0:
        return bytes(len(audio))
    scaled: bytes = np.rint(samples(audio) * np.float32(volume)).astype("<i2").tobytes()
    return scaled


def dbfs(power: float) -> float:
    """Decibels of a mean square, against full scale; digital silence reads as half a step of the last bit."""
    return 10 * log10(max(power, 0.25) / FULL_SCALE**2)
