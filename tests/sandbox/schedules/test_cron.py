"""Cron expressions run when EventBridge would run them, in UTC, and those it does not take are none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.schedules import cron


def runs(fields: str, after: str, count: int = 1) -> list[str]:
    schedule = cron.parse(fields)
    assert schedule is not None
    at_ms, found = int(datetime.fromisoformat(f"{after}+00:00").timestamp() * 1000), []
    for _ in range(count):
        run_ms = schedule.next_run_ms(at_ms)
        if run_ms is None:
            break
        found.append(datetime.fromtimestamp(run_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M"))
        at_ms = run_ms
    return found


@pytest.mark.parametrize(
    ("fields", "after", "expected"),
    [
        ("0 10 * * ? *", "2026-11-25 10:00", ["2026-11-26 10:00", "2026-11-27 10:00"]),
        ("15 12 * * ? *", "2026-11-25 12:14:59", ["2026-11-25 12:15"]),
        ("0 18 ? * MON-FRI *", "2026-11-27 18:00", ["2026-11-30 18:00", "2026-12-01 18:00"]),
        ("0 8 1 * ? *", "2026-11-25 00:00", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("0/15 * * * ? *", "2026-11-25 10:50", ["2026-11-25 11:00", "2026-11-25 11:15"]),
        ("0/10 * ? * MON-FRI *", "2026-11-29 23:59", ["2026-11-30 00:00", "2026-11-30 00:10"]),
        ("0/5 8-17 ? * MON-FRI *", "2026-11-25 17:55", ["2026-11-26 08:00"]),
        ("0/30 20-2 ? * MON-FRI *", "2026-11-25 17:55", None),
        ("0 0 L * ? *", "2028-02-01 00:00", ["2028-02-29 00:00", "2028-03-31 00:00"]),
        ("0 0 ? * 6L *", "2026-11-25 00:00", ["2026-11-27 00:00", "2026-12-25 00:00"]),
        ("0 0 ? * L *", "2026-11-25 00:00", ["2026-11-28 00:00"]),
        ("0 0 ? * 3#2 *", "2026-11-25 00:00", ["2026-12-08 00:00", "2027-01-12 00:00"]),
        ("0 0 ? * FRI#5 *", "2026-11-25 00:00", ["2027-01-29 00:00"]),
        ("0 0 3W * ? *", "2026-09-30 00:00", ["2026-10-02 00:00", "2026-11-03 00:00"]),
        ("0 0 1W * ? *", "2026-07-31 00:00", ["2026-08-03 00:00"]),
        ("0 0 31W * ? *", "2027-01-01 00:00", ["2027-01-29 00:00", "2027-03-31 00:00"]),
        ("0 0 29 FEB ? *", "2026-11-25 00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 1,15 JAN,JUL ? 2027", "2026-11-25 00:00",
         ["2027-01-01 00:00", "2027-01-15 00:00", "2027-07-01 00:00", "2027-07-15 00:00"]),
    ],
)  # fmt: skip
def test_an_expression_runs_at_its_times(fields, after, expected):
    """E-01: the user guide's examples and each wildcard."""
    if expected is None:
        assert cron.parse(fields) is None
    else:
        assert runs(fields, after, len(expected)) == expected


@pytest.mark.parametrize("fields", ["0 0 30 2 ? *", "0 0 ? 2 * 2020"])
def test_an_expression_may_never_run_again(fields):
    """The thirtieth of February, or a year that is over."""
    assert runs(fields, "2026-11-25 00:00") == []


@pytest.mark.parametrize(
    "fields",
    ["0 dummy ? * MON-FRI *", "0 1 * * * *", "0 1 ? * ? *", "60 0 * * ? *", "0 24 * * ? *", "0 0 0 * ? *",
     "0 0 32 * ? *", "0 0 * 13 ? *", "0 0 ? * 8 *", "0 0 ? * 0 *", "0 0 * * ? 1969", "0 0 * * ? 2200", "0 12", "",
     "0 0 * * ?", "0 0  * * ? *", "0/0 0 * * ? *", "5-1 0 * * ? *", "*-5 0 * * ? *", "0 0 ? * 2#6 *", "0 0 W * ? *",
     "0 0 ? * 8L *", "0 0 32W * ? *", "0 0 ? * XL *", ", 0 * * ? *"],
)  # fmt: skip
def test_what_eventbridge_does_not_take_is_none(fields):
    """E-02: at each field's limit and past it."""
    assert cron.parse(fields) is None


@given(
    minute=st.integers(0, 59), hour=st.integers(0, 23), weekday=st.integers(1, 7),
    after=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
)  # fmt: skip
def test_a_weekly_run_is_the_first_such_minute_after(minute, hour, weekday, after):
    """Held against counting minutes forward from the moment."""
    wanted = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    wanted = wanted if after.second or after.microsecond else after + timedelta(minutes=1)
    while (wanted.isoweekday() % 7 + 1, wanted.hour, wanted.minute) != (weekday, hour, minute):
        if wanted.hour != hour:
            wanted = (wanted + timedelta(hours=1)).replace(minute=0)
        elif wanted.minute != minute:
            wanted += timedelta(minutes=1)
        else:
            wanted += timedelta(days=1)
    found = runs(f"{minute} {hour} ? * {weekday} *", after.isoformat(sep=" "))
    assert found == [wanted.strftime("%Y-%m-%d %H:%M")]
