"""Small plots of a metric over a run, as inline SVG. Pure."""

from collections.abc import Sequence

WIDTH, HEIGHT, FOOT = 320, 64, 14
BARS = 64

Sample = tuple[int, float]


def counts(samples: Sequence[Sample], span_ms: int) -> str:
    """Bars: what was counted in each of the run's equal parts."""
    width_ms = max(1, -(-span_ms // BARS))
    sums = [0.0] * BARS
    for at_ms, value in samples:
        sums[min(BARS - 1, max(0, at_ms // width_ms))] += value
    most = max(sums)
    step = WIDTH / BARS
    marks = "".join(
        f'<rect x="{number * step:.1f}" y="{_height(value, 0, most):.1f}" width="{step - 1:.1f}" '
        f'height="{HEIGHT - _height(value, 0, most):.1f}" fill="var(--mark)"/>'
        for number, value in enumerate(sums)
        if value
    )
    return _frame(marks, span_ms, most, f"in {width_ms / 1000:.1f} s")


def levels(samples: Sequence[Sample], span_ms: int, threshold: float | None) -> str:
    """Dots: each value at its moment, with the alarm's threshold where it is near enough to show the rest."""
    values = [value for _, value in samples]
    low, high = min(0.0, *values), max(values)
    near = threshold is not None and threshold <= 4 * max(high, 1)
    top = max(high, threshold) if near and threshold is not None else high
    marks = "".join(
        f'<circle cx="{_x(at_ms, span_ms):.1f}" cy="{_height(value, low, top):.1f}" r="2" fill="var(--mark)" '
        'fill-opacity=".7"/>'
        for at_ms, value in samples
    )
    if near and threshold is not None:
        y = _height(threshold, low, top)
        marks += f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--bad)" stroke-dasharray="4 3"/>'
    return _frame(marks, span_ms, top, "")


def _x(at_ms: int, span_ms: int) -> float:
    return WIDTH * max(0, at_ms) / max(1, span_ms)


def _height(value: float, low: float, high: float) -> float:
    """Where a value stands, from the top, below the line of the largest."""
    part = (value - low) / (high - low) if high > low else 0.0
    return HEIGHT - part * (HEIGHT - FOOT)


def _frame(marks: str, span_ms: int, most: float, unit: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img">{marks}'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}" stroke="var(--line)"/>'
        f'<text x="0" y="10">{most:g} {unit}</text><text x="0" y="{HEIGHT + 12}">0 s</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 12}" text-anchor="end">{span_ms / 1000:.0f} s</text></svg>'
    )
