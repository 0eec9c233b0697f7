"""`cron(minutes hours day-of-month month day-of-week year)` as EventBridge has it, in UTC. Pure.

E-01. Source: EventBridge user guide, "Creating a rule that runs on a schedule": the wildcards `, - * ? / L W #`, one of
the two day fields is `?`, years 1970 to 2199, days of the week from 1 (Sunday) to 7.
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LAST_YEAR = 2199
_SUNDAY = 6
_DAYS = {name: number for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}
_MONTHS = {name: number for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_NO_NAMES: Mapping[str, int] = {}

DaysOfMonth = Callable[[int, int], set[int]]
"""The days of a year's month on which something runs."""


@dataclass(frozen=True, kw_only=True)
class Cron:
    """When a rule runs."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: DaysOfMonth

    def next_run_ms(self, after_ms: int) -> int | None:
        """The first run after `after_ms` (epoch milliseconds), or None when there is none any more."""
        after = datetime.fromtimestamp(after_ms // 1000, tz=UTC)
        for year, month, day in self._dates(after):
            for hour in self.hours:
                for minute in self.minutes:
                    run_ms = int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1000
                    if run_ms > after_ms:
                        return run_ms
        return None

    def _dates(self, after: datetime) -> Iterator[tuple[int, int, int]]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (after.year, after.month):
                    first = after.day if (year, month) == (after.year, after.month) else 1
                    yield from ((year, month, day) for day in sorted(self.days(year, month)) if day >= first)


def parse(fields: str) -> Cron | None:
    """The six fields between the brackets, or None when EventBridge would not take them."""
    parts = fields.split(" ")
    if len(parts) != 6:
        return None
    minutes, hours, of_month, months, of_week, years = parts
    if (of_month == "?") == (of_week == "?"):
        return None
    read = (
        _numbers(minutes, 0, 59), _numbers(hours, 0, 23), _numbers(months, 1, 12, _MONTHS),
        _numbers(years, 1970, LAST_YEAR),
    )  # fmt: skip
    days = _days_of_month(of_month) if of_week == "?" else _days_of_week(of_week)
    if days is None or None in read:
        return None
    return Cron(minutes=read[0] or (), hours=read[1] or (), months=read[2] or (), years=read[3] or (), days=days)


def _numbers(text: str, least: int, most: int, names: Mapping[str, int] = _NO_NAMES) -> tuple[int, ...] | None:
    """The numbers of a list of values, ranges and steps; None for anything else."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if match is None or (match[1] == "*" and match[2]):
            return None
        first = least if match[1] == "*" else _number(match[1], names)
        last = _number(match[2], names) if match[2] else most if match[1] == "*" or match[3] else first
        step = int(match[3] or 1)
        if first is None or last is None or not least <= first <= last <= most or step < 1:
            return None
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))


def _number(text: str, names: Mapping[str, int]) -> int | None:
    return names.get(text) or (int(text) if text.isdecimal() else None)


def _days_of_month(text: str) -> DaysOfMonth | None:
    if text == "L":
        return lambda year, month: {_last(year, month)}
    nearest = re.fullmatch(r"(\d{1,2})W", text)
    if nearest is not None:
        wanted = int(nearest[1])
        return (lambda year, month: _nearest_weekday(year, month, wanted)) if 1 <= wanted <= 31 else None
    numbers = _numbers(text, 1, 31)
    return None if numbers is None else lambda year, month: {day for day in numbers if day <= _last(year, month)}


def _days_of_week(text: str) -> DaysOfMonth | None:
    last, nth = re.fullmatch(r"(\w+?)L", text), re.fullmatch(r"(\w+)#([1-5])", text)
    marked = last or nth
    if marked is not None and text not in _DAYS:
        wanted = _number(marked[1], _DAYS)
        if wanted is None or not 1 <= wanted <= 7:
            return None
        place = -1 if last is not None else int(marked[2]) - 1
        return lambda year, month: set(_all_of(year, month, wanted)[place:][:1])
    numbers = (7,) if text == "L" else _numbers(text, 1, 7, _DAYS)
    if numbers is None:
        return None
    return lambda year, month: {day for number in numbers for day in _all_of(year, month, number)}


def _all_of(year: int, month: int, weekday: int) -> list[int]:
    """The days of a month that are this day of the week, from 1 (Sunday) to 7."""
    first = (weekday - 2) % 7
    begins, length = calendar.monthrange(year, month)
    return list(range(1 + (first - begins) % 7, length + 1, 7))


def _nearest_weekday(year: int, month: int, day: int) -> set[int]:
    """The day from Monday to Friday that is nearest, within the month."""
    last = _last(year, month)
    if day > last:
        return set()
    weekday = calendar.weekday(year, month, day)
    if weekday == _SUNDAY:
        return {day + 1 if day < last else day - 2}
    if weekday == _SUNDAY - 1:
        return {day - 1 if day > 1 else day + 2}
    return {day}


def _last(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
