"""Metrics are kept apart by their exact dimensions, and reduced a period at a time."""

import pytest

from sandbox.metrics.emf import Datum
from sandbox.metrics.platform import read
from sandbox.metrics.series import KEPT_MS, Series, reduce


def datum(at_ms: int, *values: float, dimensions=(("service", "a"),)) -> Datum:
    return Datum(namespace="N", name="m", unit="Count", dimensions=dimensions, values=values, timestamp_ms=at_ms)


def test_a_period_holds_what_came_in_it_whatever_the_order():
    """Its start is in it, its end is not; other dimensions are another metric (C-04)."""
    series = Series()
    for one in (datum(120, 3.0), datum(60, 1.0), datum(119, 2.0), datum(61, 9.0, dimensions=())):
        series.add(one)
    assert series.values("N", "m", [("service", "a")], from_ms=60, to_ms=120) == [1.0, 2.0]
    assert series.values("N", "m", [], from_ms=0, to_ms=1000) == [9.0]
    assert series.values("N", "other", [], from_ms=0, to_ms=1000) == []


def test_what_no_alarm_can_ask_for_is_forgotten():
    """A day is kept."""
    series = Series()
    series.add(datum(0, 1.0))
    series.add(datum(KEPT_MS + 1, 2.0))
    assert series.values("N", "m", [("service", "a")], from_ms=0, to_ms=KEPT_MS * 2) == [2.0]


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 10.0), ("Average", 2.5), ("Minimum", 1.0), ("Maximum", 4.0), ("SampleCount", 4.0), ("p50", 2.5),
     ("p100", 4.0), ("p0", 1.0)],
)  # fmt: skip
def test_each_statistic(statistic, value):
    """Of 4, 1, 3, 2; of nothing there is none."""
    assert reduce([4.0, 1.0, 3.0, 2.0], statistic) == value
    assert reduce([], statistic) is None


def test_an_invocation_counts_and_a_failed_one_is_an_error_too():
    """AWS/Lambda, by FunctionName."""
    ended = {"kind": "lambda.end", "function": "f", "status": "timeout", "durationMs": 12}
    assert {one.name: one.values for one in read(ended, now_ms=7)} == {
        "Invocations": (1.0,), "Errors": (1.0,), "Duration": (12.0,)
    }  # fmt: skip
    assert [one.values for one in read(ended | {"status": "ok"}, now_ms=7) if one.name == "Errors"] == [(0.0,)]
    (throttle,) = read({"kind": "lambda.throttled", "function": "f"}, now_ms=7)
    assert (throttle.name, throttle.dimensions, throttle.timestamp_ms) == ("Throttles", (("FunctionName", "f"),), 7)
