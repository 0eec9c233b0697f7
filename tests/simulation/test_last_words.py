"""A session that ends with its last word: whatever becomes of its stream worker, its listeners hear that word."""

import json

from sandbox.sim import speech
from sandbox.sim.faults import Faults
from tests.simulation.playing import Played, play, segment, spoken

WORDS = spoken("alpha", "bravo", "carol")
TALK = speech.scripted(
    WORDS,
    [segment(WORDS, {900: ("alpha bravo", 0.5), 1_300: ("alpha bravo carol", 0.5)}, final_ms=1_900)],
    duration_ms=1_700,
)


def said(played: Played, text: str) -> bool:
    """Whether a function has logged this."""
    lines = (event["line"] for event in played.of("lambda.log"))
    return any(json.loads(line).get("message") == text for line in lines if line.startswith("{"))


def test_a_worker_that_dies_with_the_last_words_is_replaced_and_they_arrive():
    """Nobody sends a chunk any more that would start another; the listeners stay until it has been heard."""
    played = play(TALK, ends_at_once=True, faults=Faults(last_words_lost=1_000, last_words_lost_ms=200))
    assert played.outcome.kind == "held", played.outcome
    (died,) = (event for event in played.of("lambda.end") if event["status"] == "crash")
    assert died["function"].startswith("audio-processor")
    assert said(played, "the stream worker has died with the last words")
    _, second = (event["t_ms"] for event in played.of("transcribe.stream_opened"))
    (forwarded,) = (event["t_ms"] for event in played.of("segment.forwarded"))
    assert second < forwarded
    assert [text for _, text in played.heard()] == ["alpha bravo carol"]


def test_a_worker_that_lives_says_the_last_words_itself():
    played = play(TALK, ends_at_once=True)
    assert played.outcome.kind == "held", played.outcome
    assert not said(played, "the stream worker has died with the last words")
    assert [text for _, text in played.heard()] == ["alpha bravo carol"]
