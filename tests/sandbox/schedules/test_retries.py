"""When EventBridge tries an event again, to the millisecond."""

from sandbox.definitions.model import RuleTarget
from sandbox.schedules.retries import LONGEST_WAIT_MS, after_failure

DAY_MS = 86_400_000


def target(**retries: int) -> RuleTarget:
    return RuleTarget(target_id="t", arn="arn:f", **retries)  # type: ignore[arg-type]


def test_the_waits_double_and_then_stay():
    """E-06: an exponential back-off."""
    waits = [after_failure(target(), retries=one, began_ms=0, now_ms=0)[0] for one in (0, 1, 2, 8, 9, 184)]
    assert waits == [1000, 2000, 4000, 256_000, LONGEST_WAIT_MS, LONGEST_WAIT_MS]


def test_a_days_retries_are_185():
    """E-06: and one more is none."""
    now_ms = 0
    for retries in range(185):
        now_ms, exhausted = after_failure(target(), retries=retries, began_ms=0, now_ms=now_ms)
        assert exhausted is None
    assert now_ms < DAY_MS
    assert after_failure(target(), retries=185, began_ms=0, now_ms=now_ms) == (now_ms, "MaximumRetryAttempts")


def test_an_events_age_ends_it():
    """E-06: at that age, not at the retry that would have been later."""
    young = target(maximum_event_age_s=60)
    assert after_failure(young, retries=0, began_ms=0, now_ms=58_999) == (59_999, None)
    assert after_failure(young, retries=0, began_ms=0, now_ms=59_000) == (60_000, "MaximumEventAgeInSeconds")


def test_a_target_may_have_no_retries():
    """E-06."""
    at_once = target(maximum_retry_attempts=0)
    assert after_failure(at_once, retries=0, began_ms=0, now_ms=7) == (7, "MaximumRetryAttempts")
