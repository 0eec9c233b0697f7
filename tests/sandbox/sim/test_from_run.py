"""A live run's journal as a plan; `demo_run.jsonl` is what a plan is made of, from a run of `sandbox demo`."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox import journal
from sandbox.cli.app import app
from sandbox.sim import from_run, recorded
from sandbox.sim.from_run import NoScenarioError, Placed
from sandbox.sim.plan import Burst
from sandbox.sim.speech import Talk

EVENTS = journal.read(Path(__file__).parent / "demo_run.jsonl")


def silent(name: str, placed: Sequence[Placed], duration_ms: int) -> Talk:
    """A talk that no sample is read for."""
    return recorded.talk(name, placed, duration_ms, samples=Path("/nowhere"))


def test_a_runs_speaker_and_listeners_are_those_of_the_plan():
    """One recording in one piece, and who was there from its beginning to its end."""
    (speaker,) = from_run.plan(EVENTS, talk=silent).speakers
    assert speaker.bursts == ()
    assert [word.word for word in speaker.talk.words[:4]] == ["and", "mister", "john", "dashwood"]
    assert [(one.name, one.language, one.stays) for one in speaker.listeners] == [
        ("listener-1", "es", True),
        ("listener-2", "fr", True),
    ]


def test_a_recording_of_the_samples_has_its_own_sound_and_script():
    """What the fake Transcribe replayed is replayed again."""
    (speaker,) = from_run.plan(EVENTS, talk=recorded.talk).speakers
    assert any(speaker.talk.recording.pcm)
    first = speaker.talk.script.segments[0]
    assert first.final is not None
    assert first.final.text.casefold().startswith("and mister john dashwood had then")
    assert speaker.talk.settles


def test_where_nothing_was_sent_for_long_the_talk_has_a_break():
    """Chunks from the tenth on came four seconds later."""
    later = [
        {**event, "t_ms": event["t_ms"] + 4_000} if event.get("action") == "sendAudio" and event["seq"] >= 10 else event
        for event in EVENTS
    ]
    (speaker,) = from_run.plan(later, talk=silent).speakers
    first, second = speaker.bursts
    assert first == Burst(at_ms=0, from_ms=0, to_ms=1_000)
    assert (second.from_ms, 4_900 < second.at_ms < 5_200) == (1_000, True)


def test_who_came_late_and_who_left_early_do_so_again():
    """The second listener joins three seconds into the talk; the first one's connection ends before the last chunk."""
    first, second = dict.fromkeys(event["connectionId"] for event in EVENTS if event.get("action") == "joinSession")
    created_ms = next(event["t_ms"] for event in EVENTS if event["kind"] == "client.session_created")
    began_ms = next(event["t_ms"] for event in EVENTS if event.get("action") == "sendAudio")
    moved = {(first, "gateway.close"): began_ms + 5_000, (second, "gateway.frame_in"): began_ms + 3_000}
    changed = [
        {**event, "t_ms": moved.get((event.get("connectionId"), event["kind"]), event["t_ms"])} for event in EVENTS
    ]
    (speaker,) = from_run.plan(changed, talk=silent).speakers
    early, late = speaker.listeners
    assert early.leaves_at_ms == began_ms + 5_000 - created_ms
    assert late.joins_at_ms == began_ms + 3_000 - created_ms


@pytest.mark.parametrize("kind", ["client.session_created", "client.recording"])
def test_a_run_in_which_nobody_of_ours_spoke_is_refused(kind):
    """Only the sandbox's own speakers write what they say."""
    with pytest.raises(NoScenarioError, match=f"expected a run in which somebody spoke, got one without a {kind}"):
        from_run.plan([event for event in EVENTS if event["kind"] != kind], talk=silent)


def test_an_unknown_run_is_told_in_one_line(tmp_path):
    """Exit 2, with the next step."""
    ended = CliRunner().invoke(app, ["sim", "--from-run", "20270115-080000-001", "--state-dir", str(tmp_path)])
    assert ended.exit_code == 2
    assert re.search(r"expected a run in .*, found 20270115-080000-001: run 'sandbox demo' first", ended.output)
