"""A chunk that no stream was given is counted as lost, unless who gave it up was lost before it told its counts."""

import pytest

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.audio_in_order import TOLD_EVERY_MS, AudioInOrder
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


@pytest.mark.parametrize(
    ("function", "at_ms", "told"),
    [
        ("audio-processor-staging", 4_000, False),
        ("audio-processor-staging", 4_000 + TOLD_EVERY_MS - 1, False),
        ("audio-processor-staging", 4_000 + TOLD_EVERY_MS, True),
        ("TranslationProcessor-staging", 4_000, True),
    ],
)
def test_a_worker_that_is_lost_takes_its_counts_with_it(function, at_ms, told):
    """`sandbox sim --seed 29 --speech 12 --listeners 1 --faults all`, and, where it had ended its stream before,
    `--scenario farewell --seed 96 --faults table_throttled=10,queue_failed=10,call_slow=5,answer_lost=5,
    last_words_lost=1000,message_duplicated=20,message_late=20`: another function's loss excuses nothing."""
    watching = checker()
    watching.note({"t_ms": at_ms, "kind": "lambda.end", "status": "crash", "function": function})
    assert bool(watching.violations()) is told
