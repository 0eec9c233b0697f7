"""Who waits for events of the journal has those that were there, and those that come."""

import asyncio

import pytest

from sandbox.clock import LiveClock
from sandbox.journal import Journal
from sandbox.live.awaited import Awaited

ENDED = {"kind": "lambda.end", "function": "f"}


async def waited(count: int, *, within_s: float, so_far=()) -> list[int]:
    """Three events come while somebody waits, one of them of another function."""
    journal = Journal(LiveClock())
    waiting = asyncio.create_task(Awaited(journal).wait(ENDED, count=count, within_s=within_s, so_far=so_far))
    await asyncio.sleep(0)
    for number, function in enumerate("fgf", 1):
        journal.write("lambda.end", {"function": function, "number": number})
    return [one["number"] for one in await waiting]


@pytest.mark.parametrize(("so_far", "count", "numbers"), [
    ([], 2, [1, 3]),
    ([ENDED | {"number": 0}], 3, [0, 1, 3]),
    ([ENDED | {"number": 0}], 1, [0]),
])  # fmt: skip
def test_so_many_events_with_these_fields_end_the_waiting(so_far, count, numbers):
    """Those that were written before count too."""
    assert asyncio.run(waited(count, within_s=60, so_far=so_far))[: len(numbers)] == numbers


def test_what_does_not_come_is_not_waited_for_without_end():
    """What there is comes back: whoever asked says what is missing."""
    assert asyncio.run(waited(3, within_s=0)) == [1, 3]
