"""The tables of "Configuring how CloudWatch alarms treat missing data", row by row, and the words of a reason."""

import dataclasses

import pytest

from sandbox.alarms.evaluation import Point, evaluate, periods
from sandbox.definitions.model import Alarm

ALARM = Alarm(
    name="a", arn="arn", namespace="N", metric="m", statistic="Sum", comparison="GreaterThanThreshold", threshold=1.0,
    period_s=60, evaluation_periods=3, datapoints_to_alarm=3,
)  # fmt: skip
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
INSUFFICIENT, KEEP = "INSUFFICIENT_DATA", "keep"

THREE_OF_THREE = {
    "0-X-X": ("OK", "OK", "OK", "OK"),
    "0----": ("OK", "OK", "OK", "OK"),
    "-----": (INSUFFICIENT, KEEP, "ALARM", "OK"),
    "0XX-X": ("ALARM",) * 4,
    "--X--": ("ALARM", KEEP, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0-X-X": ("ALARM",) * 4,
    "00X0X": ("ALARM",) * 4,
    "0-X--": ("OK", "OK", "ALARM", "OK"),
    "----0": ("OK", "OK", "ALARM", "OK"),
    "---X-": ("ALARM", KEEP, "ALARM", "OK"),
}


def points(drawn: str) -> list[Point]:
    values = {"0": 0.0, "X": 5.0, "-": None}
    return [Point(at_ms=number * 60_000, value=values[one]) for number, one in enumerate(drawn)]


@pytest.mark.parametrize("state", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize(("table", "needed"), [(THREE_OF_THREE, 3), (TWO_OF_THREE, 2)])
def test_missing_data_is_treated_as_the_guide_s_tables_say(table, needed, treatment, state):
    """C-07, C-08. `0`: not breaching, `X`: breaching, `-`: missing; five periods are looked at."""
    alarm = dataclasses.replace(ALARM, datapoints_to_alarm=needed, treat_missing=treatment)
    for drawn, expected in table.items():
        wanted = expected[TREATMENTS.index(treatment)]
        assert evaluate(alarm, state, points(drawn)).state == (state if wanted == KEEP else wanted), drawn


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        ("GreaterThanThreshold", 1.0, "OK"), ("GreaterThanThreshold", 1.1, "ALARM"),
        ("GreaterThanOrEqualToThreshold", 1.0, "ALARM"), ("LessThanThreshold", 1.0, "OK"),
        ("LessThanThreshold", 0.9, "ALARM"), ("LessThanOrEqualToThreshold", 1.0, "ALARM"),
    ],
)  # fmt: skip
def test_the_threshold_itself_counts_as_the_operator_says(comparison, value, state):
    """At the threshold, and one side of it."""
    alarm = dataclasses.replace(ALARM, comparison=comparison, evaluation_periods=1, datapoints_to_alarm=1)
    assert evaluate(alarm, "OK", [Point(at_ms=0, value=value)]).state == state


def test_a_reason_reads_as_cloudwatch_s():
    """C-11: the data points, the newest first, the threshold and the transition."""
    alarm = dataclasses.replace(
        ALARM, comparison="GreaterThanOrEqualToThreshold", threshold=0.0, evaluation_periods=1, datapoints_to_alarm=1
    )
    verdict = evaluate(alarm, "OK", [Point(at_ms=1_607_054_160_000, value=0.0)])
    assert verdict.reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (04/12/20 03:56:00)] was greater than or equal to the "
        "threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    silent = dataclasses.replace(ALARM, evaluation_periods=2, datapoints_to_alarm=2, treat_missing="breaching")
    assert evaluate(silent, "OK", points("----")).reason == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
        "[Breaching]."
    )


def test_whole_periods_are_looked_at_and_two_more_than_asked_for():
    """C-06: the running minute is not over, so it says nothing yet."""
    assert periods(ALARM, 600_500) == [300_000, 360_000, 420_000, 480_000, 540_000]


def test_the_window_slides_with_each_minute():
    """C-06: a period of five minutes is the last five, not the five since the clock's last multiple of five."""
    alarm = dataclasses.replace(ALARM, period_s=300, evaluation_periods=1, datapoints_to_alarm=1)
    assert periods(alarm, 1_260_500) == [360_000, 660_000, 960_000]
    assert periods(alarm, 1_320_000) == [420_000, 720_000, 1_020_000]


def test_the_window_of_a_short_period_slides_with_each_ten_seconds():
    """C-06."""
    alarm = dataclasses.replace(ALARM, period_s=30, evaluation_periods=1, datapoints_to_alarm=1)
    assert periods(alarm, 129_999) == [30_000, 60_000, 90_000]
    assert periods(alarm, 130_000) == [40_000, 70_000, 100_000]
