"""A text's words keep their spelling and lose only the marks around them."""

import pytest

from sandbox.alignment.spoken import UnspeakableError, tokens


def said(text: str) -> list[tuple[str, str]]:
    return [(token.written, " ".join(token.readings[0])) for token in tokens(text)]


def test_marks_around_words_are_left_out_and_case_is_kept():
    """The model writes its own commas and full stops."""
    assert said('"Mr. Dashwood," he said \u2014 twice!') == [
        ("Mr", "mister"), ("Dashwood", "dashwood"), ("he", "he"), ("said", "said"), ("twice", "twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "reading"),
    [
        ("don\u2019t", "don't"),
        ("cold-hearted", "cold hearted"),
        ("50%", "fifty percent"),
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("R&D", "r and d"),
        ("na\u00efve", "naive"),
        ("COVID-19", "covid nineteen"),
        ("3pm", "three pm"),
    ],
)
def test_what_is_inside_a_word_is_read(written, reading):
    """Hyphens, apostrophes, accents, symbols and digits; the spelling stays."""
    assert said(written) == [(written, reading)]


def test_capitals_alone_may_also_be_spelled():
    """NASA is a word, AWS is letters: the audio decides."""
    (token,) = tokens("AWS")
    assert token.readings == (("aws",), ("a", "w", "s"))


def test_a_word_without_latin_letters_is_named():
    """Its sounds cannot be guessed."""
    with pytest.raises(UnspeakableError, match="\u4f60\u597d"):
        tokens("hello \u4f60\u597d")
