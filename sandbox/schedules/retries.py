"""When EventBridge tries an event again, and when it gives it up. Pure.

Source: EventBridge user guide, "How EventBridge retries delivering events": for 24 hours and up to 185 times with an
exponential back-off and jitter. The waits themselves are not published: they double from one second, and stop growing
where 185 of them fill the 24 hours (?). There is no jitter.
"""

from sandbox.definitions.model import RuleTarget

FIRST_WAIT_MS = 1_000
LONGEST_WAIT_MS = 24 * 3_600_000 // 185
ATTEMPTS_EXHAUSTED = "MaximumRetryAttempts"
AGE_EXHAUSTED = "MaximumEventAgeInSeconds"


def after_failure(target: RuleTarget, *, retries: int, began_ms: int, now_ms: int) -> tuple[int, str | None]:
    """When something is to be done after so many retries, and None for one more or the condition that is exhausted."""
    if retries >= target.maximum_retry_attempts:
        return now_ms, ATTEMPTS_EXHAUSTED
    ends_ms = began_ms + target.maximum_event_age_s * 1000
    again_ms = now_ms + min(FIRST_WAIT_MS << min(retries, 20), LONGEST_WAIT_MS)
    return (again_ms, None) if again_ms < ends_ms else (max(now_ms, ends_ms), AGE_EXHAUSTED)
