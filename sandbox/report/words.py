"""Comparison of the words that arrived with the words that were spoken."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`matched` pairs an index of the spoken words with one of the arrived words."""

    matched: tuple[tuple[int, int], ...]
    omitted: int
    duplicated: int
    wrong: int

    @property
    def is_whole(self) -> bool:
        """Every spoken word arrived once and nothing else did."""
        return self.omitted == self.duplicated == self.wrong == 0


def compare(spoken: Sequence[str], arrived: Sequence[str]) -> Comparison:
    """Align by edit distance.

    A deletion is omitted; an insertion that repeats what stands beside it, or two or more words that arrived before,
    is duplicated; other insertions and substitutions are wrong (`transcribe-wire.md` 8.5).
    """
    matched: list[tuple[int, int]] = []
    omitted = duplicated = wrong = 0
    for step in Levenshtein.opcodes(list(spoken), list(arrived)):
        if step.tag == "equal":
            matched += zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True)
        elif step.tag == "delete":
            omitted += step.src_end - step.src_start
        elif step.tag == "replace":
            wrong += step.dest_end - step.dest_start
        elif _repeats(arrived, step.dest_start, step.dest_end):
            duplicated += step.dest_end - step.dest_start
        else:
            wrong += step.dest_end - step.dest_start
    return Comparison(matched=tuple(matched), omitted=omitted, duplicated=duplicated, wrong=wrong)


def _repeats(arrived: Sequence[str], start: int, end: int) -> bool:
    run = list(arrived[start:end])
    length = len(run)
    if run in (list(arrived[start - length : start]), list(arrived[end : end + length])):
        return True
    return length > 1 and any(list(arrived[i : i + length]) == run for i in range(start - length + 1))
