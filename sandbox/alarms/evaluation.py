"""Which state an alarm's data points put it in, and the reason as CloudWatch words it. Pure.

Source: Amazon CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", whose two tables are this
module's tests (C-07, C-08), and StateReason texts seen in the wild (C-11).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sandbox.definitions.model import Alarm

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

EVERY_MS = 60_000
SHORT_EVERY_MS = 10_000
"""C-06: alarms are evaluated each minute, those of shorter periods every ten seconds (CloudWatch user guide, "Alarm
evaluation frequency")."""

LOOKED_BACK_FURTHER = 2
"""Periods beyond the evaluation periods: the guide's example looks at five for three."""

_CROSSES: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda value, threshold: value >= threshold, "greater than or equal to"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, threshold: value <= threshold, "less than or equal to"),
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """One period: when it began, and its statistic, or None when nothing was reported."""

    at_ms: int
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The state that follows, and why."""

    state: State
    reason: str


def every_ms(alarm: Alarm) -> int:
    """How often an alarm is evaluated: at each whole such time (C-06)."""
    return SHORT_EVERY_MS if alarm.period_s < 60 else EVERY_MS


def periods(alarm: Alarm, now_ms: int) -> list[int]:
    """When each period of the evaluation range began, the oldest first.

    The window slides: its last period ends when the alarm was last due, whatever the period's length (CloudWatch user
    guide, "Alarm evaluation windows": a sliding window is the default).
    """
    length_ms = alarm.period_s * 1000
    last_end_ms = now_ms // every_ms(alarm) * every_ms(alarm)
    count = alarm.evaluation_periods + LOOKED_BACK_FURTHER
    return [last_end_ms - length_ms * number for number in range(count, 0, -1)]


def evaluate(alarm: Alarm, state: State, points: Sequence[Point]) -> Verdict:
    """The state that the points of the evaluation range (the oldest first) put the alarm in."""
    crosses, _ = _CROSSES[alarm.comparison]
    wanted, needed = alarm.evaluation_periods, alarm.datapoints_to_alarm
    known = [(point.at_ms, point.value) for point in points if point.value is not None][-wanted:]
    missing = wanted - len(known)
    breaching = sum(crosses(value, alarm.threshold) for _, value in known)
    if not known:
        return _without_data(alarm, state)
    if missing == 0 or alarm.treat_missing in ("breaching", "notBreaching"):
        filled = breaching + (missing if alarm.treat_missing == "breaching" else 0)
        following: State = "ALARM" if filled >= needed else "OK"
    elif breaching < len(known):
        following = "ALARM" if breaching >= needed else "OK"
    else:
        following = state if alarm.treat_missing == "ignore" else "ALARM"
    return Verdict(state=following, reason=_reason(alarm, state, following, known))


def _without_data(alarm: Alarm, state: State) -> Verdict:
    treated: dict[str, tuple[State, str]] = {
        "breaching": ("ALARM", "Breaching"),
        "notBreaching": ("OK", "NonBreaching"),
        "ignore": (state, "Ignored"),
    }
    wanted = alarm.evaluation_periods
    if alarm.treat_missing not in treated:
        reason = f"Insufficient Data: {wanted} datapoint{_s(wanted)} {_were(wanted)} unknown."
        return Verdict(state="INSUFFICIENT_DATA", reason=reason)
    following, how = treated[alarm.treat_missing]
    text = (
        f"Threshold Crossed: no datapoints were received for {wanted} period{_s(wanted)} and {wanted} missing "
        f"datapoint{_s(wanted)} {_were(wanted)} treated as [{how}]."
    )
    return Verdict(state=following, reason=text)


def _reason(alarm: Alarm, state: State, following: State, known: Sequence[tuple[int, float]]) -> str:
    crosses, words = _CROSSES[alarm.comparison]
    concerned = [one for one in known if crosses(one[1], alarm.threshold) == (following == "ALARM")] or list(known)
    shown = ", ".join(f"{value} ({_moment(at_ms)})" for at_ms, value in reversed(concerned))
    count, needed = len(concerned), alarm.datapoints_to_alarm
    negated = "" if following == "ALARM" else "not "
    verb = _were(count)
    return (
        f"Threshold Crossed: {count} out of the last {len(known)} datapoints [{shown}] {verb} {negated}{words} the "
        f"threshold ({alarm.threshold}) (minimum {needed} datapoint{_s(needed)} for {state} -> {following} transition)."
    )


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%d/%m/%y %H:%M:%S")


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
