"""The stream worker as a whole, in virtual time, with a world of our own."""

import asyncio
from dataclasses import replace

import pytest
from audio_processor import limits, metric_names
from audio_processor.assignment import Ending
from audio_processor.errors import StreamsExhaustedError

from tests.audio_transcription.spoken import speech
from tests.audio_transcription.virtual_time import run
from tests.audio_transcription.worker_world import Faults, Mortal, World


async def _session(world: World) -> None:
    world.start_worker(predecessor_token=None, generation=0)
    await world.speak()
    await world.finish()


def _everything_once(world: World) -> None:
    assert world.forwarded_words() == world.spoken_words()
    assert [one.sequence for one in world.segments()] == list(range(len(world.segments())))
    assert world.messages == []


def _play(**settings) -> World:
    async def play() -> World:
        world = World(**settings)
        await _session(world)
        return world

    return run(play())


def test_every_word_is_forwarded_once_in_order():
    world = _play(script=speech(sentences=4, words=8))
    _everything_once(world)
    assert world.endings == [Ending.SESSION_OVER]
    assert not world.queue_exists
    assert len(world.streams) == 1


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_doubled_and_redelivered_chunks_change_nothing(seed):
    faults = Faults(shuffled=0.3, doubled=0.2, redelivered=0.2)
    world = _play(script=speech(sentences=4, words=8), faults=faults, seed=seed)
    _everything_once(world)


def test_a_handover_at_a_boundary_loses_nothing_and_says_nothing_twice():
    world = _play(script=speech(sentences=22, words=9))
    _everything_once(world)
    assert world.endings == [Ending.HANDED_OVER, Ending.SESSION_OVER]
    assert len(world.streams) == 2


@pytest.mark.parametrize("words", [300, 302, 304])
def test_a_forced_handover_in_the_middle_of_speech_loses_nothing_and_says_nothing_twice(words):
    world = _play(script=speech(sentences=1, words=words))
    _everything_once(world)
    assert world.endings[0] is Ending.HANDED_OVER
    assert world.counts["max AudioProcessingLatency"] < 5_000


def test_handovers_go_on_from_worker_to_worker():
    world = _play(script=speech(sentences=90, words=9))
    _everything_once(world)
    assert world.endings.count(Ending.HANDED_OVER) >= 6


def test_a_successor_that_is_not_started_leaves_the_session_to_the_next_chunk():
    world = _play(script=speech(sentences=22, words=9), faults=Faults(successor_fails=9))
    _everything_once(world)
    assert world.endings[0] is Ending.LET_GO


@pytest.mark.parametrize("before_effect", [True, False])
@pytest.mark.parametrize("call", [*range(1, 12), *range(12, 150, 20)])
def test_a_worker_that_dies_at_any_call_delays_words_and_loses_none(call, before_effect):
    mortals = [Mortal(dies_at_call=call, before_effect=before_effect)]
    world = _play(script=speech(sentences=3, words=8), mortals=mortals, quiet_after_ms=32_000, chunk_ms=200)
    _everything_once(world)
    assert mortals[0].dead


@pytest.mark.parametrize("seed", range(6))
def test_a_worker_killed_amid_every_disorder_of_the_queue_loses_nothing(seed):
    faults = Faults(shuffled=0.3, doubled=0.2, redelivered=0.2)
    mortals = [Mortal(dies_at_call=40 + 17 * seed), Mortal(dies_at_call=90 + 11 * seed, before_effect=True)]
    world = _play(
        script=speech(sentences=14, words=8),
        faults=faults,
        seed=seed,
        mortals=mortals,
        quiet_after_ms=40_000,
        chunk_ms=200,
    )
    _everything_once(world)
    assert [mortal.dead for mortal in mortals] == [True, True]


@pytest.mark.parametrize("call", range(444, 480, 3))
def test_a_worker_that_dies_while_it_hands_over_loses_nothing(call):
    """The successor stands ready from about the 440th call; the cut is made soon after."""
    mortals = [Mortal(dies_at_call=call, before_effect=call % 2 == 0)]
    world = _play(script=speech(sentences=18, words=9), mortals=mortals, quiet_after_ms=34_000, chunk_ms=200)
    _everything_once(world)


@pytest.mark.parametrize("call", range(1, 60, 8))
def test_a_successor_that_dies_at_any_call_loses_nothing(call):
    mortals = [Mortal(), Mortal(dies_at_call=call)]
    world = _play(script=speech(sentences=18, words=9), mortals=mortals, quiet_after_ms=34_000, chunk_ms=200)
    _everything_once(world)


