"""A standard queue: visibility, receipts, delays and the dead-letter queue, to the millisecond."""

import itertools

import pytest

from sandbox.queues import operations
from sandbox.queues.errors import QueueRefusal
from sandbox.queues.queue import IN_FLIGHT, Message, Queue, QueueSettings


def queue(settings: QueueSettings) -> Queue:
    numbers = itertools.count(1)
    return Queue(name="q", settings=settings, draw_handle=lambda: f"r{next(numbers)}")


def message(name: str, *, at_ms: int = 0, delay_ms: int = 0) -> Message:
    return Message(message_id=name, body=name, attributes={}, sent_ms=at_ms, visible_ms=at_ms + delay_ms)


def names(messages: list[Message]) -> list[str]:
    return [one.message_id for one in messages]


def test_a_received_message_comes_back_at_its_visibility_timeout():
    """Not a millisecond earlier, and with its count."""
    one = queue(QueueSettings(visibility_ms=20_000))
    one.send(message("a"))
    assert names(one.receive(now_ms=5, most=10, visibility_ms=None)) == ["a"]
    assert one.receive(now_ms=20_004, most=10, visibility_ms=None) == []
    again = one.receive(now_ms=20_005, most=10, visibility_ms=None)
    assert [(found.message_id, found.received, found.first_received_ms) for found in again] == [("a", 2, 5)]


def test_only_the_last_receipt_handle_deletes():
    """An earlier one is taken and does nothing; one that was never given is refused."""
    one = queue(QueueSettings(visibility_ms=10))
    one.send(message("a"))
    first = one.receive(now_ms=0, most=1, visibility_ms=None)[0].handle
    second = one.receive(now_ms=10, most=1, visibility_ms=None)[0].handle
    assert one.delete(first)
    assert one.counts(10) == (0, 1)
    assert one.delete(second)
    assert one.counts(10) == (0, 0)
    assert not one.delete("other")


@pytest.mark.parametrize("fifo", [False, True])
def test_no_more_than_120000_messages_are_in_flight(fifo):
    """Q-08: who asks for more is refused, who waits for more or has a FIFO queue gets nothing."""
    one = queue(QueueSettings(visibility_ms=30_000, fifo=fifo))
    for number in range(IN_FLIGHT + 1):
        sent = message(f"{number}")
        sent.group = sent.message_id
        one.send(sent)
    taken = one.receive(now_ms=0, most=IN_FLIGHT + 1, visibility_ms=None)
    assert (len(taken), one.room(1)) == (IN_FLIGHT, 0)
    assert operations.receive(one, {"WaitTimeSeconds": 1}, now_ms=1) == []
    assert one.next_visible_ms() == 30_000
    if fifo:
        assert operations.receive(one, {}, now_ms=1) == []
    else:
        with pytest.raises(QueueRefusal) as refused:
            operations.receive(one, {}, now_ms=1)
        assert refused.value.code == "OverLimit"
    one.delete(taken[0].handle)
    assert len(operations.receive(one, {}, now_ms=2)) == 1


def test_a_handle_is_known_while_its_message_is_in_flight(monkeypatch):
    """However many were given since; of those whose messages are gone, only the latest are."""
    monkeypatch.setattr("sandbox.queues.queue.HANDLES_KEPT", 3)
    one = queue(QueueSettings(visibility_ms=10**9))
    for name in "abcdefgh":
        one.send(message(name))
    first, second = (one.receive(now_ms=0, most=1, visibility_ms=None)[0].handle for _ in range(2))
    assert one.delete(second)
    for _ in range(6):
        handle = one.receive(now_ms=0, most=1, visibility_ms=None)[0].handle
        assert one.delete(handle)
        assert one.delete(handle)
    assert not one.delete(second)
    assert one.delete(first)
    assert one.counts(0) == (0, 0)


def test_visibility_changes_only_in_flight():
    """Zero makes it visible at once; a visible message cannot be changed."""
    one = queue(QueueSettings(visibility_ms=10_000))
    one.send(message("a"))
    handle = one.receive(now_ms=0, most=1, visibility_ms=None)[0].handle
    assert one.change_visibility(handle, now_ms=5, visibility_ms=0)
    assert one.next_visible_ms() == 5
    assert not one.change_visibility(handle, now_ms=5, visibility_ms=1_000)


def test_a_delayed_message_waits_and_an_old_one_is_dropped():
    """Delay and retention are the queue's."""
    one = queue(QueueSettings(retention_ms=60_000))
    one.send(message("a", delay_ms=30_000))
    assert one.receive(now_ms=29_999, most=1, visibility_ms=None) == []
    assert names(one.receive(now_ms=30_000, most=1, visibility_ms=0)) == ["a"]
    assert one.counts(60_000) == (1, 0)
    assert one.counts(60_001) == (0, 0)


def test_a_message_received_too_often_goes_to_the_dead_letters():
    """The limit itself is still allowed."""
    one = queue(QueueSettings(visibility_ms=1, most_receives=2))
    one.send(message("a"))
    for now_ms in (0, 1):
        assert names(one.receive(now_ms=now_ms, most=1, visibility_ms=None)) == ["a"]
    assert one.receive(now_ms=2, most=1, visibility_ms=None) == []
    assert names(one.dead) == ["a"]
