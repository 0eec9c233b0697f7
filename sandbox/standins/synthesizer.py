"""Real speech where this machine has a synthesiser: espeak-ng, found on the PATH."""

import io
import shutil
import subprocess
from collections.abc import Sequence

import numpy as np
import soundfile
import soxr

from sandbox.standins.polly_ssml import Passage
from sandbox.standins.speaking import silence

COMMANDS = ("espeak-ng", "espeak")
LONGEST_S = 20
WORDS_PER_MINUTE = 160
AMPLITUDES = {"silent": 0, "x-soft": 30, "soft": 60, "loud": 150, "x-loud": 200}
"""espeak-ng's `-a`, of which 100 is usual."""

LANGUAGES = {"arb": "ar", "ar-AE": "ar", "cmn-CN": "cmn", "yue-CN": "yue", "en-GB-WLS": "en-gb", "nb-NO": "nb"}
"""espeak-ng's names where they are not the first half of Polly's."""


class Synthesizer:
    """Speaks passages one after the other; None from `find` where there is no program for it."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def find(cls, path: str | None = None) -> "Synthesizer | None":
        """The first synthesiser on the PATH, or on the given one."""
        program = next((found for name in COMMANDS if (found := shutil.which(name, path=path))), None)
        return cls(program) if program else None

    def speak(self, passages: Sequence[Passage], *, language: str, rate_hz: int) -> bytes | None:
        """16-bit mono samples, or None where the program fails (it may lack the language)."""
        spoken: list[bytes] = []
        for one in passages:
            if one.text.strip():
                said = self._say(one, LANGUAGES.get(language, language.split("-", maxsplit=1)[0]), rate_hz)
                if said is None:
                    return None
                spoken.append(said)
            spoken.append(silence(one.pause_ms, rate_hz))
        return b"".join(spoken)

    def _say(self, passage: Passage, language: str, rate_hz: int) -> bytes | None:
        command = [
            self._program, "--stdout", "-v", language, "-s", str(WORDS_PER_MINUTE * passage.rate_percent // 100),
            "-a", str(AMPLITUDES.get(passage.volume, 100)), "--stdin",
        ]  # fmt: skip
        try:
            ended = subprocess.run(
                command, input=passage.text.encode(), capture_output=True, timeout=LONGEST_S, check=True
            )
            samples, rate = soundfile.read(io.BytesIO(ended.stdout), dtype="int16")
        except (OSError, subprocess.SubprocessError, soundfile.LibsndfileError):
            return None
        resampled = soxr.resample(samples, rate, rate_hz)
        return bytes(np.asarray(resampled, dtype="<i2").tobytes())
