"""Waits before another try grow to a bound, and two workers' differ."""

import pytest
from audio_processor import limits
from audio_processor.backoff import wait_ms


@pytest.mark.parametrize(
    ("attempt", "jitter", "waits"), [(0, 0.0, 100), (0, 1.0, 200), (3, 1.0, 1_600), (99, 1.0, 5_000)]
)
def test_waits_double_to_a_bound(attempt, jitter, waits):
    """From half to the whole of it."""
    assert wait_ms(attempt, jitter) == waits
    assert waits <= limits.RETRY_MOST_MS
