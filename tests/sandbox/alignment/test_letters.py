"""Letters become sounds that are near enough to find a word in audio."""

import itertools
import re
from pathlib import Path

import pytest

from sandbox.alignment.aligner import available
from sandbox.alignment.letters import phones, spelled


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("station", "S T EY SH AH N"),
        ("knight", "N AY T"),
        ("zoom", "Z UW M"),
        ("blink", "B L IH NG K"),
        ("make", "M EY K"),
        ("city", "S IH T IY"),
        ("phone", "F OW N"),
    ],
)
def test_the_rules_read_ordinary_spelling(word, sounds):
    """Endings, silent letters, soft and hard c and g, the e that lengthens."""
    assert phones(word) == tuple(sounds.split())


def test_a_word_without_vowels_is_spelled():
    """As abbreviations are: DVD."""
    assert phones("dvd") == spelled("dvd") == ("D", "IY", "V", "IY", "D", "IY")


def test_every_string_of_letters_has_sounds():
    """No word may make an alignment fail."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert all(phones("".join(pair)) for pair in itertools.product(letters, repeat=2))


@pytest.mark.skipif(not available(), reason="the extra 'align' is not installed")
def test_four_sounds_of_five_are_those_of_the_dictionary():
    """Edit distance to the nearest pronunciation, over every fiftieth word of PocketSphinx's dictionary."""
    import pocketsphinx
    from rapidfuzz.distance import Levenshtein

    known: dict[str, list[list[str]]] = {}
    with Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).open(encoding="utf-8") as dictionary:
        for line in dictionary:
            entry, *sounds = line.split()
            word = entry.partition("(")[0]
            if re.fullmatch("[a-z]{3,}", word):
                known.setdefault(word, []).append(sounds)
    wrong = total = 0
    for word in sorted(known)[::50]:
        distance, length = min((Levenshtein.distance(phones(word), one), len(one)) for one in known[word])
        wrong, total = wrong + distance, total + length
    assert wrong / total < 0.2