def test_a_stream_that_breaks_is_renewed_and_the_speaker_is_told():
    world = _play(script=speech(sentences=6, words=8), faults=Faults(stream_fails_at_ms=(2_000, 5_321, 9_000)), seed=3)
    _everything_once(world)
    errors = [one for one in world.warnings if one["type"] == "transcriptionError"]
    assert [one["code"] for one in errors] == ["InternalFailureException"] * 3
    assert len(world.streams) == 4


def test_streams_that_are_refused_at_first_lose_nothing():
    world = _play(script=speech(sentences=4, words=8), faults=Faults(opening_fails=3))
    _everything_once(world)


def test_a_worker_gives_up_after_too_many_refused_streams_and_the_next_chunk_starts_another():
    world = _play(script=speech(sentences=14, words=8), faults=Faults(opening_fails=limits.STREAM_ATTEMPTS))
    _everything_once(world)
    assert isinstance(world.endings[0], StreamsExhaustedError)


def test_a_translation_that_refuses_at_first_gets_every_segment_in_order():
    world = _play(script=speech(sentences=4, words=8), faults=Faults(forward_fails=3))
    _everything_once(world)
    assert [one.sequence for one in world.forwarded] == sorted(one.sequence for one in world.forwarded)


def test_a_chunk_that_never_comes_is_counted_and_the_rest_goes_on():
    async def play() -> World:
        world = World(script=speech(sentences=4, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak(seqs=[seq for seq in range(200) if seq != 20])
        await world.finish()
        return world

    world = run(play())
    assert world.counts[metric_names.AUDIO_CHUNKS_LOST] == 1
    assert len(world.forwarded_words()) >= len(world.spoken_words()) - 2
    assert world.messages == []


def test_two_workers_started_at_once_serve_one_after_the_other_never_both():
    async def play() -> World:
        world = World(script=speech(sentences=3, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak()
        await world.finish()
        return world

    world = run(play())
    _everything_once(world)
    assert world.endings == [Ending.NOT_NEEDED, Ending.SESSION_OVER]


def test_what_is_sent_while_muted_is_taken_and_not_transcribed():
    async def play() -> World:
        world = World(script=speech(sentences=5, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(7)
        world.item["silent"] = True
        await asyncio.sleep(4)
        world.item["silent"] = False
        await speaking
        await world.finish()
        return world

    world = run(play())
    words = [word for one in world.script for word in one.words]
    muted = {word.text for word in words if word.start_ms > 7_300 and word.end_ms < 10_600}
    audible = {word.text for word in words if word.end_ms < 6_900 or word.start_ms > 11_000}
    assert len(muted) > 5
    assert not muted & set(world.forwarded_words())
    assert audible <= set(world.forwarded_words())
    assert world.messages == []


def test_a_break_of_a_minute_keeps_the_stream_then_ends_it_and_the_next_chunk_starts_a_worker():
    async def play() -> World:
        world = World(script=speech(sentences=2, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        half = world.script[0].end_ms // 100 + 5
        await world.speak(seqs=range(half))
        await asyncio.sleep(40)
        assert world.endings[-1:] != [Ending.IDLE]
        await asyncio.sleep(60)
        assert world.endings[-1] is Ending.IDLE
        await world.speak(seqs=range(half, 1_000))
        await asyncio.sleep(3)
        await world.finish()
        return world

    world = run(play())
    _everything_once(world)
    assert [one for one in world.endings if isinstance(one, Exception)] == []
    assert not any(one["type"] == "transcriptionError" for one in world.warnings)


def test_a_session_that_is_cleaned_away_ends_its_worker():
    async def play() -> World:
        world = World(script=speech(sentences=2, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak()
        world.queue_exists = False
        await asyncio.sleep(12)
        await world.finish()
        return world

    world = run(play())
    assert world.forwarded_words() == world.spoken_words()
    assert world.endings == [Ending.SESSION_OVER]


@pytest.mark.parametrize("call", [None, *range(80, 260, 45)])
@pytest.mark.parametrize("orphan", [1, 3])
def test_a_result_without_its_final_neither_repeats_nor_delays_what_follows(orphan, call):
    script = speech(sentences=8, words=8)
    script[orphan] = replace(script[orphan], orphan=True)
    mortals = [Mortal(dies_at_call=call)]
    world = _play(script=script, mortals=mortals, quiet_after_ms=34_000, chunk_ms=200)
    words = world.forwarded_words()
    assert len(set(words)) == len(words)
    confirmed = {word.text for one in script if not one.orphan for word in one.words}
    assert confirmed <= set(words)
    assert world.messages == []
