"""Translations that recordings' scripts carry, found for any run of their words. Pure.

A segment of the product is a piece of a script's segment, cut wherever words became stable. The piece's translation is
the proportional piece of the script's translation, so that consecutive pieces join to the whole of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.text import fold


@dataclass(frozen=True, kw_only=True)
class ScriptText:
    """One script segment: its text, its two-letter language, and its translations by language."""

    text: str
    language: str
    translations: Mapping[str, str]


class PhraseBook:
    """The texts of all recordings; each recording is a sequence of segments that may be spoken on from one another."""

    def __init__(self, recordings: Iterable[Iterable[ScriptText]]) -> None:
        known = [list(recording) for recording in recordings]
        self._recordings = [[(fold(one.text), one.translations) for one in recording] for recording in known]
        self._languages = [recording[0].language if recording else "" for recording in known]

    def translate(self, text: str, language: str) -> str | None:
        """The scripts' own translation of a run of their words, or None where no script has it."""
        found = self._find(text)
        if found is None:
            return None
        recording, start, end = found
        return self._pieces(self._recordings[recording], start, end, language)

    def language_of(self, text: str) -> str | None:
        """The language of the script that has these words, or None."""
        found = self._find(text)
        return None if found is None else self._languages[found[0]]

    def _find(self, text: str) -> tuple[int, int, int] | None:
        """The first recording with these words in a row, and where in it they begin and end."""
        wanted = fold(text)
        if not wanted:
            return None
        for number, segments in enumerate(self._recordings):
            words = [word for folded, _ in segments for word in folded]
            for start in range(len(words) - len(wanted) + 1):
                if words[start : start + len(wanted)] == wanted:
                    return number, start, start + len(wanted)
        return None

    @staticmethod
    def _pieces(segments: list[tuple[list[str], Mapping[str, str]]], start: int, end: int, language: str) -> str | None:
        pieces: list[str] = []
        position = 0
        for folded, translations in segments:
            first, last = max(start - position, 0), min(end - position, len(folded))
            position += len(folded)
            if first >= last:
                continue
            if language not in translations:
                return None
            target = translations[language].split()
            pieces += target[first * len(target) // len(folded) : last * len(target) // len(folded)]
        return " ".join(pieces) or None
