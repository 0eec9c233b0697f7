"""The processor time of the audio processor's measures, taken from the product's own code in a process of its own.

The child imports what the function would: its package, and numpy from the audio layer, built for this machine's Python.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.functions import twins

LIMIT_PERCENT = 2.0
"""The product's promise: all measures of one stream together cost less of one core."""


class BenchFailedError(RuntimeError):
    """The child did not do its work; the text is its last line."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One measure, or all together as `total`: milliseconds of processor for a second of audio, and percent of it."""

    measure: str
    cpu_ms_per_s: float
    percent: float


def audio_layer(project: Path, cache_dir: Path) -> Path:
    """The folder to import the layer's packages from: the layer itself where this machine can, else its twin. Blocks.

    Raises TwinFailedError.
    """
    lock = project / "requirements" / "audio.lock"
    wanted = lock.read_bytes()
    if twins.host_runs_layers():
        for built in sorted((cache_dir / "layers").glob(f"*/{twins.LOCK_NAME}")):
            if built.read_bytes() == wanted:
                return built.parent / "python"
    return twins.twin(lock, cache_dir)


def costs(pcm: bytes, *, project: Path, cache_dir: Path) -> list[Cost]:
    """Play 16-bit PCM of 16 kHz through each measure; `total` is the last row. Raises BenchFailedError."""
    path = [
        audio_layer(project, cache_dir),
        project / "services" / "audio-transcription" / "lambda",
        project / "services" / "shared",
    ]
    # One core, as a stream has it on Lambda: no library may answer with threads.
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "audio_processor.sound_cost"],
        input=pcm, capture_output=True, check=False,
        env=os.environ | single | {"PYTHONPATH": os.pathsep.join(map(str, path))},
    )  # fmt: skip
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise BenchFailedError(said[-1] if said else f"the measurement ended with {ended.returncode}")
    return [Cost(**row) for row in json.loads(ended.stdout)]
