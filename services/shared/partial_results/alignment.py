"""Where committed words stand in a later hypothesis that disagrees with them."""

from collections.abc import Sequence


def reach(committed: Sequence[str], later: Sequence[str], *, covered: int) -> int:
    """How many words of the later hypothesis are said with the committed ones; what stands behind was never said.

    Committed words that begin the hypothesis unchanged decide alone. Else the same audio has other words: `covered`,
    the number of those that lie in audio whose words are committed, decides, and where times have moved by a word, the
    place of the last committed word near there.
    """
    if list(later[: len(committed)]) == list(committed):
        return len(committed)
    for place in (covered, covered - 1, covered + 1):
        if 0 < place <= len(later) and later[place - 1] == committed[-1]:
            return place
    return covered


def boundaries(committed: Sequence[str], later: Sequence[str]) -> list[int]:
    """For each boundary between committed words (0 … len), the boundary of `later` that belongs to it.

    The two are aligned from end to end by edit distance.
    """
    rows, columns = len(committed) + 1, len(later) + 1
    cost = [[0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i == 0 or j == 0:
                cost[i][j] = i + j
                continue
            exchanged = cost[i - 1][j - 1] + _exchange(committed[i - 1], later[j - 1])
            cost[i][j] = min(exchanged, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    column = columns - 1
    found = [0] * rows
    row = rows - 1
    found[row] = column
    while row > 0:
        exchange = _exchange(committed[row - 1], later[column - 1]) if column > 0 else 0
        if column > 0 and cost[row][column] == cost[row - 1][column - 1] + exchange:
            column -= 1
            row -= 1
            found[row] = column
        elif cost[row][column] == cost[row - 1][column] + 1:
            row -= 1
            found[row] = column
        else:
            column -= 1
    found[0] = 0
    return found


def _exchange(one: str, other: str) -> int:
    """What it costs that one word became another: words that begin alike are likely the same, others are two."""
    if one == other:
        return 0
    half = (min(len(one), len(other)) + 1) // 2
    return 1 if one[:half] == other[:half] else 2
