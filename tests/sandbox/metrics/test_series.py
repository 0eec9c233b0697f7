"""Metrics are kept apart by their exact dimensions, and reduced a period at a time."""

import pytest

from sandbox.metrics.emf import Datum
from sandbox.metrics.platform import read
from sandbox.metrics.series import FINE_MS, KEPT_MS, MINUTE_MS, Series, reduce

A = (("service", "a"),)


def datum(at_ms: int, *values: float, dimensions=A, unit="Count", resolution_s=60) -> Datum:
    return Datum(
        namespace="N", name="m", unit=unit, dimensions=dimensions, values=values, timestamp_ms=at_ms,
        resolution_s=resolution_s,
    )  # fmt: skip


def test_a_period_holds_what_came_in_it_whatever_the_order():
    """Its start is in it, its end is not; other dimensions are another metric (C-04)."""
    series = Series()
    for one in (datum(120_000, 3.0), datum(60_000, 1.0), datum(119_999, 2.0), datum(61_000, 9.0, dimensions=())):
        series.add(one)
    assert series.values("N", "m", A, from_ms=60_000, to_ms=120_000) == [1.0, 2.0]
    assert series.values("N", "m", [], from_ms=0, to_ms=1_000_000) == [9.0]
    assert series.values("N", "other", [], from_ms=0, to_ms=1_000_000) == []


def test_each_unit_is_a_series_of_its_own():
    """C-04: who names none sees all."""
    series = Series()
    for one in (datum(0, 1.0, unit="Seconds"), datum(0, 1000.0, unit="Milliseconds")):
        series.add(one)
    assert series.values("N", "m", A, from_ms=0, to_ms=1, unit="Seconds") == [1.0]
    assert series.values("N", "m", A, from_ms=0, to_ms=1, unit="Count") == []
    assert series.values("N", "m", A, from_ms=0, to_ms=1) == [1.0, 1000.0]


def test_standard_resolution_is_a_minute():
    """C-05: a point of high resolution is where it came, another at the beginning of its minute."""
    series = Series()
    series.add(datum(59_999, 1.0))
    series.add(datum(59_999, 2.0, dimensions=(), resolution_s=1))
    assert series.values("N", "m", A, from_ms=0, to_ms=1) == [1.0]
    assert series.values("N", "m", [], from_ms=0, to_ms=59_999) == []
    assert series.values("N", "m", [], from_ms=59_999, to_ms=60_000) == [2.0]


def test_high_resolution_lasts_three_hours():
    """C-05: then a point is its minute's, as one is that comes so late."""
    series = Series()
    for at_ms in (59_000, 59_000 + FINE_MS, 59_001 + FINE_MS, 58_000):
        series.add(datum(at_ms, 1.0, resolution_s=1))
    assert len(series.values("N", "m", A, from_ms=0, to_ms=1)) == 2
    assert len(series.values("N", "m", A, from_ms=59_000 + FINE_MS, to_ms=59_002 + FINE_MS)) == 2


def test_what_no_alarm_can_ask_for_is_forgotten():
    """C-05: fifteen days are kept."""
    series = Series()
    for at_ms in (0, MINUTE_MS, KEPT_MS + MINUTE_MS):
        series.add(datum(at_ms, 1.0))
    assert len(series.values("N", "m", A, from_ms=0, to_ms=KEPT_MS * 2)) == 2


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
