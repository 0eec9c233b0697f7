"""Words as they are compared everywhere: case and punctuation folded. Pure."""

import re
from functools import lru_cache

_NOT_A_WORD = re.compile(r"[^\w']+", re.UNICODE)


def fold(text: str) -> list[str]:
    """The words of a text with case and punctuation folded away."""
    return list(_folded(text))


@lru_cache(maxsize=4_096)
def _folded(text: str) -> tuple[str, ...]:
    # Partial results say each word many times.
    return tuple(word for word in _NOT_A_WORD.sub(" ", text.casefold()).split() if word.strip("'_"))
