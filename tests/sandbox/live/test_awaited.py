"""Who waits for events of the journal has those that were there, and those that come."""

import asyncio
from pathlib import Path

import pytest

from sandbox.clock import LiveClock
from sandbox.journal import Journal
from sandbox.live.awaited import Awaited


async def waited(path: Path, count: int, *, within_s: float, so_far: int = 0) -> list[int]:
    """So many events are there; three more come while somebody waits, one of them of another function."""
    journal = Journal(LiveClock(), path)
    awaited = Awaited(journal)
    for number in range(so_far):
        journal.write("lambda.end", {"function": "f", "number": -number})
    wanted = {"kind": "lambda.end", "function": "f"}
    waiting = asyncio.create_task(awaited.wait(wanted, count=count, within_s=within_s))
    await asyncio.sleep(0)
    for number, function in enumerate("fgf", 1):
        journal.write("lambda.end", {"function": function, "number": number})
    found = await waiting
    journal.close()
    return [one["number"] for one in found]


@pytest.mark.parametrize(("so_far", "count", "numbers"), [(0, 2, [1, 3]), (1, 3, [0, 1, 3]), (1, 1, [0])])
def test_so_many_events_with_these_fields_end_the_waiting(tmp_path, so_far, count, numbers):
    """Those that were written before count too."""
    found = asyncio.run(waited(tmp_path / "journal.jsonl", count, within_s=60, so_far=so_far))
    assert found[: len(numbers)] == numbers


def test_what_does_not_come_is_not_waited_for_without_end(tmp_path):
    """What there is comes back: whoever asked says what is missing."""
    assert asyncio.run(waited(tmp_path / "journal.jsonl", 3, within_s=0)) == [1, 3]
