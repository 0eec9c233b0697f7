"""How many invocations run at once and begin in a second, at each limit and one past it."""

import pytest

from sandbox.definitions.model import Function
from sandbox.functions.concurrency import Concurrency

SHARED = "ConcurrentInvocationLimitExceeded"
RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"


def function(name: str, reserved: int | None = None) -> Function:
    return Function(
        name=name, arn=f"arn:{name}", runtime="python3.11", handler="h.h", role_arn="r", timeout_s=3, memory_mb=128,
        path="/code", code_sha256="0", reserved_concurrency=reserved,
    )  # fmt: skip


def begin(concurrency, name, times=1, *, now_ms=0, synchronous=False):
    return [concurrency.begin(name, now_ms, synchronous=synchronous) for _ in range(times)]


def test_the_account_runs_a_thousand_invocations_and_refuses_the_next():
    """L-10, L-27: all functions without a reservation share them."""
    concurrency = Concurrency()
    assert begin(concurrency, "a", 600) + begin(concurrency, "b", 400) == [None] * 1000
    assert begin(concurrency, "b") == [SHARED]
    concurrency.end("a")
    assert begin(concurrency, "b", 2) == [None, SHARED]


def test_a_reservation_is_a_functions_own_and_its_most():
    """L-27: taken from what the others share."""
    concurrency = Concurrency()
    concurrency.apply([function("a", 2), function("b")])
    assert begin(concurrency, "a", 3) == [None, None, RESERVED]
    assert begin(concurrency, "b", 999) == [None] * 998 + [SHARED]


def test_a_reservation_of_nothing_stops_the_function():
    """L-27."""
    concurrency = Concurrency()
    concurrency.apply([function("a", 0)])
    assert begin(concurrency, "a") == [RESERVED]


def test_what_runs_is_counted_across_a_change_of_the_reservation():
    """Neither lost nor counted twice."""
    concurrency = Concurrency(account_limit=3)
    concurrency.apply([function("a", 2)])
    assert begin(concurrency, "a", 2) == [None, None]
    concurrency.apply([function("a")])
    assert begin(concurrency, "b", 2) == [None, SHARED]
    concurrency.end("a")
    assert begin(concurrency, "b", 2) == [None, SHARED]


@pytest.mark.parametrize(("synchronous", "refused"), [(True, 1), (False, 0)])
def test_a_unit_of_concurrency_begins_ten_synchronous_requests_in_a_second(synchronous, refused):
    """L-27: short ones meet this limit before the other; asynchronous ones never do."""
    concurrency = Concurrency()
    concurrency.apply([function("a", 1)])
    answers = []
    for _ in range(11):
        answers += begin(concurrency, "a", synchronous=synchronous)
        concurrency.end("a")
    assert answers == [None] * (11 - refused) + ["ReservedFunctionInvocationRateLimitExceeded"] * refused
    assert begin(concurrency, "a", now_ms=100, synchronous=True) == [None]
