"""A FIFO queue: order within a group, duplicates, and receipts that end, to the millisecond."""

import itertools

import pytest

from sandbox.queues import operations
from sandbox.queues.errors import QueueRefusal
from sandbox.queues.queue import Queue, QueueSettings

FIVE_MINUTES_MS = 300_000


def queue(**settings) -> Queue:
    numbers = itertools.count(1)
    return Queue(
        name="q.fifo", settings=QueueSettings(fifo=True, visibility_ms=10_000, **settings),
        draw_handle=lambda: f"r{next(numbers)}",
    )  # fmt: skip


def send(to: Queue, text: str, group: str = "g", *, at_ms: int = 0, deduplication: str | None = None) -> str:
    body = {"MessageBody": text, "MessageGroupId": group, "MessageDeduplicationId": deduplication or text}
    message, _ = operations.send(to, body, now_ms=at_ms, message_id=f"{text}@{at_ms}")
    return message.message_id


def receive(of: Queue, *, at_ms: int = 0, most: int = 1) -> list[str]:
    return [one.body for one in of.receive(now_ms=at_ms, most=most, visibility_ms=None)]


def test_a_group_waits_for_its_message_in_flight_and_others_do_not():
    """Q-03: nothing of the group comes until the message is deleted or visible again, which then comes first."""
    one = queue()
    for text, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        send(one, text, group)
    (first,) = one.receive(now_ms=0, most=1, visibility_ms=None)
    assert first.body == "a1"
    assert receive(one) == ["b1"]
    assert receive(one, at_ms=9_999) == []
    assert one.next_visible_ms() == 10_000
    assert receive(one, at_ms=10_000) == ["a1"]


def test_after_a_delete_the_group_goes_on():
    """Q-03."""
    one = queue()
    for text in ("a1", "a2"):
        send(one, text)
    (first,) = one.receive(now_ms=0, most=1, visibility_ms=None)
    assert one.delete(first.handle)
    assert receive(one) == ["a2"]


def test_one_receive_may_take_several_of_a_group_in_their_order():
    """Q-03."""
    one = queue()
    for text in ("a1", "a2", "a3"):
        send(one, text)
    assert receive(one, most=2) == ["a1", "a2"]
    assert receive(one, most=2) == []


@pytest.mark.parametrize(("after_ms", "arrives"), [(FIVE_MINUTES_MS - 1, False), (FIVE_MINUTES_MS, True)])
def test_a_duplicate_is_known_for_five_minutes(after_ms, arrives):
    """Q-02: from the first sending, whatever its group, also when the first was deleted."""
    one = queue()
    first = send(one, "a1", "a", deduplication="same")
    (message,) = one.receive(now_ms=0, most=1, visibility_ms=None)
    assert one.delete(message.handle)
    second = send(one, "a2", "b", at_ms=after_ms, deduplication="same")
    assert (second != first) is arrives
    assert receive(one, at_ms=after_ms) == (["a2"] if arrives else [])


def test_duplicates_may_be_of_their_group_alone():
    """Q-02: DeduplicationScope=messageGroup."""
    one = queue(deduplicates_by_group=True)
    send(one, "a1", "a", deduplication="same")
    send(one, "b1", "b", deduplication="same")
    send(one, "b2", "b", deduplication="same")
    assert receive(one, most=10) == ["a1", "b1"]


def test_the_content_may_be_the_deduplication_id():
    """Q-01: with ContentBasedDeduplication none needs to be given."""
    one = queue(content_deduplication=True)
    body = {"MessageBody": "same", "MessageGroupId": "g"}
    sent = [operations.send(one, body, now_ms=0, message_id=name)[1]["MessageId"] for name in ("m1", "m2")]
    assert sent == ["m1", "m1"]


def test_a_receipt_ends_with_its_visibility():
    """Q-04: after it, a delete is refused; before, it is taken, and again after."""
    one = queue()
    send(one, "a1")
    (message,) = one.receive(now_ms=0, most=1, visibility_ms=None)
    with pytest.raises(QueueRefusal) as raised:
        operations.delete(one, {"ReceiptHandle": message.handle}, now_ms=10_000)
    assert raised.value.message == (
        f"Value {message.handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    )
    (again,) = one.receive(now_ms=10_000, most=1, visibility_ms=None)
    assert operations.delete(one, {"ReceiptHandle": again.handle}, now_ms=19_999) == {}
    assert operations.delete(one, {"ReceiptHandle": again.handle}, now_ms=30_000) == {}


def test_a_message_says_its_group_and_its_place():
    """Sequence numbers grow with each message that is kept."""
    one = queue()
    answers = [
        operations.send(
            one, {"MessageBody": text, "MessageGroupId": "g", "MessageDeduplicationId": text}, now_ms=0, message_id=text
        )[1]
        for text in ("a", "b", "a")
    ]
    numbers = [answer["SequenceNumber"] for answer in answers]
    assert numbers[0] < numbers[1]
    assert numbers[2] == numbers[0]
    (shown,) = operations.receive(one, {"AttributeNames": ["All"]}, now_ms=0)
    assert (shown["Attributes"]["MessageGroupId"], shown["Attributes"]["SequenceNumber"]) == ("g", numbers[0])
