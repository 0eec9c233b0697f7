"""Results whose final does not come as it should: their words are said once, at their time, and counted.

Moments are milliseconds from the first sample of the talk; every latency is the model's median.
"""

from typing import Any

import pytest

from sandbox.sim import speech
from sandbox.sim.latency import EXACT
from sandbox.sim.plan import Burst
from sandbox.sim.run import BEGAN_US
from sandbox.sim.speech import Talk
from tests.simulation.playing import Played, play, segment, spoken
from tests.simulation.test_latency import TO_THE_CORE, TO_THE_INVOCATION, TO_THE_LISTENER, UNSTABLE

BEGAN_MS = BEGAN_US // 1_000
ORPHAN_TIMEOUT = 15_000
"""`orphan_timeout` of `config/*.json`, from the last change of the result's words."""
HEARD_AGAIN = 3_000
"""`HEARD_AGAIN_MS` of the partial-result core."""
PARTIAL = {1_100: ("alpha bravo", UNSTABLE)}
FLUSHED = 1_100 + TO_THE_CORE + ORPHAN_TIMEOUT


def talk(partials: dict[int, tuple[str, float]], *, final_ms: int | None, **faults: Any) -> Talk:
    words = spoken("alpha", "bravo")
    return speech.scripted(words, [segment(words, partials, final_ms=final_ms, **faults)], duration_ms=3_000)


def first_arrival(core_ms: int) -> int:
    """When the session's first segment reaches a listener, released by the core at this moment."""
    return core_ms + TO_THE_INVOCATION + EXACT.cold_start + TO_THE_LISTENER


def finals(played: Played) -> list[int]:
    """When Transcribe sent finals."""
    return [event["t_ms"] - played.began_ms for event in played.of("transcribe.final")]


def assert_all_well(played: Played) -> None:
    assert played.outcome.kind == "held", played.outcome


def test_a_final_that_never_comes_has_its_words_flushed_once_at_the_timeout_and_counted():
    """Though none of them was ever stable: there is no more to be heard of them."""
    played = play(talk(PARTIAL, final_ms=None))
    assert_all_well(played)
    assert finals(played) == []
    assert played.heard() == [(first_arrival(FLUSHED), "alpha bravo")]
    assert played.metric("OrphanedResults") == 1


def test_partials_that_repeat_themselves_do_not_put_the_flush_off():
    """They come every half second until after it."""
    again = dict.fromkeys(range(1100, 18000, 500), ("alpha bravo", UNSTABLE))
    words = spoken("alpha", "bravo")
    played = play(speech.scripted(words, [segment(words, again, final_ms=None)], duration_ms=18_000))
    assert_all_well(played)
    assert played.heard() == [(first_arrival(FLUSHED), "alpha bravo")]
    assert played.metric("OrphanedResults") == 1


def test_a_final_that_is_late_says_the_words_and_nothing_is_an_orphan():
    """Eight seconds late, well before the timeout."""
    played = play(talk(PARTIAL, final_ms=2_500, delay_ms=8_000))
    assert_all_well(played)
    assert played.heard() == [(first_arrival(2_500 + TO_THE_CORE + 8_000), "alpha bravo")]
    assert played.metric("OrphanedResults") == 0


def test_a_final_after_the_flush_repeats_nothing():
    """It says what was flushed; the listener hears that once."""
    played = play(talk(PARTIAL, final_ms=2_500, delay_ms=14_000))
    assert_all_well(played)
    (final,) = finals(played)
    assert FLUSHED < final < played.of("run.heard")[0]["t_ms"] - played.began_ms
    assert played.heard() == [(first_arrival(FLUSHED), "alpha bravo")]
    assert played.metric("OrphanedResults") == 1


def test_a_final_without_a_partial_says_its_words_at_once():
    """As a recogniser does that is sure from the start."""
    played = play(talk({}, final_ms=2_500))
    assert_all_well(played)
    assert played.heard() == [(first_arrival(2_500 + TO_THE_CORE), "alpha bravo")]
    assert played.metric("OrphanedResults") == 0


