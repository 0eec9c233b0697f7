"""Words as they are compared everywhere: case and punctuation folded. Pure."""

import re

_NOT_A_WORD = re.compile(r"[^\w']+", re.UNICODE)


def fold(text: str) -> list[str]:
    """The words of a text with case and punctuation folded away."""
    return [word for word in _NOT_A_WORD.sub(" ", text.casefold()).split() if word.strip("'_")]
