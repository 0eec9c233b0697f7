"""A run's metrics are those that somebody watches, whether they came or not, and then the others."""

import json

from sandbox.definitions.model import Alarm, Dashboard, Definitions
from sandbox.metrics.emf import Datum
from sandbox.metrics.journaled import about
from sandbox.metrics.observed import Limit, never_emitted, observe
from sandbox.metrics.watched import on_dashboard, watched

ALARM = Alarm(
    name="LateAlarm-staging", arn="arn", namespace="Ours", metric="Late", statistic="p95", threshold=0.5, period_s=60,
    comparison="GreaterThanThreshold", evaluation_periods=3, datapoints_to_alarm=2, dimensions=(("service", "a"),),
)  # fmt: skip
THROTTLED = Alarm(
    name="ThrottleAlarm-staging", arn="arn", namespace="AWS/Lambda", metric="Errors", statistic="Sum", threshold=0,
    comparison="LessThanThreshold", period_s=60, evaluation_periods=1, datapoints_to_alarm=1,
    dimensions=(("FunctionName", "f"),),
)  # fmt: skip


def dashboard(*rows: list) -> Dashboard:
    return Dashboard(
        name="d", body=json.dumps({"widgets": [{"properties": {"metrics": list(rows)}}, {"type": "text"}]})
    )


def test_a_dashboard_s_rows_may_repeat_what_stands_above():
    """CloudWatch's `.`; options at the end of a row name nothing."""
    rows = dashboard(["Ours", "Late", "service", "a", {"stat": "p95"}], [".", "Lost", ".", "."])
    assert list(on_dashboard(rows)) == [
        ("Ours", "Late", frozenset({("service", "a")})), ("Ours", "Lost", frozenset({("service", "a")})),
    ]  # fmt: skip
    assert list(on_dashboard(Dashboard(name="d", body="no JSON"))) == []


def test_what_is_watched_is_named_once_with_its_alarms():
    """In thousandths, since a journal has integers alone."""
    definitions = Definitions(
        revision=1, account_id="1", region="r", alarms={"a": ALARM},
        dashboards={"d": dashboard(["Ours", "Late", "service", "a"], ["Ours", "Lost", "service", "a"])},
    )  # fmt: skip
    late, lost = watched(definitions)
    assert (late["name"], late["dimensions"], late["alarms"][0]["thresholdMilli"]) == ("Late", {"service": "a"}, 500)
    assert (lost["name"], lost["alarms"]) == ("Lost", [])


def test_a_run_has_its_watched_metrics_first_and_names_those_that_never_came():
    """From the journal alone: what is watched, data points, and the ends of invocations."""
    definitions = Definitions(
        revision=1, account_id="1", region="r", alarms={"a": ALARM, "t": THROTTLED},
        dashboards={"d": dashboard(["Ours", "Lost", "service", "a"])},
    )  # fmt: skip
    other = Datum(namespace="Theirs", name="m", unit="Count", dimensions=(), values=(2.0,), timestamp_ms=1)
    late = Datum(
        namespace="Ours", name="Late", unit="Milliseconds", dimensions=(("service", "a"),), values=(0.25, 1.5),
        timestamp_ms=1,
    )  # fmt: skip
    end = {"t_ms": 40, "kind": "lambda.end", "function": "f", "status": "error", "durationMs": 3}
    observed = observe(
        [
            {"t_ms": 5, "kind": "metric", **about(other)},
            {"t_ms": 10, "kind": "metrics.watched", "metrics": watched(definitions)},
            {"t_ms": 20, "kind": "metric", **about(late)},
            end,
            end | {"function": "nobody-watches"},
        ]
    )
    assert [one.name for one in observed] == ["Lost", "Late", "Errors", "m"]
    assert [one.name for one in never_emitted(observed)] == ["Lost"]
    assert observed[1].samples == [(20, 0.25), (20, 1.5)]
    assert observed[1].limits == (Limit(alarm="LateAlarm-staging", statistic="p95", below=False, threshold=0.5),)
    assert (observed[2].samples, observed[2].limits[0].below) == ([(40, 1.0)], True)
    assert observed[3].figure("Sum") == 2.0
