"""Rate limits hold across environments, and a table that does not answer stops nobody."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from broadcast import aws, rate_limits
from broadcast.errors import Refusal
from broadcast.rate_limits import RateLimit

pytestmark = pytest.mark.usefixtures("tables")

LIMIT = RateLimit(kind="heartbeats", events=2, window_s=60)


def takes(who: str) -> bool:
    try:
        rate_limits.take(LIMIT, who)
    except Refusal as refusal:
        assert refusal.code == "RATE_LIMIT_EXCEEDED"
        assert refusal.details == {"limit": 2, "windowMs": 60_000}
        return False
    return True


def test_the_limit_and_one_spare_pass_and_no_more():
    """Each for whom it counts."""
    assert [takes("a") for _ in range(5)] == [True, True, True, False, False]
    assert takes("b")


def test_a_window_slides(monkeypatch):
    """A minute later there is room again, and the refused events took none of it."""
    now = [1_000_000]
    monkeypatch.setattr(rate_limits, "now_ms", lambda: now[0])
    assert [takes("a") for _ in range(5)] == [True, True, True, False, False]
    now[0] += 60_000
    assert [takes("a") for _ in range(4)] == [True, True, True, False]


def test_events_at_the_same_moment_do_not_pass_together(monkeypatch):
    """Each writes on condition that nobody wrote since it read."""
    client, one_at_a_time = aws.client("dynamodb"), threading.Lock()
    put = client.put_item

    def atomic(**request):
        # As DynamoDB's writes are; moto checks its condition and writes as two steps.
        with one_at_a_time:
            return put(**request)

    monkeypatch.setattr(client, "put_item", atomic)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(takes, ["c"] * 8)) <= 3


def test_a_table_that_is_missing_stops_nobody(tables):
    """A limit protects the service; it is not part of it."""
    tables.delete_table(TableName="RateLimits-test")
    assert all(takes("d") for _ in range(5))
    aws.client.cache_clear()
