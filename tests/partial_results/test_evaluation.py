"""The figures of a policy: what it said twice, lost or got wrong, and what is left of that after corrections."""

import pytest
from partial_results import Item, Result
from partial_results.evaluation.metrics import compare, judge
from partial_results.evaluation.policies import Arrival, Said


def items(text: str) -> tuple[Item, ...]:
    return tuple(
        Item(text=word, is_punctuation=False, start_ms=place * 300, end_ms=place * 300 + 300)
        for place, word in enumerate(text.split())
    )


def judged(truth: str, *said: str):
    return judge("p", [Said(at_ms=3000, text=text) for text in said], items(truth))


@pytest.mark.parametrize(
    ("said", "twice", "lost", "wrong"),
    [
        (["one two three four"], 0, 0, 0),
        (["one two", "two three four"], 1, 0, 0),
        (["one two", "one two three four"], 2, 0, 0),
        (["one two four"], 0, 1, 0),
        (["one too three four"], 0, 0, 1),
        (["one two and three four"], 0, 0, 1),
    ],
)
def test_what_is_said_is_counted_against_the_truth(said, twice, lost, wrong):
    """Words that stand near are repeats, others are wrong."""
    row = judged("one two three four", *said)
    assert (row.duplicated, row.omitted, row.wrong) == (twice, lost, wrong)
    assert row.left_wrong == twice + lost + wrong


def test_a_word_of_far_away_is_wrong_and_no_repeat():
    """`the` stands in every text."""
    row = judged("the one two three four five six", "the one two three four five the six")
    assert (row.duplicated, row.wrong) == (0, 1)


def test_corrections_mend_what_is_left_and_not_what_was_said():
    """A correction replaces the words of its segment."""
    said = [
        Said(at_ms=1000, text="won too", sequence=0),
        Said(at_ms=2000, text="three", sequence=1),
        Said(at_ms=3000, text="one two", sequence=2, corrects=0),
    ]
    row = judge("p", said, items("one two three"))
    assert (row.wrong, row.left_wrong, row.said_words) == (2, 0, 3)


def test_words_whose_final_never_came_are_lost_by_who_waits_for_it():
    """They were spoken."""
    heard = Result(result_id="r", is_partial=False, items=items("one two"), start_ms=0, end_ms=600)
    by_name = {row.policy: row for row in compare([], [Arrival(at_ms=600, result=heard)])}
    assert by_name["finals only"].omitted == 2
