"""Alarms are evaluated when they are due, on the sandbox's clock."""

import asyncio
import dataclasses

from sandbox.alarms.service import Alarms
from sandbox.clock import LiveClock
from sandbox.definitions.model import Alarm, Definitions
from sandbox.journal import Journal
from sandbox.metrics.emf import Datum
from sandbox.metrics.series import Series

QUICK = Alarm(
    name="quick", arn="arn:aws:cloudwatch:us-east-1:1:alarm:quick", namespace="N", metric="m", statistic="Sum",
    comparison="GreaterThanThreshold", threshold=0.0, period_s=10, evaluation_periods=1, datapoints_to_alarm=1,
    treat_missing="notBreaching",
)  # fmt: skip
SLOW = dataclasses.replace(QUICK, name="slow", period_s=60)


async def changes(seconds: int, *alarms: Alarm, datum: Datum | None = None) -> list[tuple[str, str, int]]:
    """Each change of state with its second after the whole minute at which the test begins."""
    clock, series = LiveClock(), Series()
    clock.advance(60_000 - clock.now_ms() % 60_000)
    began_ms = clock.now_ms() // 60_000 * 60_000
    journal, noted = Journal(clock), []
    journal.subscribe(lambda event: noted.append((event["alarm"], event["new"], event["t_ms"] + journal.began_ms)))

    async def nothing(*_: object) -> None:
        return None

    if datum is not None:
        series.add(dataclasses.replace(datum, timestamp_ms=began_ms + datum.timestamp_ms))
    made = Alarms(clock=clock, journal=journal, series=series, tell=nothing, show=nothing)
    made.apply(Definitions(revision=1, account_id="1", region="us-east-1", alarms={one.name: one for one in alarms}))
    for _ in range(seconds):
        clock.advance(1_000)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await made.stop()
    return [(name, new, round((at_ms - began_ms) / 1000)) for name, new, at_ms in noted]


DATUM = Datum(namespace="N", name="m", unit="Count", dimensions=(), values=(1.0,), timestamp_ms=12_000, resolution_s=1)


def test_an_alarm_of_ten_seconds_is_evaluated_every_ten():
    """C-06: another each minute, on whole minutes both; two periods more are looked at than asked for."""
    found = asyncio.run(changes(70, QUICK, SLOW, datum=DATUM))
    assert [one for one in found if one[0] == "quick"] == [("quick", "OK", 0), ("quick", "ALARM", 20),
                                                           ("quick", "OK", 50)]  # fmt: skip
    assert [one for one in found if one[0] == "slow"] == [("slow", "OK", 0), ("slow", "ALARM", 60)]


def test_an_alarm_of_one_unit_sees_that_unit_alone():
    """C-04: and one without a unit sees any."""
    seconds = dataclasses.replace(QUICK, unit="Seconds")
    assert asyncio.run(changes(30, seconds, datum=DATUM)) == [("quick", "OK", 0)]


def test_standard_resolution_is_seen_in_the_first_seconds_of_its_minute():
    """C-05: an alarm of ten seconds needs data of high resolution."""
    coarse = dataclasses.replace(DATUM, resolution_s=60)
    assert asyncio.run(changes(50, QUICK, datum=coarse)) == [
        ("quick", "OK", 0), ("quick", "ALARM", 10), ("quick", "OK", 40),
    ]  # fmt: skip