def test_a_final_from_another_stream_after_a_handover_says_the_words_once():
    """The cut comes before the first stream's final, which comes when nobody listens; the next stream hears the words
    again, and settles them."""
    words = spoken("alpha", "bravo", start_ms=38_000)
    said = dict.fromkeys(range(39000, 54000, 500), ("alpha bravo", UNSTABLE))
    played = play(speech.scripted(words, [segment(words, said, final_ms=54_000)], duration_ms=56_000))
    assert_all_well(played)
    streams = [event["streamId"] for event in played.of("transcribe.stream_opened")]
    said_by = {event["streamId"] for event in played.of("transcribe.partial")}
    assert len(streams) == 2
    assert said_by == set(streams)
    assert [event["streamId"] for event in played.of("transcribe.final")][-1:] == streams[1:]
    assert [text for _, text in played.heard()] == ["alpha bravo"]
    assert played.metric("OrphanedResults") == 0


def unsettled_across_the_cut(*, heard_ms: int) -> Played:
    """Two words that are heard then, in the first worker's last seconds, are repeated, and never settled."""
    words = spoken("alpha", "bravo", start_ms=heard_ms - 1_000)
    said = dict.fromkeys(range(heard_ms, 64_000, 500), ("alpha bravo", UNSTABLE))
    played = play(speech.scripted(words, [segment(words, said, final_ms=None)], duration_ms=65_000))
    assert_all_well(played)
    assert len(played.of("transcribe.stream_opened")) == 2
    assert [text for _, text in played.heard()] == ["alpha bravo"]
    assert played.metric("OrphanedResults") == 1
    return played


def flushed_ms(played: Played) -> int:
    """When the core released the words."""
    return int(played.of("segment.forwarded")[0]["releasedAtMs"]) - BEGAN_MS - played.began_ms


def test_an_orphan_of_a_stream_that_was_cut_is_flushed_when_it_would_have_been():
    """Its words have waited since the first stream said them, and the second, which hears them again, goes on with
    that. The cut is made at 52 s."""
    assert flushed_ms(unsettled_across_the_cut(heard_ms=42_000)) == 42_000 + TO_THE_CORE + ORPHAN_TIMEOUT


def test_an_orphan_that_a_cut_has_made_late_is_heard_to_its_end_first():
    """Its time is over soon after the second stream begins with it: it is flushed when it has stood still there."""
    played = unsettled_across_the_cut(heard_ms=38_000)
    second = played.of("transcribe.stream_opened")[1]["streamId"]
    again = next(event for event in played.of("transcribe.partial") if event["streamId"] == second)
    heard_again_ms = again["t_ms"] + EXACT.transcribe_way - played.began_ms
    assert 38_000 + TO_THE_CORE + ORPHAN_TIMEOUT < flushed_ms(played) == heard_again_ms + HEARD_AGAIN


@pytest.fixture(scope="module")
def crowd_of_orphans() -> Played:
    """Eleven results without finals; a word a minute later keeps the session until the alarm has been evaluated."""
    names = ("alpha bravo carol delta echo foxtrot golf hotel india juliet kilo").split()
    words = spoken(*names, pause_ms=800)
    segments = [segment([one], {one.end_ms + 200: (one.word, UNSTABLE)}, final_ms=None) for one in words]
    bursts = (Burst(at_ms=0, from_ms=0, to_ms=14_000), Burst(at_ms=62_000, from_ms=14_000, to_ms=15_000))
    return play(speech.scripted(words, segments, duration_ms=15_000), bursts=bursts)


def test_each_orphan_is_flushed_at_its_own_time(crowd_of_orphans):
    """The timeout runs for each result by itself, from when the core heard it change."""
    assert_all_well(crowd_of_orphans)
    heard_ms = [event["t_ms"] + EXACT.transcribe_way for event in crowd_of_orphans.of("transcribe.partial")]
    released_ms = [event["releasedAtMs"] - BEGAN_MS for event in crowd_of_orphans.of("segment.forwarded")]
    assert released_ms == [at_ms + ORPHAN_TIMEOUT for at_ms in heard_ms]
    assert len(crowd_of_orphans.heard()) == 11


def test_more_than_ten_orphans_in_five_minutes_raise_the_alarm_and_tell_its_topic(crowd_of_orphans):
    """`orphaned_results_threshold` is 10: at the next minute the alarm's state changes and a notice goes out."""
    assert crowd_of_orphans.metric("OrphanedResults") == 11
    changes = [event for event in crowd_of_orphans.of("alarm.state") if event["alarm"].startswith("OrphanedResults")]
    assert [(event["t_ms"], event["new"]) for event in changes if event["new"] == "ALARM"] == [(60_000, "ALARM")]
    assert any("OrphanedResults" in event["subject"] for event in crowd_of_orphans.of("inbox.message"))
