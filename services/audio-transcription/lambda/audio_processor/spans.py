"""Spans of sequence numbers, each from its first to its last, apart from one another and in order. Pure."""

from collections.abc import Sequence

Span = tuple[int, int]


def joined(spans: Sequence[Span], span: Span) -> tuple[Span, ...]:
    """The spans with one more, which may overlap some of them."""
    first, last = span
    apart = [one for one in spans if one[1] < first or last < one[0]]
    met = [one for one in spans if one not in apart]
    whole = (min([first, *(one[0] for one in met)]), max([last, *(one[1] for one in met)]))
    return tuple(sorted([*apart, whole]))


def after(spans: Sequence[Span], seq: int) -> tuple[Span, ...]:
    """What of the spans lies after a number."""
    return tuple((max(first, seq + 1), last) for first, last in spans if last > seq)


def count_outside(spans: Sequence[Span], first: int, last: int) -> int:
    """How many numbers from `first` to `last` are in none of the spans."""
    inside = sum(max(0, min(last, end) - max(first, begin) + 1) for begin, end in spans)
    return max(0, last - first + 1) - inside
