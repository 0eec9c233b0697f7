"""One stream's core: its limits, its faults and its end, with time given."""

import dataclasses
from pathlib import Path

import pytest

from fake_transcribe import limits, recordings
from fake_transcribe import session as core
from fake_transcribe.request import Parameters
from fake_transcribe.session import End, SendException, SendHeartbeat, SendResult, Session

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
LOADED = recordings.load(SAMPLES)
PCM = recordings.read_pcm(SAMPLES / "austen-0880.wav")
PARAMETERS = Parameters(sample_rate_hz=16_000, language="en-US", stability="high", session_id="s")


def session(stability: str | None = "high", scripts=None) -> Session:
    parameters = dataclasses.replace(PARAMETERS, stability=stability)
    return Session(
        library=LOADED.library, scripts=scripts or LOADED.scripts, parameters=parameters, started_ms=0, seed=1
    )


def play(made: Session, pcm: bytes = PCM) -> list:
    """Stream in real time, then end and wait."""
    outputs, now_ms = [], 0
    for start in range(0, len(pcm), 3200):
        now_ms += 100
        outputs += made.audio(pcm[start : start + 3200], now_ms)
        outputs += made.tick(now_ms)
    made.end(now_ms)
    return outputs + made.tick(now_ms + core.END_LAG_MS)


def with_fault(**faults):
    script = LOADED.scripts["austen-0880"]
    segment = script.segments[0]
    partials = (*segment.partials[:3], dataclasses.replace(segment.partials[3], faults=faults), *segment.partials[4:])
    changed = dataclasses.replace(segment, partials=partials)
    return {**LOADED.scripts, "austen-0880": dataclasses.replace(script, segments=(changed,))}


def results(outputs) -> list:
    return [one for one in outputs if isinstance(one, SendResult)]


def test_a_stream_played_in_real_time_gets_its_partials_and_one_final():
    """T-24, T-06: and ends well."""
    outputs = play(session())
    assert [one.is_partial for one in results(outputs)].count(False) == 1
    assert isinstance(outputs[-1], End)


def test_stability_flags_come_only_when_asked_for():
    """T-28: without stabilisation no item has `Stable`."""
    items = [item for one in results(play(session(None))) for item in one.result["Alternatives"][0]["Items"]]
    assert items
    assert not any("Stable" in item for item in items)


def test_fifteen_seconds_without_audio_end_the_stream_with_the_services_text():
    """T-18: at the limit, and not one millisecond before."""
    made = session()
    made.audio(PCM[:3200], 1000)
    made.tick(1000 + limits.SILENCE_TIMEOUT_MS - 1)
    (ended,) = made.tick(1000 + limits.SILENCE_TIMEOUT_MS)
    assert isinstance(ended, SendException)
    assert ended.exception.message == "Your request timed out because no new audio was received for 15 seconds."


def test_a_stream_ends_after_four_hours():
    """T-19: however much is said; at the limit, and not one millisecond before."""
    made = session()
    made.audio(bytes(3200), limits.STREAM_MS - 1)
    assert not any(isinstance(one, SendException) for one in made.tick(limits.STREAM_MS - 1))
    (ended,) = made.tick(limits.STREAM_MS)
    assert ended.exception.name == "LimitExceededException"


def test_partials_come_on_the_beat_of_the_audio():
    """T-25: every half second of it, whenever it arrives."""
    made, heard = session(), []
    for number, start in enumerate(range(0, len(PCM), 320)):
        if results(made.audio(PCM[start : start + 320], 7 * number)):
            heard.append((number + 1) * 10)
    first = LOADED.scripts["austen-0880"].segments[0].words[0].start_ms
    # A match is known in windows of 50 ms, so a result comes with the window that reaches its moment.
    assert [(at_ms - first) // 500 for at_ms in heard if at_ms > 700] == list(range(1, len(heard) + 1))


def test_a_heartbeat_comes_each_second_in_silence():
    """T-17: events without results."""
    made = session()
    made.audio(bytes(3200), 100)
    assert [type(one) for one in made.tick(999)] == []
    assert [type(one) for one in made.tick(1000)] == [SendHeartbeat]


def test_a_stream_without_its_end_frame_is_an_exception():
    """`A complete signal was sent without the preceding empty frame.`"""
    made = session()
    made.audio(PCM[:3200], 100)
    (ended,) = made.cut_off()
    assert "without the preceding empty frame" in ended.exception.message


@pytest.mark.parametrize(("faults", "change"), [({"drop": True}, -1), ({"duplicate": True}, 1), ({"delay_ms": 200}, 0)])
def test_faults_drop_repeat_and_delay_a_partial(faults, change):
    """A delayed partial still comes."""
    plain = len(results(play(session())))
    assert len(results(play(session(scripts=with_fault(**faults))))) == plain + change


def test_a_scripted_exception_ends_the_stream_with_its_name():
    """Nothing comes after it."""
    outputs = play(session(scripts=with_fault(exception="InternalFailureException")))
    assert isinstance(outputs[-1], SendException)
    assert outputs[-1].exception.name == "InternalFailureException"


def test_the_same_seed_gives_the_same_bytes():
    """A run can be repeated."""
    assert [one.data for one in results(play(session()))] == [one.data for one in results(play(session()))]
