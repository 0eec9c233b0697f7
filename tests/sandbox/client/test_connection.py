"""Who gets which message of a connection."""

import asyncio

import pytest

from sandbox.client.connection import ClosedError

from .fake_socket import FakeSocket


def test_several_may_wait_each_for_messages_of_its_own():
    """In whatever order they come; what nobody waited for is kept."""

    async def act():
        socket = FakeSocket()
        connection = socket.connection()
        waiting = [asyncio.create_task(connection.expect(kind)) for kind in ("a", "b")]
        for kind in ("c", "b", "a"):
            socket.say({"type": kind})
        taken = [message["type"] for message in await asyncio.gather(*waiting)]
        await socket.close()
        return taken, [message["type"] async for message in connection.messages()]

    assert asyncio.run(act()) == (["a", "b"], ["c"])


def test_whoever_stops_waiting_takes_no_message_away():
    """The one that then comes is the next one's."""

    async def act():
        socket = FakeSocket()
        connection = socket.connection()
        with pytest.raises(TimeoutError):
            await connection.expect("a", within_s=0.001)
        socket.say({"type": "a", "n": 1})
        message = await connection.expect("a")
        await connection.close()
        return message["n"]

    assert asyncio.run(act()) == 1


def test_a_connection_is_closed_when_nobody_waits_any_more_for_the_answer_that_opens_it():
    """`sandbox sim --scenario refresh --seed 7 --speech 20` with lost environments: it stayed open behind the run."""

    async def act():
        connection = FakeSocket().connection()
        opening = asyncio.create_task(connection.opening({"action": "refresh"}, "connectionRefreshComplete"))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        return [message async for message in connection.messages()]

    assert asyncio.run(asyncio.wait_for(act(), 5)) == []


@pytest.mark.parametrize(("asks", "answered"), [(3, True), (2, False)])
def test_what_was_not_answered_is_asked_again_on_the_same_connection(asks, answered):
    """`sandbox sim --scenario refresh --seed 34 --speech 20` with lost environments: another connection came too late
    for what was posted to this one."""

    async def act():
        socket: FakeSocket = FakeSocket(lambda _: [{"type": "done"}] if len(socket.sent) == 3 else [])
        opening = socket.connection().opening({"action": "refresh"}, "done", within_s=0.003, asks=asks)
        try:
            return bool(await opening)
        except TimeoutError:
            return False

    assert asyncio.run(act()) is answered


def test_all_who_wait_learn_of_the_end():
    """Each with what it waited for."""

    async def act():
        socket = FakeSocket()
        connection = socket.connection()
        waiting = [asyncio.create_task(connection.expect(kind)) for kind in ("a", "b")]
        await asyncio.sleep(0)
        await connection.close()
        return await asyncio.gather(*waiting, return_exceptions=True)

    ends = asyncio.run(act())
    assert all(isinstance(end, ClosedError) and end.code == 1000 for end in ends)
    assert ["expected a," in str(ends[0]), "expected b," in str(ends[1])] == [True, True]
