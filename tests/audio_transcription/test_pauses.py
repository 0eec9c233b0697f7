"""Which chunks were sent while the broadcast was paused."""

import pytest
from audio_processor.pauses import Pauses


@pytest.mark.parametrize(
    ("at_ms", "silent"), [(89, False), (90, True), (1_199, True), (1_200, False), (1_500, True), (1_600, False)]
)
def test_a_chunk_of_a_pause_is_silent_to_the_millisecond_of_the_resume(at_ms, silent):
    """However long ago the pause was, and though nobody looked at the session while it lasted."""
    assert Pauses(ended=((90, 1_200), (1_500, 1_600)), seen_at_ms=9_000).is_silent(at_ms) is silent


@pytest.mark.parametrize(("at_ms", "silent"), [(99, False), (100, True), (200, True), (201, None)])
def test_a_chunk_after_the_last_sight_of_a_pause_is_undecided(at_ms, silent):
    """Until the session is read again."""
    assert Pauses(since_ms=100, seen_at_ms=200).is_silent(at_ms) is silent


def test_a_pause_that_began_after_the_time_of_the_look_decides_nothing_yet():
    """The look brought back more than was true at its time."""
    pauses = Pauses(since_ms=300, seen_at_ms=200)
    assert [pauses.is_silent(at) for at in (250, 300)] == [False, None]


@pytest.mark.parametrize(("at_ms", "silent"), [(49, True), (299, False), (300, None), (900, None)])
def test_of_what_came_after_a_change_that_was_not_seen_nothing_is_known(at_ms, silent):
    """Though the last look, which is older than the change, says that the broadcast goes on."""
    assert Pauses(ended=((10, 50),), seen_at_ms=400, doubted_from_ms=300).is_silent(at_ms) is silent


def test_a_broadcast_that_was_never_paused_is_heard():
    assert Pauses(seen_at_ms=5).is_silent(10) is False
