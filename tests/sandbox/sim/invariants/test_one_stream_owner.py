"""An old stream may be given what was said before a new one began, and nothing that was said after."""

import pytest

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.one_stream_owner import UNNOTICED_MS, OneStreamOwner
from sandbox.sim.plan import Plan, SpeakerPlan

TALK = speech.make(seed=24, name="t", duration_ms=3_000)
PLAN = Plan(speakers=(SpeakerPlan(name="speaker-1", address="127.10.0.1", talk=TALK, listeners=()),))
VOICED = [digest(chunk) for chunk in TALK.recording.chunks(CHUNK_MS) if any(chunk)]
NEW_BEGINS_MS = 10_000


def found(*, said_ms: int, provoked: bool) -> list[str]:
    """What the checker finds where the old stream is given, late, a chunk that was said then."""
    checker = OneStreamOwner(PLAN)
    checker.provoked = provoked
    old, new, late = VOICED[:3]
    for at_ms, name in ((0, old), (NEW_BEGINS_MS, new), (said_ms, late)):
        checker.note({"t_ms": at_ms, "kind": "gateway.frame_in", "digest": name})
    for at_ms, stream, name in ((0, "old", old), (NEW_BEGINS_MS, "new", new), (NEW_BEGINS_MS + 900, "old", late)):
        checker.note({"t_ms": at_ms, "kind": "transcribe.audio", "streamId": stream, "digest": name})
    return [one.text for one in checker.violations()]


@pytest.mark.parametrize("provoked", [False, True])
def test_the_backlog_of_an_old_stream_is_its_own(provoked):
    """The service reads it to its end, after the new stream has begun."""
    assert found(said_ms=NEW_BEGINS_MS, provoked=provoked) == []


def test_where_nothing_fails_nothing_that_is_said_later_goes_to_the_old_stream():
    assert found(said_ms=NEW_BEGINS_MS + 1, provoked=False) == [
        "an old stream was given audio that was said 1 ms after a new one had begun"
    ]


def test_a_worker_that_was_about_to_receive_when_it_lost_its_lease_is_excused_and_no_longer():
    assert found(said_ms=NEW_BEGINS_MS + UNNOTICED_MS, provoked=True) == []
    assert len(found(said_ms=NEW_BEGINS_MS + UNNOTICED_MS + 1, provoked=True)) == 1
