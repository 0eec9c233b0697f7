"""Results as the service writes them: items with times in seconds from the stream's start. Pure."""

from collections.abc import Sequence
from typing import Any

from fake_transcribe.script import Final, Partial, Word

MARKS = ",.?!;:"
LEAD_MS = 40
"""A partial's end is this far behind its last word (recorded: 0.03 to 0.06 s)."""


def partial_result(
    partial: Partial,
    *,
    words: Sequence[Word],
    skipped: int,
    offset_ms: int,
    result_id: str,
    stable_from: float | None,
) -> dict[str, Any] | None:
    """A hypothesis without its first `skipped` words; None when nothing is left of it.

    A mark is stable when the words on both sides of it are, so a mark at the end never is.
    """
    texts = partial.text.split()[skipped:]
    if not texts:
        return None
    stability = partial.stability[skipped:]
    timed = [words[min(skipped + index, len(words) - 1)] for index in range(len(texts))]
    items: list[dict[str, Any]] = []
    for index, (text, word) in enumerate(zip(texts, timed, strict=True)):
        core = text.rstrip(MARKS)
        items.append(_word(core or text, word, offset_ms) | _stable(stability[index], stable_from))
        if core and core != text:
            following = stability[index + 1] if index + 1 < len(texts) else 0.0
            both = min(stability[index], following)
            items.append(_mark(text[len(core) :], word, offset_ms) | _stable(both, stable_from))
    end_ms = timed[-1].end_ms + offset_ms + LEAD_MS
    return _result(items, texts, timed[0].start_ms + offset_ms, end_ms, result_id, is_partial=True)


def final_result(
    final: Final, *, words: Sequence[Word], skipped: int, offset_ms: int, result_id: str, stable: bool
) -> dict[str, Any]:
    """The final of the words that were heard; cut short, it ends with its last whole word."""
    texts = final.text.split()[skipped : skipped + len(words)]
    items: list[dict[str, Any]] = []
    flag = {"Stable": True} if stable else {}
    for text, word in zip(texts, words, strict=True):
        core = text.rstrip(MARKS)
        items.append(_word(core or text, word, offset_ms) | {"Confidence": word.confidence} | flag)
        if core and core != text:
            items.append(_mark(text[len(core) :], word, offset_ms) | flag)
    start_ms, end_ms = words[0].start_ms + offset_ms, words[-1].end_ms + offset_ms
    return _result(items, texts, start_ms, end_ms, result_id, is_partial=False)


def _result(
    items: list[dict[str, Any]], texts: Sequence[str], start_ms: int, end_ms: int, result_id: str, *, is_partial: bool
) -> dict[str, Any]:
    return {
        "Alternatives": [{"Items": items, "Transcript": " ".join(texts)}],
        "EndTime": _seconds(end_ms),
        "IsPartial": is_partial,
        "ResultId": result_id,
        "StartTime": _seconds(start_ms),
    }


def _word(text: str, word: Word, offset_ms: int) -> dict[str, Any]:
    return {
        "Content": text,
        "EndTime": _seconds(word.end_ms + offset_ms),
        "StartTime": _seconds(word.start_ms + offset_ms),
        "Type": "pronunciation",
        "VocabularyFilterMatch": False,
    }


def _mark(text: str, word: Word, offset_ms: int) -> dict[str, Any]:
    at = _seconds(word.end_ms + offset_ms)
    return {"Content": text, "EndTime": at, "StartTime": at, "Type": "punctuation", "VocabularyFilterMatch": False}


def _stable(stability: float, stable_from: float | None) -> dict[str, Any]:
    return {} if stable_from is None else {"Stable": stability >= stable_from}


def _seconds(ms: int) -> float:
    return max(0, ms) / 1000
