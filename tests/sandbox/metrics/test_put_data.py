"""PutMetricData becomes data points for the alarms."""

import pytest

from sandbox.clock import LiveClock
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.journal import Journal
from sandbox.metrics.put_data import VALUES_OF_A_DATUM, read
from sandbox.metrics.recorder import MetricsRecorder
from sandbox.metrics.series import Series

NOW_MS = 1_700_000_000_000


def values(**datum) -> tuple[float, ...]:
    (one,) = read({"Namespace": "N", "MetricData": [{"MetricName": "m", **datum}]}, now_ms=NOW_MS)
    return one.values


@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        ({"Value": 0}, (0.0,)),
        ({"Values": [1, 2.5]}, (1.0, 2.5)),
        ({"Values": [1, 2], "Counts": [2, 1]}, (1.0, 1.0, 2.0)),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 4, "Minimum": 4, "Maximum": 4}}, (4.0,)),
        ({"StatisticValues": {"SampleCount": 2, "Sum": 4, "Minimum": 1, "Maximum": 3}}, (1.0, 3.0)),
        ({"StatisticValues": {"SampleCount": 4, "Sum": 14, "Minimum": 1, "Maximum": 9}}, (1.0, 2.0, 2.0, 9.0)),
        ({"StatisticValues": {"SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0}}, ()),
        ({"Values": [1], "Counts": [VALUES_OF_A_DATUM + 1]}, ()),
        ({"StatisticValues": {"SampleCount": 1e12, "Sum": 1, "Minimum": 0, "Maximum": 1}}, ()),
    ],
)
def test_each_form_of_a_datum_has_its_values(datum, expected):
    """C-02: one value, values with counts, or statistics; no request fills the memory."""
    assert values(**datum) == expected


def test_a_datum_has_its_own_time_unit_and_resolution():
    """C-04, C-05: now, none and a minute where it does not say."""
    given = {"Value": 1, "Timestamp": 1_600_000_000.5, "Unit": "Seconds", "StorageResolution": 1,
             "Dimensions": [{"Name": "a", "Value": "b"}]}  # fmt: skip
    full, bare = read(
        {"Namespace": "N", "MetricData": [{"MetricName": "m", **given}, {"MetricName": "n", "Value": 2}]}, now_ms=NOW_MS
    )
    assert (full.timestamp_ms, full.unit, full.resolution_s) == (1_600_000_000_500, "Seconds", 1)
    assert full.dimensions == (("a", "b"),)
    assert (bare.timestamp_ms, bare.unit, bare.resolution_s, bare.dimensions) == (NOW_MS, "None", 60, ())


@pytest.mark.parametrize(("status", "target", "kept"), [(200, "PutMetricData", [3.0]), (400, "PutMetricData", []),
                                                        (200, "ListMetrics", [])])  # fmt: skip
def test_what_cloudwatch_has_taken_is_there_for_alarms(status, target, kept):
    """A refused request puts nothing."""
    clock, series = LiveClock(), Series()
    recorder = MetricsRecorder(clock=clock, journal=Journal(clock), series=series)
    request = HttpRequest(
        method="POST", host="localhost", path="/", query="", source_ip="127.0.0.1",
        headers=(("X-Amz-Target", f"GraniteServiceVersion20100801.{target}"),),
        body=b'{"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": 3}]}',
    )  # fmt: skip
    recorder.note(request, HttpResponse(status=status))
    assert series.values("N", "m", (), from_ms=0, to_ms=2**62) == kept
