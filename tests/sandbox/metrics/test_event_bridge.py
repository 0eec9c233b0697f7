"""AWS/Events counts, rule by rule, what ran and what could not be delivered."""

import pytest

from sandbox.metrics import platform


@pytest.mark.parametrize(
    ("kind", "name"), [("schedule.fired", "TriggeredRules"), ("schedule.failed", "FailedInvocations")]
)
def test_each_run_and_each_failure_counts_for_its_rule(kind, name):
    """E-06."""
    (datum,) = platform.read({"kind": kind, "rule": "tidy"}, now_ms=7)
    assert (datum.namespace, datum.name, datum.dimensions) == ("AWS/Events", name, (("RuleName", "tidy"),))
    assert (datum.values, datum.timestamp_ms) == ((1.0,), 7)


def test_what_else_a_schedule_says_is_not_counted():
    """A rule that EventBridge would not have taken never runs."""
    assert platform.read({"kind": "schedule.unsupported", "rule": "tidy"}, now_ms=7) == []
