"""Vocabulary filters: words that are masked, removed or tagged in results. Pure."""

from collections.abc import Collection
from typing import Any

MASK = "***"


def filtered(result: dict[str, Any], words: Collection[str], method: str) -> dict[str, Any]:
    """The result with these words (lower case) masked, removed or tagged; the transcript follows its items."""
    if not words:
        return result
    alternatives = [_alternative(one, words, method) for one in result["Alternatives"]]
    return {**result, "Alternatives": alternatives}


def _alternative(alternative: dict[str, Any], words: Collection[str], method: str) -> dict[str, Any]:
    items = []
    for item in alternative["Items"]:
        matches = item["Type"] == "pronunciation" and item["Content"].lower() in words
        if matches and method == "remove":
            continue
        if matches and method == "mask":
            items.append({**item, "Content": MASK})
        else:
            items.append({**item, "VocabularyFilterMatch": True} if matches else item)
    return {**alternative, "Items": items, "Transcript": _transcript(items)}


def _transcript(items: list[dict[str, Any]]) -> str:
    text = ""
    for item in items:
        joint = " " if item["Type"] == "pronunciation" and text else ""
        text += joint + item["Content"]
    return text
