"""A word must come within a bound, which depends on what may go wrong."""

import dataclasses

import pytest

from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.words_in_time import CALM_MS, MINUTE_MS, PROVOKED_MS, WordsInTime
from sandbox.sim.plan import Burst, ListenerPlan, Plan, SpeakerPlan

TALK = speech.make(seed=24, name="t", duration_ms=3_000)
LISTENER = ListenerPlan(name="listener-1", language="es", address="127.20.0.1")
SPEAKER = SpeakerPlan(name="speaker-1", address="127.10.0.1", talk=TALK, listeners=(LISTENER,))
RESTS = dataclasses.replace(SPEAKER, bursts=(Burst(at_ms=0, from_ms=0, to_ms=3_000),))


def found(speaker: SpeakerPlan, *, took_ms: int, provoked: bool) -> int:
    """How many violations there are where the talk's first word came so late."""
    checker = WordsInTime(Plan(speakers=(speaker,)))
    checker.provoked = provoked
    word = TALK.words[0]
    chunk = speaker.chunks[(word.end_ms - 1) // speaker.chunk_ms]
    checker.note({"t_ms": 1_000, "kind": "gateway.frame_in", "digest": digest(chunk)})
    line = {"listener": LISTENER.name, "new": True, "sourceText": word.word}
    checker.note({"t_ms": 1_000 + took_ms, "kind": "client.translation", **line})
    return len(checker.violations())


@pytest.mark.parametrize(
    ("speaker", "provoked", "bound_ms"),
    [
        (SPEAKER, False, CALM_MS),
        (SPEAKER, True, PROVOKED_MS),
        # `sandbox sim --scenario mixed --seed 2745 --speech 15 --faults all`: its worker died in the break.
        (RESTS, True, PROVOKED_MS + MINUTE_MS),
    ],
)
def test_a_word_is_late_beyond_its_bound(speaker, provoked, bound_ms):
    assert found(speaker, took_ms=bound_ms, provoked=provoked) == 0
    assert found(speaker, took_ms=bound_ms + 1, provoked=provoked) == 1
