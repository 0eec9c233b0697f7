"""Metrics as rows, lines and plots: a count has a sum, everything else a distribution."""

import re
from xml.etree import ElementTree

import pytest

from sandbox.metrics.observed import Limit, Observed
from sandbox.report import plots
from sandbox.report.metrics import lines, row, rows, section

COUNT = Observed(
    namespace="Ours", name="Chunks", dimensions={"service": "a"}, watched=True, unit="Count",
    samples=[(0, 1.0), (950, 2.0)],
)  # fmt: skip
LATE = Observed(
    namespace="Ours", name="Late", dimensions={"service": "a"}, watched=True, unit="Milliseconds",
    samples=[(100, 30.0), (500, 50.0)],
    limits=(Limit(alarm="LateAlarm", statistic="p95", below=False, threshold=60),),
)  # fmt: skip
ERRORS = Observed(namespace="AWS/Lambda", name="Errors", dimensions={"FunctionName": "f<1>"}, watched=True)


def test_the_table_and_the_lines_have_what_came():
    """Figures of the whole run; what never came is named elsewhere."""
    everything = [COUNT, LATE, ERRORS]
    assert rows(everything) == [
        ["Chunks", "a", "Count", "2", "3", "", "", "", "2", ""],
        ["Late", "a", "Milliseconds", "2", "", "40", "40", "49", "50", "LateAlarm: p95 > 60"],
    ]
    assert lines(everything) == [
        ("Chunks", "a", "3 in all"), ("Late", "a", "median 40, p95 49, most 50 ms (2 values)"),
    ]  # fmt: skip
    assert (row(ERRORS)["count"], row(ERRORS)["sum"]) == (0, None)
    assert (row(LATE)["p95"], row(LATE)["alarms"]) == (49.0, ["LateAlarm"])


def test_the_section_names_what_never_came_and_is_well_formed():
    """Markup of its own, whatever a function is called; nothing is fetched."""
    made = section([COUNT, LATE, ERRORS], span_ms=1000)
    assert "Never emitted: <code>Errors of f&lt;1&gt;</code>" in made
    assert len(re.findall("<svg", made)) == 2
    assert "Every watched metric was emitted" in section([COUNT], span_ms=1000)
    root = ElementTree.fromstring(f"<div>{made}</div>")
    assert not [element for element in root.iter() if {"src", "href"} & set(element.keys())]


def bars(svg: str) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in ElementTree.fromstring(svg) if one.tag.endswith("rect")]


def test_counts_are_drawn_as_bars_in_proportion():
    """The most fills the height; what is past the end belongs to the last bar."""
    low, high = bars(plots.counts([(0, 1.0), (640, 4.0), (641, 4.0)], 640))
    assert float(low["height"]) == pytest.approx((plots.HEIGHT - plots.FOOT) / 8, abs=0.1)
    assert float(high["height"]) == plots.HEIGHT - plots.FOOT
    assert float(high["x"]) == pytest.approx(plots.WIDTH * 63 / 64, abs=0.1)


def test_a_threshold_is_drawn_where_it_leaves_the_rest_readable():
    """Four times the highest value is the limit; zeros stand on the ground."""
    assert "stroke-dasharray" in plots.levels([(0, 10.0)], 100, 40)
    assert "stroke-dasharray" not in plots.levels([(0, 10.0)], 100, 41)
    assert f'cy="{plots.HEIGHT:.1f}"' in plots.levels([(0, 0.0)], 100, None)
