"""Which chunks were sent while the broadcast was paused."""

import pytest
from audio_processor.pauses import KEPT, Pauses


def test_a_chunk_of_a_pause_is_silent_to_the_millisecond_of_the_resume():
    """However long ago the pause was last seen."""
    pauses = Pauses().seen(False, 0, 0).seen(True, 100, 90).seen(True, 300, 90).seen(False, 1_300, 1_200)
    assert [pauses.is_silent(at) for at in (50, 89, 90, 100, 200, 300, 301, 1_199, 1_200, 1_300)] == [
        False, False, True, True, True, True, True, True, False, False,
    ]  # fmt: skip


def test_a_chunk_after_the_last_sight_of_a_pause_is_undecided():
    """Until the next."""
    pauses = Pauses().seen(True, 100, 100)
    assert pauses.is_silent(150) is None
    assert pauses.seen(True, 200, 100).is_silent(150) is True
    assert pauses.seen(False, 200, 120).is_silent(150) is False
    assert pauses.seen(False, 200, 180).is_silent(150) is True


@pytest.mark.parametrize(("since_ms", "silent"), [(0, [True, False]), (50, [True, False]), (9_000, [True, True])])
def test_a_time_that_is_not_known_or_cannot_be_changes_nothing_that_was_seen(since_ms, silent):
    """A pause seen at 300 lasted until then; a resume cannot be later than it was seen."""
    pauses = Pauses().seen(True, 100, 100).seen(True, 300, 100).seen(False, 500, since_ms)
    assert [pauses.is_silent(at) for at in (300, 400)] == silent


def test_old_intervals_are_forgotten():
    pauses = Pauses()
    for at in range(0, 4_000, 200):
        pauses = pauses.seen(True, at, at).seen(False, at + 100, at + 100)
    assert len(pauses.intervals) == KEPT
