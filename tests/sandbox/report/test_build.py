"""A report is a view of the journal: every figure can be worked out by hand from a few events."""

import pytest

from sandbox.report.build import build, is_whole
from sandbox.report.distribution import distribution

BEGAN_MS = 1_000_000


def run_events(received: str = "one two"):
    return [
        {"t_ms": 0, "kind": "client.listener_joined", "listener": "es-1", "language": "es"},
        {"t_ms": 100, "kind": "client.stream_began", "sessionId": "s"},
        {"t_ms": 100, "kind": "client.recording", "sessionId": "s", "name": "r", "atAudioMs": 0,
         "words": [["One", 0, 300], ["two.", 300, 700]]},
        {"t_ms": 200, "kind": "gateway.frame_in", "digest": "d0", "seq": 0},
        {"t_ms": 950, "kind": "transcribe.audio", "streamId": "t", "digest": "d0"},
        {"t_ms": 2300, "kind": "gateway.frame_in", "digest": "d1", "seq": 1},
        {"t_ms": 2312, "kind": "transcribe.audio", "streamId": "t", "digest": "d1"},
        {"t_ms": 1000, "kind": "transcribe.partial", "streamId": "t", "resultId": "r",
         "words": [["One", True], ["tw", False]]},
        {"t_ms": 1600, "kind": "transcribe.final", "streamId": "t", "resultId": "r",
         "words": [["One", True], ["two", True]]},
        {"t_ms": 1650, "kind": "segment.forwarded", "segmentId": "s-0", "sequence": 0, "sourceText": "One two.",
         "releasedAtMs": BEGAN_MS + 1610},
        {"t_ms": 1700, "kind": "client.translation", "listener": "es-1", "segmentId": "s-0", "sequence": 0,
         "sourceText": received, "new": True},
        {"t_ms": 1800, "kind": "metric", "name": "Handovers", "sum": 2},
    ]  # fmt: skip


def figures(received: str = "one two"):
    return build(run_events(received), run_began_ms=BEGAN_MS, model={})


def test_a_words_latency_starts_at_its_end_in_the_audio_as_streamed():
    """ "One" ends at 400, "two" at 800; both were forwarded at 1650 and heard at 1700."""
    latency = figures()["latency_ms"]
    assert latency["word_to_forward"] | {"p50": None} == {
        "p50": None, "p95": None, "p99": None, "max": 1250, "count": 2,
    }  # fmt: skip
    assert latency["word_to_listener"]["max"] == 1300
    assert latency["forward_to_listener"]["max"] == 50
    assert latency["release_to_forward"]["max"] == 40


def test_stable_to_forward_starts_at_the_first_event_in_which_the_word_is_stable():
    """ "One" was stable at 1000, "two" only in the final at 1600."""
    latency = figures()["latency_ms"]["stable_to_forward"]
    assert (latency["max"], latency["p50"], latency["count"]) == (650, 50, 2)


def test_the_first_two_seconds_of_audio_are_the_streams_start():
    """The first chunk waited 750 ms for the stream; the steady one 12 ms."""
    latency = figures()["latency_ms"]
    assert latency["stream_start"]["max"] == 750
    assert (latency["audio_to_transcribe"]["max"], latency["audio_to_transcribe"]["count"]) == (12, 1)


def test_the_baseline_forwards_each_word_with_its_final():
    """Final at 1600 plus the run's own 40 ms, less the words' ends."""
    assert figures()["baseline_finals_only"]["word_to_forward"]["p50"] == 840


def test_counts_come_from_events_and_metrics():
    """Nothing is counted that no event says."""
    counts = figures()["counts"]
    assert (counts["audio_chunks"], counts["partials"], counts["finals"], counts["segments"]) == (2, 1, 1, 1)
    assert counts["handovers"] == 2


@pytest.mark.parametrize(("received", "whole"), [("one two", True), ("one", False), ("one two two", False)])
def test_a_run_is_whole_when_every_listener_got_every_word_once(received, whole):
    """The demo's exit code."""
    assert is_whole(figures(received)) is whole


def test_a_run_without_listeners_is_not_whole():
    """Nobody heard anything is not success."""
    assert not is_whole(build([], run_began_ms=0, model={}))


@pytest.mark.parametrize(
    ("count", "p95", "p99"), [(199, False, False), (200, True, False), (999, True, False), (1000, True, True)]
)
def test_rare_quantiles_need_enough_values(count, p95, p99):
    """p95 needs 200 values and p99 1,000."""
    figures_of = distribution(range(count))
    assert (figures_of["p95"] is not None, figures_of["p99"] is not None) == (p95, p99)
