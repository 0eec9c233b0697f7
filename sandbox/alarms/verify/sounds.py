"""Recordings that are hard to hear, made from a clean one. Pure; 16-bit little-endian mono samples in and out."""

import numpy as np

GREATEST = 32_767


def noisy(pcm: bytes, *, snr_db: float, seed: int) -> bytes:
    """With white noise this much weaker than the voice."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    loudness = float(np.sqrt(np.mean(samples**2)))
    noise = np.random.default_rng(seed).normal(0.0, loudness / 10 ** (snr_db / 20), len(samples))
    return _samples(samples + noise)


def clipped(pcm: bytes, *, gain: float) -> bytes:
    """Louder than the microphone can."""
    return _samples(np.frombuffer(pcm, dtype="<i2").astype(float) * gain)


def backwards(pcm: bytes) -> bytes:
    """Speech that no other recording sounds like."""
    return np.frombuffer(pcm, dtype="<i2")[::-1].tobytes()


def _samples(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> bytes:
    return np.clip(values, -GREATEST - 1, GREATEST).astype("<i2").tobytes()
