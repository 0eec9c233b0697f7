"""The figures as a table: in the terminal, and as the README has it."""

from collections.abc import Sequence

from rich.table import Table

from sandbox.bench.gateway.figures import OURS, Row


def table(measured: Sequence[Row], names: Sequence[str]) -> Table:
    """Medians by emulator and our ratios."""
    made = Table(title="medians; ratio of ours to the one it is held against", title_justify="left")
    made.add_column("figure")
    for name in (*names, "ratio", "promised"):
        made.add_column(name, justify="right")
    for cells in map(_cells, measured, [names] * len(measured)):
        made.add_row(*cells)
    return made


def markdown(measured: Sequence[Row], names: Sequence[str]) -> str:
    """The same as a table of a document."""
    heads = ["figure", *names, "ratio", "promised"]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *(_cells(row, names) for row in measured)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row, names: Sequence[str]) -> list[str]:
    figure = row.figure
    values = [f"{row.medians[name]:g}" if name in row.medians else "-" for name in names]
    ratio, promised = "", ""
    if row.ratio is not None and row.against is not None:
        ratio = f"{row.ratio:.2f} of {row.against}" if row.against != OURS else ""
        promised = f"{'≤' if figure.better == 'lower' else '≥'} {figure.ratio:g}"
    return [figure.name, *values, ratio, promised]
