"""From a stream's time to the session's, and what of its results is new."""

import pytest
from amazon_transcribe.model import Alternative, Item, Result
from audio_processor.chunk import Chunk
from audio_processor.hearing import Hearing
from audio_processor.ledger import HeldChunk
from audio_processor.progress import Progress
from audio_processor.silence import came_before_silence, next_silence_ms
from audio_processor.stream_clock import StreamClock

MS = 32


def test_a_stream_that_begins_in_the_middle_maps_to_the_middle():
    clock = StreamClock()
    clock.fed(start_byte=5_000 * MS, size=100 * MS)
    clock.fed(start_byte=5_100 * MS, size=100 * MS)
    assert [clock.to_session_ms(at) for at in (0, 150, 200, 900)] == [5_000, 5_150, 5_200, 5_200]


def test_silence_is_no_time_of_the_session():
    clock = StreamClock()
    clock.silence(size=300 * MS)
    clock.fed(start_byte=0, size=100 * MS)
    clock.silence(size=1_000 * MS)
    assert [clock.silence_until_ms(at) for at in (400, 401, 1_400)] == [0, 1, 1_000]
    clock.fed(start_byte=100 * MS, size=100 * MS)
    assert [clock.to_session_ms(at) for at in (0, 300, 350, 400, 1_399, 1_400, 1_450)] == [0, 0, 50, 100, 100, 100, 150]
    assert (clock.session_ms, clock.stream_ms, clock.silence_until_ms(1_500)) == (200, 1_500, 0)


def _result(*words: tuple[str, int, int], partial: bool = True) -> Result:
    items = [
        Item(
            start_time=start_ms / 1_000,
            end_time=end_ms / 1_000,
            content=text,
            item_type="punctuation" if text in ".," else "pronunciation",
            stable=True,
        )
        for text, start_ms, end_ms in words
    ]
    return Result(
        result_id="r",
        start_time=items[0].start_time,
        end_time=items[-1].end_time,
        is_partial=partial,
        alternatives=[Alternative(transcript="", items=items, entities=[])],
    )


def _texts(results: list[Result]) -> list[list[str]]:
    return [[item.content for item in result.alternatives[0].items] for result in results]


def _hearing(cut_ms: int) -> Hearing:
    clock = StreamClock()
    clock.fed(start_byte=10_000 * MS, size=5_000 * MS)
    return Hearing(clock=clock, cut_ms=cut_ms)


def test_words_before_the_cut_are_dropped_with_their_marks_and_the_rest_is_in_session_time():
    hearing = _hearing(10_500)
    heard = hearing.translate([_result(("old", 100, 480), (",", 480, 480), ("new", 520, 800))])
    assert _texts(heard) == [["new"]]
    assert heard[0].alternatives[0].items[0].start_time == 10.52


def test_a_word_whose_times_moved_a_little_is_still_the_committed_one():
    assert _texts(_hearing(10_500).translate([_result(("old", 200, 560), ("new", 560, 800))])) == [["new"]]


def test_a_new_words_times_may_touch_the_cut():
    assert _texts(_hearing(10_500).translate([_result(("new", 440, 800))])) == [["new"]]


def test_a_result_of_nothing_but_committed_words_says_nothing():
    assert _hearing(10_500).translate([_result(("old", 100, 480), (".", 480, 480), partial=False)]) == []


def test_dropped_items_stay_dropped_while_times_are_refined():
    hearing = _hearing(10_500)
    hearing.translate([_result(("old", 100, 480), ("new", 520, 800))])
    assert _texts(hearing.translate([_result(("old", 400, 700), ("new", 710, 900))])) == [["new"]]


def test_silence_comes_in_real_time_at_first_and_then_to_keep_the_stream():
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=0) == 1_000
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=1_000) == 1_100
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=4_900) == 5_000
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=5_000) == 10_000


def test_no_silence_while_later_chunks_wait_for_a_late_one():
    """A word that is being said would be torn apart; the stream waits for as long as Transcribe lets it."""
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=0, awaits_chunk=True) == 12_000
    assert next_silence_ms(last_chunk_at_ms=0, last_fed_at_ms=1_000, awaits_chunk=True) == 13_000


@pytest.mark.parametrize(
    ("arrived_ms", "silent_since_ms", "silent", "came_before"),
    [
        (1_000, 1_000, False, True),
        (1_001, 1_000, False, False),
        (1_000, None, False, False),
        (1_000, 1_000, True, False),
    ],
)
def test_silence_that_took_a_chunks_place_went_in_when_the_gateway_had_it(
    arrived_ms, silent_since_ms, silent, came_before
):
    """A speaker that had sent nothing by then has paused; and nothing can be torn in a chunk that is silent."""
    chunk = Chunk(
        seq=1, audio=b"", received_at_ms=0, message_id="", receipt_handle="", taken_at_ms=0, arrived_at_ms=arrived_ms
    )
    held = HeldChunk(chunk=chunk, start_byte=0, silent=silent)
    assert came_before_silence(held, silent_since_ms=silent_since_ms) is came_before


def test_words_after_the_cut_that_are_committed_already_are_dropped_with_their_marks():
    clock = StreamClock()
    clock.fed(start_byte=0, size=9_000 * MS)
    hearing = Hearing(clock=clock, cut_ms=500, committed=[(1_000, 2_000), (3_000, 4_000)])
    heard = _result(
        ("a", 100, 400),
        ("b", 600, 900),
        ("c", 1_000, 1_500),
        (",", 1_500, 1_500),
        ("d", 2_100, 2_900),
        ("e", 3_000, 4_000),
    )
    assert _texts(hearing.translate([heard])) == [["b", "d"]]


def test_the_service_keeps_pace_with_time_and_has_come_as_far_as_it_speaks_of():
    progress = Progress(1_000)
    assert progress.reached(now_ms=1_500, given_ms=20_000) == 500
    progress.spoke(4_000)
    assert progress.reached(now_ms=1_600, given_ms=20_000) == 4_100
    assert progress.reached(now_ms=9_000, given_ms=5_000) == 5_000


def test_a_mark_that_comes_and_goes_behind_a_dropped_word_takes_no_new_word_with_it():
    """The recogniser ends its first hypothesis with a full stop, and takes it back when more is said."""
    hearing = _hearing(10_500)
    old, stop, new = ("old", 100, 480), (".", 480, 480), ("new", 560, 900)
    assert _texts(hearing.translate([_result(old, stop)])) == []
    assert _texts(hearing.translate([_result(old, new)])) == [["new"]]
