"""An account's quotas: at the limit and one past it."""

from dataclasses import replace

import pytest

from sandbox.definitions.model import Throttle
from sandbox.gateway import limits
from sandbox.gateway.lifecycle import State
from sandbox.gateway.quotas import QuotaError, Quotas, Throttles, TokenBucket, parsed, written
from tests.sandbox.gateway.gateway_world import connection, frame, invokes, opened, responded, sent_text, stage

ROUTE = stage("say").routes["say"]


def test_five_hundred_connections_a_second_are_admitted_and_one_more_is_not():
    """WS-44: two milliseconds later there is room for one."""
    throttles = Throttles(Quotas())
    assert all(throttles.admits_connection(1000) for _ in range(limits.CONNECTIONS_PER_S))
    assert not throttles.admits_connection(1000)
    assert not throttles.admits_connection(1001)
    assert throttles.admits_connection(1002)


def test_messages_and_callbacks_share_ten_thousand_a_second_in_a_bucket_of_five_thousand():
    """WS-45, WS-52."""
    throttles = Throttles(Quotas())
    assert all(throttles.admits("api", "prod", ROUTE, 1000) for _ in range(limits.REQUEST_BURST - 1))
    assert throttles.admits_callback(1000)
    assert not throttles.admits_callback(1000)
    assert not throttles.admits("api", "prod", ROUTE, 1000)
    assert [throttles.admits("api", "prod", ROUTE, 1001) for _ in range(11)] == [True] * 10 + [False]


def test_quotas_are_what_the_account_was_given():
    """They are adjustable, as on AWS."""
    throttles = Throttles(Quotas(connections_per_s=1, requests_per_s=1, request_burst=2))
    assert [throttles.admits_connection(0), throttles.admits_connection(0)] == [True, False]
    assert [throttles.admits_callback(0) for _ in range(3)] == [True, True, False]


def test_a_quota_is_given_by_name():
    """The others stay AWS's."""
    assert parsed(["connections-per-second=5"]) == Quotas(connections_per_s=5)
    assert parsed(written(Quotas(request_burst=9))) == Quotas(request_burst=9)


@pytest.mark.parametrize(
    "given", ["connections=5", "request-burst", "request-burst=", "request-burst=-1", "request-burst=½"]
)
def test_what_is_no_quota_is_one_clear_line(given):
    """What was expected, and what came."""
    with pytest.raises(QuotaError) as refused:
        parsed([given])
    assert str(refused.value) == (
        "expected a quota as NAME=NUMBER with a name of connections-per-second, requests-per-second, request-burst, "
        "transcribe-streams, parameter-reads-per-second, "
        f"got {given}"
    )


def test_a_routes_throttle_is_its_own():
    """WS-45: another route, stage or API is not touched; a changed limit starts anew."""
    throttles = Throttles(Quotas())
    limited = replace(ROUTE, throttle=Throttle(rate_per_s=0.5, burst=1))
    assert [throttles.admits("api", "prod", limited, now_ms) for now_ms in (0, 0, 1999, 2000)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert throttles.admits("other", "prod", limited, 0)
    assert throttles.admits("api", "prod", ROUTE, 0)
    assert throttles.admits("api", "prod", replace(limited, throttle=Throttle(rate_per_s=0.5, burst=2)), 2000)


@pytest.mark.parametrize(("waited_ms", "left"), [(0, 0), (1500, 1), (3_600_000, 3)])
def test_a_bucket_never_holds_more_than_its_size(waited_ms, left):
    """However long nobody came."""
    bucket = TokenBucket(rate_per_s=1, burst=3)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(waited_ms) for _ in range(4)] == [True] * left + [False] * (4 - left)


def test_a_throttled_message_is_told_and_the_connection_stays_open():
    """WS-45: nothing is invoked."""
    admitted = iter([True, False])
    made = opened(stage("say"), admit=lambda route, now_ms: next(admitted))
    assert invokes(made.received(frame('{"action":"say"}'), 2000))
    effects = made.received(frame('{"action":"say"}'), 2000)
    assert invokes(effects) == []
    assert sent_text(effects).startswith('{"message": "Too Many Requests", "connectionId":"')
    assert made.state is State.OPEN


def test_a_stage_throttled_to_nothing_refuses_the_handshake_with_429():
    """WS-44."""
    throttles = Throttles(Quotas())
    made = stage("$connect")
    none = replace(made.routes["$connect"], throttle=Throttle(rate_per_s=0.0, burst=0))
    effects = connection(
        replace(made, routes={"$connect": none}), admit=lambda route, now_ms: throttles.admits("a", "p", route, now_ms)
    ).begin(1000)
    assert (responded(effects).status, invokes(effects)) == (429, [])
