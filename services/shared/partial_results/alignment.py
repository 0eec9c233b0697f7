"""Where committed words stand in a final that disagrees with them."""

from collections.abc import Sequence


def boundaries(committed: Sequence[str], final: Sequence[str]) -> list[int]:
    """For each boundary between committed words (0 … len), the boundary of the final that belongs to it.

    The committed words are aligned with that prefix of the final that is nearest to them by edit distance, the longest
    of equals; so what stands behind the last boundary was never said.
    """
    rows, columns = len(committed) + 1, len(final) + 1
    cost = [[0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i == 0 or j == 0:
                cost[i][j] = i + j
                continue
            exchanged = cost[i - 1][j - 1] + _exchange(committed[i - 1], final[j - 1])
            cost[i][j] = min(exchanged, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    column = min(range(columns), key=lambda j: (cost[rows - 1][j], abs(j - len(committed))))
    found = [0] * rows
    row = rows - 1
    found[row] = column
    while row > 0:
        exchange = _exchange(committed[row - 1], final[column - 1]) if column > 0 else 0
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
