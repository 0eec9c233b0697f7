"""Faults come in the order in which they were wished; a bucket holds its burst and fills evenly."""

from sandbox.standins.faults import Faults, Quota, TokenBucket


def test_faults_are_used_up_in_order():
    faults = Faults()
    faults.add("A", times=2)
    faults.add("B")
    assert [faults.next(now_ms=0) for _ in range(4)] == ["A", "A", "B", None]


def test_a_fault_for_a_while_ends_with_it():
    """However many requests there are until then."""
    faults = Faults()
    faults.add("A", times=None, until_ms=100)
    assert [faults.next(now_ms=at) for at in (0, 99, 100)] == ["A", "A", None]


def test_a_fault_of_one_operation_is_no_others():
    """Nor does another use it up."""
    faults = Faults()
    faults.add("A", operation="GetItem")
    assert [faults.next(now_ms=0, operation=one) for one in ("PutItem", "GetItem", "GetItem")] == [None, "A", None]


def test_a_burst_is_taken_at_once_and_one_more_is_refused():
    bucket = TokenBucket(Quota(per_s=8, burst=10))
    assert [bucket.take(0) for _ in range(11)] == [True] * 10 + [False]


def test_eight_a_second_are_one_each_125_ms():
    """At the limit, and one millisecond before it; a refused request costs nothing."""
    bucket = TokenBucket(Quota(per_s=8, burst=1))
    assert [bucket.take(at) for at in (0, 124, 125, 249, 250)] == [True, False, True, False, True]


def test_a_pause_fills_no_more_than_the_burst():
    bucket = TokenBucket(Quota(per_s=8, burst=2))
    assert [bucket.take(1_000_000) for _ in range(3)] == [True, True, False]


def test_a_clock_that_goes_back_gives_nothing_away():
    bucket = TokenBucket(Quota(per_s=1, burst=1))
    assert [bucket.take(at) for at in (5_000, 4_000, 4_999, 5_999)] == [True, False, False, True]
