"""A sliding window admits its limit in any stretch of its length, and nothing more."""

from broadcast.sliding_window import admit
from hypothesis import given
from hypothesis import strategies as st


def test_the_event_after_the_limit_waits_until_the_oldest_has_left():
    """The oldest leaves exactly one window after it came."""
    assert admit([0, 10], now_ms=999, limit=2, window_ms=1000) is None
    assert admit([0, 10], now_ms=1000, limit=2, window_ms=1000) == [10, 1000]


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 5), st.integers(1, 500))
def test_no_stretch_of_the_window_s_length_holds_more_than_the_limit(gaps, limit, window_ms):
    """Whatever the events' times; and an event is refused only when the window is full."""
    now_ms = 0
    kept: list[int] = []
    admitted: list[int] = []
    for gap in gaps:
        now_ms += gap
        within = [at for at in admitted if at > now_ms - window_ms]
        result = admit(kept, now_ms=now_ms, limit=limit, window_ms=window_ms)
        assert (result is None) == (len(within) >= limit)
        if result is not None:
            kept = result
            admitted.append(now_ms)
    for at in admitted:
        assert sum(at - window_ms < other <= at for other in admitted) <= limit
