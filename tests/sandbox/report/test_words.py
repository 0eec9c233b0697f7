"""Words are compared with case and punctuation folded; what is missing, repeated and wrong is told apart."""

import pytest

from sandbox.report.words import compare
from sandbox.text import fold


def test_case_and_punctuation_do_not_count():
    """Contract, "A recording and its script"."""
    assert fold("And Mister John, don't!") == ["and", "mister", "john", "don't"]


@pytest.mark.parametrize(
    ("arrived", "omitted", "duplicated", "wrong"),
    [
        ("a b c d", 0, 0, 0),
        ("a b d", 1, 0, 0),
        ("a b b c d", 0, 1, 0),
        ("a b a b c d", 0, 2, 0),
        ("a b c d x", 0, 0, 1),
        ("a x c d", 0, 0, 1),
        ("", 4, 0, 0),
    ],
)
def test_each_kind_of_difference_is_counted_as_its_own(arrived, omitted, duplicated, wrong):
    """A deletion, a repetition and a substitution are three different faults."""
    compared = compare(["a", "b", "c", "d"], arrived.split())
    assert (compared.omitted, compared.duplicated, compared.wrong) == (omitted, duplicated, wrong)
    assert compared.is_whole == (arrived == "a b c d")


def test_matched_words_are_paired_by_position():
    """The pairs carry a word's moments from one side to the other."""
    assert compare(["a", "b", "c"], ["a", "c"]).matched == ((0, 0), (2, 1))
