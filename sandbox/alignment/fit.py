"""Whether a text and its audio belong together, judged by how the aligned words sound. Pure.

An aligner lays any text over any audio. Its own scores tell them apart: the logarithm of how likely a word's sounds are
against the likeliest sounds of the same 10 ms. Measured with PocketSphinx's English model on read speech and on
cards read aloud: right words -2 to -7, wrong ones -8 to -15, whole right texts above -4.5.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

FRAME_MS = 10
POOR_WORD = -7.5
POOR_TEXT = -5.6
POOR_SHARE = 0.25
"""Of the words' time that may sound poor: names said otherwise than they are written, a cough."""
LOUD_BELOW_SPEECH_DB = 12
UNEXPLAINED_MS = 700
"""Loud audio without words: shorter is breath, a click, or the end of a word."""
LONGEST_SOUND_MS = 400
"""A word that lasts longer for each of its sounds covers words that the text has not: spoken slowly, 200."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A piece of the audio and the word laid over it, of so many sounds."""

    word: str
    sounds: int
    start_ms: int
    end_ms: int
    log_score: float

    @property
    def frames(self) -> int:
        return (self.end_ms - self.start_ms) // FRAME_MS


def misfit(stretches: Sequence[Stretch], levels_db: Sequence[float]) -> str | None:
    """Why text and audio do not belong together, as the end of a sentence; None when they do.

    `levels_db` is the loudness of each 10 ms of the audio.
    """
    words = [one for one in stretches if one.frames > 0]
    frames = sum(one.frames for one in words)
    if not frames:
        return "no word was found in it"
    poor = [one for one in words if one.log_score / one.frames < POOR_WORD]
    whole = sum(one.log_score for one in words) / frames
    if whole < POOR_TEXT or sum(one.frames for one in poor) > POOR_SHARE * frames:
        worst = min(words, key=lambda one: one.log_score / one.frames)
        return f"what is heard at {worst.start_ms / 1000:.1f} s is not {worst.word!r}"
    stretched = next((one for one in words if one.end_ms - one.start_ms > LONGEST_SOUND_MS * one.sounds), None)
    if stretched is not None:
        return f"more is said at {stretched.start_ms / 1000:.1f} s than {stretched.word!r}"
    missed_ms = _speech_without_words(words, levels_db)
    if missed_ms is not None:
        return f"somebody speaks at {missed_ms / 1000:.1f} s, where the text has no words"
    return None


def _speech_without_words(words: Sequence[Stretch], levels_db: Sequence[float]) -> int | None:
    """Where loud audio without words begins, when there is too much of it between two words."""
    covered = {frame for one in words for frame in range(one.start_ms // FRAME_MS, one.end_ms // FRAME_MS)}
    spoken = sorted(level for frame, level in enumerate(levels_db) if frame in covered)
    if not spoken:
        return None
    loud_db = spoken[len(spoken) // 2] - LOUD_BELOW_SPEECH_DB
    if sorted(levels_db)[len(levels_db) // 20] >= loud_db:
        return None  # noise never stops, so that loudness says nothing about speech
    for between, frames in itertools.groupby(range(len(levels_db)), key=lambda frame: frame not in covered):
        loud = [frame for frame in frames if levels_db[frame] >= loud_db]
        if between and len(loud) * FRAME_MS >= UNEXPLAINED_MS:
            return loud[0] * FRAME_MS
    return None
