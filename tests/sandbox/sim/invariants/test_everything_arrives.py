"""A word must come, unless nobody could have brought it."""

from sandbox.client.recording import CHUNK_MS
from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.everything_arrives import KEPT_MS, EverythingArrives
from sandbox.sim.invariants.transcripts import the_excused_of_twins
from sandbox.sim.invariants.words_in_time import RETRY_MS
from sandbox.sim.plan import ListenerPlan, Plan, SpeakerPlan

TALK = speech.make(seed=24, name="t", duration_ms=3_000)
LISTENER = ListenerPlan(name="listener-1", language="es", address="127.20.0.1")
PLAN = Plan(speakers=(SpeakerPlan(name="speaker-1", address="127.10.0.1", talk=TALK, listeners=(LISTENER,)),))
FAILED_MS = 10_000
SENT_MS = FAILED_MS - KEPT_MS - 1


def found(*, dismissed_ms: int, status: str = "crash", dropped: bool = False, provoked: bool = True) -> list[str]:
    """What is found where all but the last word came, whose translation ended so and was dropped or not."""
    checker = EverythingArrives(PLAN)
    checker.provoked = provoked
    for chunk in TALK.recording.chunks(CHUNK_MS):
        audio = {"streamId": "s", "digest": digest(chunk), "bytes": len(chunk)}
        checker.note({"t_ms": 0, "kind": "transcribe.audio", **audio})
    *came, last = (one.word for one in TALK.words)
    line = {"listener": LISTENER.name, "new": True, "segmentId": "s-0", "sequence": 0, "sourceText": " ".join(came)}
    checker.note({"t_ms": 5_000, "kind": "client.translation", **line})
    checker.note({"t_ms": SENT_MS, "kind": "segment.forwarded", "requestId": "r", "sourceText": last})
    checker.note({"t_ms": FAILED_MS, "kind": "lambda.end", "requestId": "r", "status": status})
    if dropped:
        checker.note({"t_ms": FAILED_MS, "kind": "lambda.event_dropped", "requestId": "r"})
    message = {"listener": LISTENER.name, "type": "sessionEnded"}
    checker.note({"t_ms": dismissed_ms, "kind": "client.message", **message})
    return [one.text for one in checker.violations()]


def test_a_word_is_missing_whose_translation_went_well():
    assert len(found(dismissed_ms=FAILED_MS + 1, status="ok")) == 1


def test_lambdas_retry_comes_too_late_for_a_listener_who_has_been_sent_away():
    assert found(dismissed_ms=FAILED_MS + RETRY_MS - 1) == []


def test_a_listener_who_is_there_for_the_retry_has_the_word():
    assert len(found(dismissed_ms=FAILED_MS + RETRY_MS)) == 1


def test_lambda_gives_an_event_up_whose_environments_are_lost_each_time():
    """`sandbox sim --scenario mixed --seed 2754 --speech 15 --faults all`."""
    assert found(dismissed_ms=FAILED_MS + RETRY_MS, dropped=True) == []


def test_a_word_is_missing_whose_function_failed_of_itself_until_lambda_gave_it_up():
    assert len(found(dismissed_ms=FAILED_MS + RETRY_MS, status="error", dropped=True)) == 1


def test_listeners_are_kept_no_longer_for_a_translation_that_is_slow_by_a_fault():
    """`sandbox sim --scenario mixed --seed 1909 --speech 15 --faults all`: its event was late, and it took long."""
    assert found(dismissed_ms=SENT_MS + KEPT_MS, status="ok") == []
    assert len(found(dismissed_ms=SENT_MS + KEPT_MS, status="ok", provoked=False)) == 1
    assert len(found(dismissed_ms=SENT_MS + KEPT_MS - 1, status="ok")) == 1


def test_of_twins_beside_each_other_the_one_without_audio_is_missing():
    """`sandbox sim --scenario mixed --seed 60 --speech 15 --chunk 100 --faults all`: a word was said twice, and which
    of the two came is not to be seen from its text."""
    words = ["one", "two", "two", "three"]
    assert the_excused_of_twins(words, missing={2}, excused={1}) == {1}
    assert the_excused_of_twins(words, missing={2}, excused={0}) == {2}


def test_a_word_that_came_between_two_that_are_alike_tells_them_apart():
    words = ["two", "one", "two"]
    assert the_excused_of_twins(words, missing={2}, excused={0}) == {2}
    assert the_excused_of_twins(words, missing={1, 2}, excused={0}) == {0, 1}
