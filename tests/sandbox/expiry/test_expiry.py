"""Items whose time to live is over are deleted, two days later on the sandbox's clock, and no others."""

import asyncio

import pytest

from sandbox.clock import LiveClock
from sandbox.expiry import sweep
from sandbox.expiry.service import LOOK_EVERY_MS, Call, Expiry, TableCallError
from sandbox.expiry.sweep import DELETED_AFTER_MS, TOO_OLD_S, Expiring
from sandbox.items.errors import ItemError
from sandbox.items.store import TableSchema
from sandbox.items.tables import in_memory
from sandbox.journal import Journal

TABLE = Expiring(name="t", key=("id",), attribute="ttl")
NOW_S = 1_800_000_000
LAG_S = DELETED_AFTER_MS // 1000


class House:
    """Tables in memory, and what was asked of them."""

    def __init__(self, **items: str | None) -> None:
        self.tables = in_memory([TableSchema(name="t", key=("id",))])
        self.call: Call = self._answer
        for key, value in items.items():
            item = {"id": {"S": key}} if value is None else {"id": {"S": key}, "ttl": {value[0]: value[1:]}}
            self.tables.call("PutItem", {"TableName": "t", "Item": item})

    async def _answer(self, operation, request):
        try:
            return self.tables.call(operation, request)
        except ItemError as error:
            raise TableCallError(operation, error.code) from error

    async def named(self) -> list[Expiring]:
        return [TABLE]

    def left(self) -> set[str]:
        return {item["id"]["S"] for item in self.tables.items("t")}


class StandingClock(LiveClock):
    """Moved by hand alone."""

    def now_ms(self) -> int:
        return NOW_S * 1000 + self.offset_ms


def swept(house: House) -> list[dict]:
    events: list[dict] = []

    async def run():
        clock = StandingClock()
        journal = Journal(clock)
        journal.subscribe(events.append)
        await Expiry(clock=clock, journal=journal, tables=house.named, call=house.call).look()

    asyncio.run(run())
    return events


def test_what_is_over_for_two_days_is_deleted_and_one_second_less_is_not():
    """D-01: until then it is read as ever."""
    house = House(over=f"N{NOW_S - LAG_S - 1}", almost=f"N{NOW_S - LAG_S}", young=f"N{NOW_S + 60}")
    events = swept(house)
    assert house.left() == {"almost", "young"}
    assert [(one["kind"], one["table"], one["items"]) for one in events] == [("table.expired", "t", 1)]


def test_what_is_no_time_is_kept():
    """D-01: no attribute, a text, and a number that is five years past."""
    old = NOW_S - TOO_OLD_S
    house = House(none=None, text=f"S{NOW_S - LAG_S - 9}", old=f"N{old}", oldest=f"N{old + 1}")
    swept(house)
    assert house.left() == {"none", "text", "old"}


def test_an_item_that_is_given_more_time_between_the_look_and_the_deletion_is_kept():
    """The deletion has the look's condition."""
    house = House(over=f"N{NOW_S - LAG_S - 1}")
    call = house.call

    async def late(operation, request):
        if operation == "DeleteItem":
            item = {"id": {"S": "over"}, "ttl": {"N": str(NOW_S)}}
            house.tables.call("PutItem", {"TableName": "t", "Item": item})
        return await call(operation, request)

    house.call = late
    assert swept(house) == []
    assert house.left() == {"over"}


def test_every_page_is_looked_through():
    """More items than one answer has."""
    house = House(**{f"k{number}": f"N{NOW_S - LAG_S - 1}" for number in range(7)})
    call = house.call

    async def paged(operation, request):
        return await call(operation, {**request, "Limit": 2} if operation == "Scan" else request)

    house.call = paged
    swept(house)
    assert house.left() == set()


def test_a_refusal_is_noted_and_the_next_look_tries_again():
    """Tables that are away are no end of it."""
    house = House(over=f"N{NOW_S - LAG_S - 1}")
    call = house.call

    async def away(operation, request):
        raise TableCallError(operation, "InternalServerError")

    house.call = away
    assert [one["kind"] for one in swept(house)] == ["table.expiry_refused"]
    house.call = call
    swept(house)
    assert house.left() == set()


@pytest.mark.parametrize(("by_ms", "left"), [(LOOK_EVERY_MS - 1, {"over"}), (LOOK_EVERY_MS, set())])
def test_it_looks_as_the_clock_is_moved(by_ms, left):
    """`sandbox clock advance` moves it too."""
    house = House(over=f"N{NOW_S - LAG_S - 1}")

    async def run():
        clock = StandingClock()
        expiry = Expiry(clock=clock, journal=Journal(clock), tables=house.named, call=house.call)
        expiry.start()
        clock.advance(by_ms)
        for _ in range(20):
            await asyncio.sleep(0)
        await expiry.stop()

    asyncio.run(run())
    assert house.left() == left


def test_a_scan_names_the_key_alone():
    """The items themselves are nobody's business."""
    request = sweep.scan(TABLE, NOW_S * 1000, lag_ms=0, start={"id": {"S": "a"}})
    assert request["ProjectionExpression"] == "#key0"
    assert request["ExpressionAttributeNames"] == {"#time": "ttl", "#key0": "id"}
    assert request["ExclusiveStartKey"] == {"id": {"S": "a"}}


def test_a_clock_that_is_moved_during_a_look_is_followed_by_another():
    """What became due meanwhile is not left for the next time."""
    house = House(over=f"N{NOW_S - LAG_S + 3600}")
    call = house.call

    async def run():
        clock = StandingClock()
        going_on = asyncio.Event()

        async def slow(operation, request):
            await going_on.wait()
            return await call(operation, request)

        expiry = Expiry(clock=clock, journal=Journal(clock), tables=house.named, call=slow)
        expiry.start()
        for by_ms in (LOOK_EVERY_MS, 2 * 3_600_000):
            clock.advance(by_ms)
            for _ in range(20):
                await asyncio.sleep(0)
        going_on.set()
        for _ in range(60):
            await asyncio.sleep(0)
        await expiry.stop()

    asyncio.run(run())
    assert house.left() == set()
