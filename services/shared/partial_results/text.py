"""Items as written text."""

from collections.abc import Sequence

from partial_results.events import Item

CLAUSE_MARKS = frozenset(",.?!;:")


def written(items: Sequence[Item]) -> str:
    """The items as one text: marks stand behind their word, and a mark without a word before it is left out."""
    text = ""
    for item in items:
        if not item.is_punctuation:
            text += f" {item.text}" if text else item.text
        elif text:
            text += item.text
    return text


def words_of(items: Sequence[Item]) -> list[Item]:
    """The items that are words."""
    return [item for item in items if not item.is_punctuation]


def is_clause_mark(item: Item) -> bool:
    return item.is_punctuation and item.text in CLAUSE_MARKS
