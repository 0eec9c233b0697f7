"""What a connection is told as it grows old: exactly at the configured minutes."""

import pytest
from heartbeat_handler.ages import notices

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("age_ms", "told"),
    [
        (0, []),
        (100 * MINUTE_MS - 1, []),
        (100 * MINUTE_MS, ["connectionRefreshRequired"]),
        (105 * MINUTE_MS - 1, ["connectionRefreshRequired"]),
        (105 * MINUTE_MS, ["connectionRefreshRequired", "connectionWarning"]),
    ],
)
def test_a_refresh_is_asked_for_and_then_warned_of(age_ms, told):
    """From 100 and from 105 minutes on."""
    messages = notices(age_ms=age_ms, refresh_from_ms=100 * MINUTE_MS, warn_from_ms=105 * MINUTE_MS)
    assert [one["type"] for one in messages] == told


@pytest.mark.parametrize(("minutes", "left_s"), [(105, 900), (119.5, 30), (121, 0)])
def test_the_warning_says_how_many_seconds_are_left(minutes, left_s):
    """Of API Gateway's two hours; never below zero."""
    *_, warning = notices(age_ms=int(minutes * MINUTE_MS), refresh_from_ms=0, warn_from_ms=0)
    assert warning["remainingSeconds"] == left_s
