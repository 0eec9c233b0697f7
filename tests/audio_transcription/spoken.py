"""A script, and audio that says what it is.

Every millisecond (32 bytes) carries its own number from 1, silence is zeros. So a scripted Transcribe knows which part
of the session it hears, whatever stream it comes on.
"""

import itertools
import struct
from dataclasses import dataclass


def audio(start_ms: int, length_ms: int) -> bytes:
    return b"".join(struct.pack("<I", at + 1) * 8 for at in range(start_ms, start_ms + length_ms))


@dataclass(frozen=True, kw_only=True)
class Word:
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, kw_only=True)
class Utterance:
    words: tuple[Word, ...]
    orphan: bool = False
    """Whether its final never comes."""

    @property
    def end_ms(self) -> int:
        return self.words[-1].end_ms


def speech(*, sentences: int, words: int, gap_ms: int = 900, word_ms: int = 260, step_ms: int = 300) -> list[Utterance]:
    """Sentences of numbered words; each word once."""
    number, at_ms, script = itertools.count(), 400, []
    for _ in range(sentences):
        spoken = []
        for _ in range(words):
            spoken.append(Word(text=f"w{next(number)}", start_ms=at_ms, end_ms=at_ms + word_ms))
            at_ms += step_ms
        script.append(Utterance(words=tuple(spoken)))
        at_ms += gap_ms
    return script


def numbers(sound: bytes) -> tuple[int, ...]:
    """One number for each millisecond of audio; 0 is silence."""
    return struct.unpack(f"<{len(sound) // 4}I", sound)[::8]
