"""What a policy did to the words: how late, how often twice, missing or wrong (`transcribe-wire.md` 8.5)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from partial_results.evaluation.policies import POLICIES, Arrival, Said
from partial_results.events import Item
from partial_results.text import words_of


@dataclass(frozen=True, kw_only=True)
class Row:
    """One policy's figures; latencies are milliseconds from a word's end to its first forwarding.

    `duplicated`, `omitted` and `wrong` are of what was said, before any correction; `left_wrong` is their sum in what
    the reader has in the end.
    """

    policy: str
    said_words: int
    duplicated: int
    omitted: int
    wrong: int
    left_wrong: int
    mean_ms: int | None
    p50_ms: int | None
    p90_ms: int | None
    words_per_segment: float


def compare(arrivals: Sequence[Arrival], lost: Sequence[Arrival] = ()) -> list[Row]:
    """Every policy on the same input; the truth is the finals, a word's time its end in them.

    `lost` are finals that were due and did not come: their words were spoken, but no policy sees them.
    """
    finals = sorted([*(one for one in arrivals if not one.result.is_partial), *lost], key=lambda one: one.at_ms)
    truth = [item for one in finals for item in words_of(one.result.items)]
    return [judge(name, policy(arrivals), truth) for name, policy in POLICIES.items()]


def judge(name: str, said: Sequence[Said], truth: Sequence[Item]) -> Row:
    """Align what was said with the truth by edit distance and count."""
    first = [one for one in said if one.corrects is None and one.text]
    spoken = [(word, one.at_ms) for one in first for word in _fold(one.text)]
    true_words, said_words = [item.folded for item in truth], [word for word, _ in spoken]
    pairs, omitted, exchanged, inserted = _align(true_words, said_words)
    duplicated = _repeats(true_words, said_words, inserted)
    latencies = sorted(spoken[place][1] - truth[index].end_ms for index, place in pairs)
    return Row(
        policy=name,
        said_words=len(spoken),
        duplicated=duplicated,
        omitted=omitted,
        wrong=exchanged + len(inserted) - duplicated,
        left_wrong=_left_wrong(said, true_words),
        mean_ms=round(sum(latencies) / len(latencies)) if latencies else None,
        p50_ms=latencies[len(latencies) // 2] if latencies else None,
        p90_ms=latencies[int(len(latencies) * 0.9)] if latencies else None,
        words_per_segment=round(len(spoken) / len(first), 1) if first else 0.0,
    )


def _left_wrong(said: Sequence[Said], truth: list[str]) -> int:
    """What is omitted, exchanged or too much once every correction stands in its place."""
    replaced = {one.corrects: one.text for one in said if one.corrects is not None}
    texts = [
        one.text if one.sequence is None else replaced.get(one.sequence, one.text)
        for one in said
        if one.corrects is None
    ]
    _, omitted, exchanged, inserted = _align(truth, [word for text in texts for word in _fold(text)])
    return omitted + exchanged + len(inserted)


def _repeats(truth: list[str], said: list[str], inserted: list[tuple[int, int]]) -> int:
    """How many of the inserted words were said near there too: no further away than the insertion is long, and one."""
    count = 0
    for _, group in itertools.groupby(sorted(inserted, key=lambda one: one[0]), key=lambda one: one[1]):
        run = list(group)
        index, reach = run[0][1], len(run) + 1
        near = truth[max(0, index - reach) : index + reach]
        count += sum(said[place] in near for place, _ in run)
    return count


def _fold(text: str) -> list[str]:
    words = [Item(text=word, is_punctuation=False, start_ms=0, end_ms=0).folded for word in text.split()]
    return [word for word in words if word]


def _align(truth: list[str], said: list[str]) -> tuple[list[tuple[int, int]], int, int, list[tuple[int, int]]]:
    """(pairs of equal words, omitted, exchanged, what was inserted: its place, and the truth's place behind it)."""
    rows, columns = len(truth) + 1, len(said) + 1
    cost = [[i + j if i == 0 or j == 0 else 0 for j in range(columns)] for i in range(rows)]
    for i in range(1, rows):
        for j in range(1, columns):
            exchanged = cost[i - 1][j - 1] + (truth[i - 1] != said[j - 1])
            cost[i][j] = min(exchanged, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    pairs, inserted = [], []
    omitted = exchanged_words = 0
    i, j = rows - 1, columns - 1
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (truth[i - 1] != said[j - 1]):
            if truth[i - 1] == said[j - 1]:
                pairs.append((i - 1, j - 1))
            else:
                exchanged_words += 1
            i, j = i - 1, j - 1
        elif j and cost[i][j] == cost[i][j - 1] + 1:
            inserted.append((j - 1, i))
            j -= 1
        else:
            omitted += 1
            i -= 1
    return pairs, omitted, exchanged_words, inserted
