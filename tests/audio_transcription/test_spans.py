"""Spans of sequence numbers."""

from audio_processor.spans import after, count_outside, joined
from hypothesis import given
from hypothesis import strategies as st

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple), max_size=6)


def made(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    spans: tuple[tuple[int, int], ...] = ()
    for pair in pairs:
        spans = joined(spans, pair)
    return spans


def numbers(spans: tuple[tuple[int, int], ...]) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}


@given(SPANS)
def test_joined_spans_have_each_number_once(pairs):
    spans = made(pairs)
    assert [number for first, last in spans for number in range(first, last + 1)] == sorted(numbers(tuple(pairs)))


@given(SPANS, st.integers(-1, 31))
def test_what_lies_after_a_number(pairs, seq):
    assert numbers(after(made(pairs), seq)) == {one for one in numbers(tuple(pairs)) if one > seq}


@given(SPANS, st.integers(0, 30), st.integers(-1, 30))
def test_numbers_outside_are_counted(pairs, first, last):
    expected = len(set(range(first, last + 1)) - numbers(tuple(pairs)))
    assert count_outside(made(pairs), first, last) == expected
