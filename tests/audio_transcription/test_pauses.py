"""Which chunks were sent while the broadcast was paused."""

from audio_processor.pauses import KEPT, Pauses


def test_a_chunk_between_two_sights_of_a_pause_is_silent():
    pauses = Pauses().seen(False, 0).seen(True, 100).seen(True, 300).seen(False, 500)
    assert [pauses.is_silent(at) for at in (50, 100, 200, 300, 301, 600)] == [False, True, True, True, False, False]


def test_a_chunk_after_the_last_sight_of_a_pause_is_undecided():
    pauses = Pauses().seen(True, 100)
    assert pauses.is_silent(150) is None
    assert pauses.seen(True, 200).is_silent(150) is True
    assert pauses.seen(False, 200).is_silent(150) is False


def test_old_intervals_are_forgotten():
    pauses = Pauses()
    for at in range(0, 4_000, 200):
        pauses = pauses.seen(True, at).seen(False, at + 100)
    assert len(pauses.intervals) == KEPT
