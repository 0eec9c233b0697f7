"""Schedule expressions: `rate(value unit)` and `cron(six fields)`. Pure.

E-01: a rate's value is at least 1, its unit minute(s), hour(s) or day(s), singular exactly when the value is 1, lower
case, no extra blanks.
"""

import re

from sandbox.schedules import cron

MINUTE_MS = 60_000
"""EventBridge's finest resolution ("Creating a rule that runs on a schedule")."""

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.*)\)")
_UNIT_MS = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS, "day": 24 * 60 * MINUTE_MS}


class ScheduleError(ValueError):
    """The expression is none that EventBridge takes."""

    def __init__(self, expression: str) -> None:
        super().__init__("Parameter ScheduleExpression is not valid.")
        self.expression = expression


def next_run_ms(expression: str, created_ms: int, after_ms: int) -> int | None:
    """The first run after `after_ms`, None when there is none: a rate counts from the rule's creation (E-05).

    Raises ScheduleError with AWS's text (E-02).
    """
    written = _CRON.fullmatch(expression)
    if written is not None:
        schedule = cron.parse(written[1])
        if schedule is None:
            raise ScheduleError(expression)
        return schedule.next_run_ms(after_ms)
    period_ms = _period_ms(expression)
    runs = max(0, (after_ms - created_ms) // period_ms)
    return created_ms + (runs + 1) * period_ms


def check(expression: str) -> None:
    """Raises ScheduleError for what EventBridge does not take (E-02)."""
    next_run_ms(expression, 0, 0)


def _period_ms(expression: str) -> int:
    match = _RATE.fullmatch(expression)
    if match is None or (match[1] == "1") == bool(match[3]):
        raise ScheduleError(expression)
    return int(match[1]) * _UNIT_MS[match[2]]
