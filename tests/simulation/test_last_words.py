"""A session that ends with its last word: whatever becomes of its stream worker, its listeners hear that word."""

import json
from pathlib import Path

from sandbox.sim import speech
from sandbox.sim.faults import Faults
from sandbox.sim.run import BEGAN_US
from tests.simulation.mutation import SERVICES
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


def test_a_worker_that_dies_before_it_has_the_lease_is_replaced_and_the_last_words_arrive(tmp_path: Path):
    """Nothing tells of it but that it was asked for."""
    begin = "        view = await self._ports.store.read()\n"
    alive_ms = BEGAN_US // 1_000 + 9_000
    dies = f"        if self._ports.clock.now_ms() < {alive_ms}:\n            raise SystemExit(1)\n"
    source = (SERVICES / "audio-transcription/lambda/audio_processor/worker.py").read_text(encoding="utf-8")
    assert source.count(begin) == 1
    file = tmp_path / "worker.py"
    file.write_text(source.replace(begin, begin + dies), encoding="utf-8")
    played = play(TALK, ends_at_once=True, overrides={"audio_processor.worker": file})
    (opened,) = played.of("transcribe.stream_opened")
    assert opened["t_ms"] > 9_000
    assert [text for _, text in played.heard()] == ["alpha bravo carol"]


def test_a_worker_that_lives_says_the_last_words_itself():
    played = play(TALK, ends_at_once=True)
    assert played.outcome.kind == "held", played.outcome
    assert not said(played, "the stream worker has died with the last words")
    assert [text for _, text in played.heard()] == ["alpha bravo carol"]
