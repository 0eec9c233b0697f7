"""What listening to a speaker's sound costs: `python -m audio_processor.sound_cost`, 16-bit PCM on its standard input.

Plays the audio through the worker's own code in chunks of 100 ms and prints, as JSON, the processor time of each
measure for a second of audio, and its share of that second. `total` is the worker's whole path, measured on its own:
`Sound` as it takes chunks, is judged every QUALITY_EVERY_MS and asked for each segment's dynamics, and the broadcast's
volume.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from audio_processor import limits
from audio_processor.echo import EchoMeter
from audio_processor.noise import NoiseMeter
from audio_processor.pcm import at_volume, samples
from audio_processor.sound import WINDOW_BYTES, WINDOW_MS, Sound

LEAST_S = 120
"""Audio that is played for each measure: processor time is counted in steps of up to 10 ms."""
SEGMENT_MS = 2_000
WORDS = 5
VOLUME = 0.5

Measure = Callable[[Sequence[bytes]], None]


def noise(chunks: Sequence[bytes]) -> None:
    meter = NoiseMeter()
    for number, chunk in enumerate(chunks):
        meter.add(samples(chunk).astype(np.float64))
        if _due(number, limits.QUALITY_EVERY_MS):
            meter.snr_db()


def echo(chunks: Sequence[bytes]) -> None:
    meter = EchoMeter()
    for number, chunk in enumerate(chunks):
        meter.add(samples(chunk).astype(np.float64))
        if _due(number, limits.QUALITY_EVERY_MS):
            meter.echo()


def volume(chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        at_volume(chunk, VOLUME)


def dynamics(chunks: Sequence[bytes]) -> None:
    """Of segments of 2 s, on loudness that is measured already."""
    sound = _measured(chunks[: limits.SOUND_KEPT_MS // WINDOW_MS])
    for number in range(len(chunks)):
        if _due(number, SEGMENT_MS):
            sound.dynamics(start_ms=20_000, end_ms=20_000 + SEGMENT_MS, words=WORDS)


def total(chunks: Sequence[bytes]) -> None:
    sound = Sound()
    for number, chunk in enumerate(chunks):
        sound.add(chunk, start_ms=number * WINDOW_MS)
        at_volume(chunk, VOLUME)
        if _due(number, limits.QUALITY_EVERY_MS):
            sound.quality()
        if _due(number, SEGMENT_MS):
            end_ms = sound.measured_until_ms
            sound.dynamics(start_ms=end_ms - SEGMENT_MS, end_ms=end_ms, words=WORDS)


MEASURES: Mapping[str, Measure] = {
    "noise": noise,
    "echo": echo,
    "volume": volume,
    "dynamics": dynamics,
    "total": total,
}


def measured(audio: bytes) -> list[dict[str, object]]:
    """One row for each measure: `measure`, `cpu_ms_per_s`, `percent`; and one for what the total has beside them."""
    once = [audio[at : at + WINDOW_BYTES] for at in range(0, len(audio) - WINDOW_BYTES + 1, WINDOW_BYTES)]
    chunks = once * -(-LEAST_S * 1_000 // (len(once) * WINDOW_MS))
    cost = {name: _cpu_ms_per_s(measure, chunks) for name, measure in MEASURES.items()}
    parts = [(name, value) for name, value in cost.items() if name != "total"]
    rest = ("loudness, clipping, silence", max(0.0, cost["total"] - sum(value for _, value in parts)))
    return [
        {"measure": name, "cpu_ms_per_s": round(value, 3), "percent": round(value / 10, 4)}
        for name, value in (*parts, rest, ("total", cost["total"]))
    ]


def _cpu_ms_per_s(measure: Measure, chunks: Sequence[bytes]) -> float:
    measure(chunks[:100])
    began_s = time.process_time()
    measure(chunks)
    return (time.process_time() - began_s) * 1_000 / (len(chunks) * WINDOW_MS / 1_000)


def _due(number: int, every_ms: int) -> bool:
    return (number + 1) * WINDOW_MS % every_ms == 0


def _measured(chunks: Sequence[bytes]) -> Sound:
    sound = Sound()
    for number, chunk in enumerate(chunks):
        sound.add(chunk, start_ms=number * WINDOW_MS)
    return sound


if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    if len(given) < WINDOW_BYTES:
        sys.exit(f"expected at least {WINDOW_MS} ms of 16-bit PCM on the standard input, got {len(given)} bytes")
    print(json.dumps(measured(given)))
