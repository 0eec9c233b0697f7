"""The sounds of a token: from the recogniser's dictionary, else from its letters. Pure."""

import itertools
from collections.abc import Callable

from sandbox.alignment.letters import phones, spelled
from sandbox.alignment.spoken import Token

Phones = tuple[str, ...]
Lookup = Callable[[str], tuple[Phones, ...]]
"""All pronunciations that the dictionary has of a word, none when it has not the word."""

MOST_VARIANTS = 6


def pronunciations(token: Token, lookup: Lookup) -> tuple[Phones, ...]:
    """How the token may sound, the likeliest first, at most `MOST_VARIANTS`."""
    found: dict[Phones, None] = {}
    for words in token.readings:
        choices = [_sounds(word, lookup) for word in words]
        for chosen in itertools.islice(itertools.product(*choices), MOST_VARIANTS):
            found[tuple(itertools.chain.from_iterable(chosen))] = None
    return tuple(itertools.islice((one for one in found if one), MOST_VARIANTS))


def _sounds(word: str, lookup: Lookup) -> tuple[Phones, ...]:
    known = lookup(word)
    if known:
        return known
    stem, mark, ending = word.partition("'")
    if mark and lookup(stem) and ending in ("s", ""):
        return tuple((*one, *(("Z",) if ending else ())) for one in lookup(stem))
    plain = word.replace("'", "")
    return (phones(plain),) if len(plain) > 1 else (spelled(plain),)
