"""A script's translations are found for any run of its words."""

import pytest

from sandbox.standins.phrase_book import PhraseBook, ScriptText

BOOK = PhraseBook(
    [
        [
            ScriptText(
                text="And he had then leisure, to consider.", language="en",
                translations={"es": "Y tuvo entonces ocio para considerar."},
            ),
            ScriptText(text="How much there might be.", language="en", translations={"es": "Cuánto podría haber."}),
        ],
        [ScriptText(text="Guten Tag.", language="de", translations={})],
    ]
)  # fmt: skip


def test_a_whole_script_segment_gets_its_translation():
    """Case and punctuation do not matter in the look-up."""
    assert BOOK.translate("and he had then leisure to consider", "es") == "Y tuvo entonces ocio para considerar."


@pytest.mark.parametrize("cut", range(1, 7))
def test_consecutive_pieces_join_to_the_scripts_translation(cut):
    """Wherever the core cuts, a listener reads the whole translation once."""
    words = "And he had then leisure to consider".split()
    pieces = [BOOK.translate(" ".join(part), "es") for part in (words[:cut], words[cut:])]
    assert " ".join(piece for piece in pieces if piece) == "Y tuvo entonces ocio para considerar."


def test_a_run_over_two_segments_takes_from_both():
    """Segments of the product need not end where the script's do."""
    assert BOOK.translate("to consider how much there might be", "es") == "para considerar. Cuánto podría haber."


@pytest.mark.parametrize(
    ("text", "language"), [("guten tag", "de"), ("had then", "en"), ("good day", None), ("", None)]
)
def test_words_of_a_script_tell_their_language(text, language):
    assert BOOK.language_of(text) == language
