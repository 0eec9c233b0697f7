"""A chunk that no stream was given is counted as lost, unless who gave it up was lost before it told its counts."""

import pytest

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.audio_in_order import AudioInOrder
from sandbox.sim.plan import Plan, SpeakerPlan

TALK = speech.make(seed=24, name="t", duration_ms=3_000)
PLAN = Plan(speakers=(SpeakerPlan(name="speaker-1", address="127.10.0.1", talk=TALK, listeners=()),))
VOICED = [digest(chunk) for chunk in TALK.recording.chunks(CHUNK_MS) if any(chunk)]
PASSED_OVER = 5


def checker() -> AudioInOrder:
    """All was accepted; one stream was given all but one chunk, and has closed."""
    watching = AudioInOrder(PLAN)
    for name in VOICED:
        watching.note({"t_ms": 0, "kind": "gateway.frame_in", "digest": name})
    for name in VOICED[:PASSED_OVER] + VOICED[PASSED_OVER + 1 :]:
        watching.note({"t_ms": 0, "kind": "transcribe.audio", "streamId": "s", "digest": name})
    watching.note({"t_ms": 4_000, "kind": "transcribe.stream_closed", "streamId": "s"})
    return watching


@pytest.mark.parametrize("name", ["AudioChunksLost", "AudioChunksDropped"])
def test_a_chunk_that_is_passed_over_is_to_be_counted(name):
    """As lost where it did not come, as dropped where Transcribe took no audio."""
    watching = checker()
    assert [one.text for one in watching.violations()] == [
        "1 accepted chunks never reached a stream, 0 were counted as left out"
    ]
    watching.note({"t_ms": 5_000, "kind": "metric", "name": name, "sum": 1})
    assert watching.violations() == []


def test_a_worker_that_is_lost_takes_its_counts_with_it():
    """`sandbox sim --seed 29 --speech 12 --listeners 1 --faults all`: another function's loss excuses nothing."""
    watching = checker()
    watching.note({"t_ms": 4_500, "kind": "lambda.end", "status": "crash"})
    assert len(watching.violations()) == 1
    watching = checker()
    watching.note({"t_ms": 4_000, "kind": "lambda.end", "status": "crash"})
    assert watching.violations() == []
