"""A word's sounds are the dictionary's, else its letters'; a token of several words has all their sounds."""

from sandbox.alignment.pronunciation import MOST_VARIANTS, pronunciations
from sandbox.alignment.spoken import Token

DICTIONARY = {"the": (("DH", "AH"), ("DH", "IY")), "cat": (("K", "AE", "T"),)}


def sounds(*readings: str) -> tuple[tuple[str, ...], ...]:
    token = Token(written="x", readings=tuple(tuple(reading.split()) for reading in readings))
    return pronunciations(token, lambda word: DICTIONARY.get(word, ()))


def test_the_dictionary_comes_first_with_all_its_variants():
    """The audio decides between them."""
    assert sounds("the") == (("DH", "AH"), ("DH", "IY"))


def test_an_unknown_word_is_read_by_its_letters():
    """It must not make the alignment fail."""
    assert sounds("bnip") == (("B", "N", "IH", "P"),)


def test_the_owner_of_something_is_the_word_and_a_z():
    """Few genitives are in a dictionary."""
    assert sounds("cat's") == (("K", "AE", "T", "Z"),)


def test_words_are_joined_and_variants_are_few():
    """Every combination up to the limit."""
    assert sounds("the cat") == (("DH", "AH", "K", "AE", "T"), ("DH", "IY", "K", "AE", "T"))
    assert len(sounds("the the the the")) == MOST_VARIANTS
