"""What is done for every listener is done for each of them once, many at a time, whatever happens to one."""

import threading

import pytest
from botocore.exceptions import ClientError
from broadcast import audience, aws, callbacks
from broadcast.connections import ConnectionRecord


def listeners(count: int) -> list[ConnectionRecord]:
    return [
        ConnectionRecord(
            connectionId=f"c{number}", role="listener", userId="u", callbackUrl="https://x/prod", connectedAtMs=0, ttl=0
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, audience.ONE_BY_ONE, audience.ONE_BY_ONE + 1, 100])
def test_each_is_served_once(count):
    """And AWS's failure for one stops nobody's."""
    served: list[str] = []

    def work(listener: ConnectionRecord) -> None:
        served.append(listener.connectionId)
        if listener.connectionId == "c0":
            raise ClientError({"Error": {"Code": "LimitExceededException", "Message": ""}}, "PostToConnection")

    audience.each(listeners(count), work)
    assert sorted(served) == sorted(f"c{number}" for number in range(count))


def test_as_many_are_served_at_once_as_connections_are_kept_and_no_more():
    """All of the first wave meet, and nobody of a second is among them."""
    met = threading.Barrier(aws.POSTS_AT_ONCE)

    def meet(_: ConnectionRecord) -> None:
        met.wait(timeout=30)

    audience.each(listeners(2 * aws.POSTS_AT_ONCE), meet)
    assert not met.broken


def test_a_fault_of_our_own_is_not_taken_for_a_lost_listener():
    """It fails the invocation, which its alarm counts."""

    def faulty(_: ConnectionRecord) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        audience.each(listeners(5), faulty)


def test_a_message_is_encoded_once_for_all(monkeypatch):
    """However many read it."""
    sent: list[tuple[str, bytes]] = []
    monkeypatch.setattr(callbacks, "send", lambda _, to, data: sent.append((to, data)))
    audience.tell(listeners(3), {"type": "broadcastMuted"})
    assert sorted(to for to, _ in sent) == ["c0", "c1", "c2"]
    assert len({id(data) for _, data in sent}) == 1
