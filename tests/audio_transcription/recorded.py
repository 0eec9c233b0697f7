"""Recorded speech, and what is added to it in known measure."""

import json
from pathlib import Path

import numpy as np
import soundfile
from audio_processor.sound import Sound
from numpy.typing import NDArray

Wave = NDArray[np.float64]

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
NAMES = ("austen-0870", "austen-0880", "austen-0890")
RATE_HZ = 16_000
FULL_SCALE = 32_767


def speech(*names: str) -> Wave:
    """The recordings one after the other, as real numbers on the scale of 16 bits."""
    return np.concatenate([soundfile.read(SAMPLES / f"{name}.wav", dtype="int16")[0].astype(float) for name in names])


def word_power(*names: str) -> float:
    """The mean square within the words, by the times of the recordings' transcripts."""
    spoken = []
    for name in names:
        wave = speech(name)
        for word in json.loads((SAMPLES / f"{name}.words.json").read_text())["words"]:
            spoken.append(wave[round(word["start"] * RATE_HZ) : round(word["end"] * RATE_HZ)])
    return float((np.concatenate(spoken) ** 2).mean())


def white(length: int, power: float, seed: int = 1) -> Wave:
    noise: Wave = np.random.default_rng(seed).normal(size=length) * np.sqrt(power)
    return noise


def pink(length: int, power: float, seed: int = 1) -> Wave:
    """Equal power in each octave from 20 Hz on."""
    spectrum = np.fft.rfft(white(length, 1.0, seed))
    hertz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20)), length)
    pinked: Wave = wave * np.sqrt(power / (wave**2).mean())
    return pinked


def echoed(wave: Wave, *, delay_ms: float, attenuation_db: float) -> Wave:
    delay = round(delay_ms * RATE_HZ / 1_000)
    again = np.zeros_like(wave)
    again[delay:] = wave[:-delay] * 10 ** (-attenuation_db / 20)
    return wave + again


def tone(amplitude: float, length_ms: int, *, hertz: float = 440) -> Wave:
    sine: Wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(RATE_HZ * length_ms // 1_000) / RATE_HZ)
    return sine


def pcm(wave: Wave) -> bytes:
    """As a microphone's converter would have it: rounded, and limited to full scale."""
    return np.clip(np.rint(wave), -FULL_SCALE - 1, FULL_SCALE).astype("<i2").tobytes()


def heard(wave: Wave, *, chunk_bytes: int = 3_200) -> Sound:
    """The sound after all of it came in chunks."""
    sound, audio = Sound(), pcm(wave)
    for at in range(0, len(audio), chunk_bytes):
        sound.add(audio[at : at + chunk_bytes], start_ms=at // 32)
    return sound
