"""What listening to a speaker's sound costs: `python -m audio_processor.sound_cost`, 16-bit PCM on its standard input.

Plays the audio through the worker's own code and prints, as JSON, the processor time of each measure for a second of
audio, and its share of that second. `total` is the worker's whole path, measured on its own: `Sound` as it takes audio
in pieces, is judged every QUALITY_EVERY_MS and asked for each segment's dynamics, and the broadcast's volume.
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
from audio_processor.sound import WINDOW_BYTES, Sound

PIECE_MS = 500
"""A worker measures what it has gathered when it is asked: for a segment, for a checkpoint, or to judge."""
PIECE_BYTES = PIECE_MS * limits.BYTES_PER_MS

LEAST_S = 120
"""Audio that is played for each measure: processor time is counted in steps of up to 10 ms."""
SEGMENT_MS = 2_000
WORDS = 5
VOLUME = 0.5

Measure = Callable[[Sequence[bytes]], None]


def noise(pieces: Sequence[bytes]) -> None:
    meter = NoiseMeter()
    for number, piece in enumerate(pieces):
        for wave in samples(piece).astype(np.float64).reshape(-1, WINDOW_BYTES // 2):
            meter.add(wave)
        if _due(number, limits.QUALITY_EVERY_MS):
            meter.snr_db()


def echo(pieces: Sequence[bytes]) -> None:
    meter = EchoMeter()
    for number, piece in enumerate(pieces):
        meter.add(samples(piece).astype(np.float64))
        if _due(number, limits.QUALITY_EVERY_MS):
            meter.echo()


def volume(pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        at_volume(piece, VOLUME)


def dynamics(pieces: Sequence[bytes]) -> None:
    """Of segments of 2 s, on loudness that is measured already."""
    sound = _measured(pieces[: limits.SOUND_KEPT_MS // PIECE_MS])
    for number in range(len(pieces)):
        if _due(number, SEGMENT_MS):
            sound.dynamics(start_ms=20_000, end_ms=20_000 + SEGMENT_MS, words=WORDS)


def total(pieces: Sequence[bytes]) -> None:
    sound = Sound()
    for number, piece in enumerate(pieces):
        sound.add(piece, start_ms=number * PIECE_MS)
        at_volume(piece, VOLUME)
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
    once = [audio[at : at + PIECE_BYTES] for at in range(0, len(audio) - PIECE_BYTES + 1, PIECE_BYTES)]
    pieces = once * -(-LEAST_S * 1_000 // (len(once) * PIECE_MS))
    cost = {name: _cpu_ms_per_s(measure, pieces) for name, measure in MEASURES.items()}
    parts = [(name, value) for name, value in cost.items() if name != "total"]
    rest = ("loudness, clipping, silence", max(0.0, cost["total"] - sum(value for _, value in parts)))
    return [
        {"measure": name, "cpu_ms_per_s": round(value, 3), "percent": round(value / 10, 4)}
        for name, value in (*parts, rest, ("total", cost["total"]))
    ]


def _cpu_ms_per_s(measure: Measure, pieces: Sequence[bytes]) -> float:
    measure(pieces[:20])
    began_s = time.process_time()
    measure(pieces)
    return (time.process_time() - began_s) * 1_000 / (len(pieces) * PIECE_MS / 1_000)


def _due(number: int, every_ms: int) -> bool:
    return (number + 1) * PIECE_MS % every_ms == 0


def _measured(pieces: Sequence[bytes]) -> Sound:
    sound = Sound()
    for number, piece in enumerate(pieces):
        sound.add(piece, start_ms=number * PIECE_MS)
    return sound


if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    if len(given) < PIECE_BYTES:
        sys.exit(f"expected at least {PIECE_MS} ms of 16-bit PCM on the standard input, got {len(given)} bytes")
    print(json.dumps(measured(given)))
