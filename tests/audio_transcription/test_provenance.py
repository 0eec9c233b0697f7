"""Every released segment has a line in the log that says where it comes from, and nothing of what was said."""

import io
import json
import logging

from audio_processor import logs

from tests.audio_transcription.spoken import speech
from tests.audio_transcription.virtual_time import run
from tests.audio_transcription.worker_world import World


def _lines(world: World) -> list[dict[str, object]]:
    """The worker's log of a whole session, as Lambda has it."""

    async def play() -> None:
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak()
        await world.finish()

    written = io.StringIO()
    ours, to_text = logging.getLogger("audio_processor"), logging.StreamHandler(written)
    to_text.setFormatter(logs.JsonLine())
    before = ours.level
    ours.addHandler(to_text)
    ours.setLevel(logging.INFO)
    try:
        run(play())
    finally:
        ours.removeHandler(to_text)
        ours.setLevel(before)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_segments_line_names_its_reason_its_result_and_the_chunk_of_its_last_word():
    """In order of the segments; a handover changes nothing in that."""
    world = World(script=speech(sentences=22, words=9))
    lines = [line for line in _lines(world) if line["message"] == "segment released"]
    segments = world.segments()
    assert len(world.streams) == 2
    assert [line["segmentId"] for line in lines] == [one.segmentId for one in segments]
    assert [line["seq"] for line in lines] == [(one.endMs - 1) // world.chunk_ms for one in segments]
    assert {line["connectionId"] for line in lines} == {"speaker"}
    assert {line["sessionId"] for line in lines} == {segments[0].sessionId}
    assert all(line["resultId"] for line in lines)
    assert {line["reason"] for line in lines} <= {"clause", "wait", "pause", "buffer", "final", "finish"}


def test_the_log_says_nothing_of_what_was_said():
    """Text and sound are the listeners' and nobody else's."""
    world = World(script=speech(sentences=2, words=8))
    text = json.dumps(_lines(world))
    assert not [one.sourceText for one in world.segments() if one.sourceText in text]
