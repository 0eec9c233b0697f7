"""Schedule expressions: `rate(value unit)`. Pure.

E-01: value of at least 1, unit minute(s), hour(s) or day(s), singular exactly when the value is 1, lower case, no extra
blanks. Cron expressions are valid on AWS and refused here with a clear text (docs/fidelity.md).
"""

import re

MINUTE_MS = 60_000
"""EventBridge's finest resolution ("Creating a rule that runs on a schedule")."""

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_UNIT_MS = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS, "day": 24 * 60 * MINUTE_MS}


class ScheduleError(ValueError):
    """The expression is none that EventBridge takes."""

    def __init__(self, expression: str) -> None:
        super().__init__("Parameter ScheduleExpression is not valid.")
        self.expression = expression


def period_ms(expression: str) -> int:
    """The milliseconds between two runs. Raises ScheduleError with AWS's text (E-02)."""
    match = _RATE.fullmatch(expression)
    if match is None or (match[1] == "1") == bool(match[3]):
        raise ScheduleError(expression)
    return int(match[1]) * _UNIT_MS[match[2]]


def next_run_ms(expression: str, created_ms: int, after_ms: int) -> int:
    """The first run after `after_ms`: a rate counts from the rule's creation (E-05)."""
    period = period_ms(expression)
    runs = max(0, (after_ms - created_ms) // period)
    return created_ms + (runs + 1) * period
