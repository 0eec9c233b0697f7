"""The stream worker as a whole, in virtual time, with a world of our own."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from audio_processor import limits, metric_names
from audio_processor.assignment import Ending
from audio_processor.core_adapter import AdaptedCore, configuration
from audio_processor.errors import StreamsExhaustedError
from partial_results import Unsettled

from tests.audio_transcription.fake_stream import FakeStream
from tests.audio_transcription.spoken import speech
from tests.audio_transcription.virtual_time import EPOCH_MS, run
from tests.audio_transcription.worker_world import Faults, Mortal, World


async def _session(world: World) -> None:
    world.start_worker(predecessor_token=None, generation=0)
    await world.speak()
    await world.finish()


def _everything_once(world: World) -> None:
    assert world.forwarded_words() == world.spoken_words()
    assert [one.sequence for one in world.segments()] == list(range(len(world.segments())))
    assert world.messages == []


CUT_MS = 43_800
"""Of the run of 18 sentences of nine words: when the first worker passes its lease on."""
QUALITY = "audioQualityWarning"


def told(world: World) -> list[str]:
    """Of what the speaker was told, less the quality of its sound: numbers do not sound like speech."""
    return [one["type"] for one in world.warnings if one["type"] != QUALITY]


def times_told(world: World, kind: str) -> list[int]:
    """Milliseconds since the run began."""
    pairs = zip(world.warnings, world.warned_at_ms, strict=True)
    return [at_ms - EPOCH_MS for one, at_ms in pairs if one["type"] == kind]


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


@pytest.mark.parametrize("call", [20, 30, 40])
def test_a_session_that_ends_while_a_dead_workers_messages_are_hidden_is_heard_to_the_end(call):
    """They can be had 20 s later (`sandbox sim --scenario farewell --seed 18 --faults all`)."""
    mortals = [Mortal(dies_at_call=call)]
    world = _play(script=speech(sentences=6, words=8), mortals=mortals, chunk_ms=200)
    assert mortals[0].dead
    _everything_once(world)


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


@pytest.mark.parametrize("before_cut_ms", [0, 100, 200])
def test_what_a_worker_never_knew_it_had_received_is_waited_for_when_its_successor_died(before_cut_ms):
    """The lease was passed on in good order, and hides the batch whose answer was lost; whoever takes it over knows
    only that somebody died (`sandbox sim --scenario steady --seed 462 --speech 60 --faults all` at 100 ms chunks)."""
    mortals = [Mortal(), Mortal(dies_at_first_save=True)]
    world = _play(
        script=speech(sentences=18, words=9),
        faults=Faults(answer_lost_at_ms=CUT_MS - before_cut_ms),
        mortals=mortals,
        quiet_after_ms=40_000,
        chunk_ms=200,
    )
    _everything_once(world)
    assert mortals[1].dead
    assert world.answers_lost == 1
    assert world.counts.get(metric_names.AUDIO_CHUNKS_LOST, 0) == 0


@pytest.mark.parametrize("after_cut_ms", [5, 20, 80])
def test_what_a_successor_received_without_an_answer_is_waited_for_when_the_one_before_had_it(after_cut_ms):
    """It is in the queue for sure, and hidden (`sandbox sim --scenario steady --seed 366 --speech 60 --faults all`)."""
    world = _play(
        script=speech(sentences=18, words=9),
        faults=Faults(answer_lost_at_ms=CUT_MS + after_cut_ms),
        quiet_after_ms=34_000,
        chunk_ms=200,
    )
    _everything_once(world)
    assert world.answers_lost == 1
    assert world.counts.get(metric_names.AUDIO_CHUNKS_LOST, 0) == 0


@pytest.mark.parametrize("after_cut_ms", [5, 20, 80])
def test_a_session_that_ends_while_such_a_batch_is_hidden_is_heard_to_the_end(after_cut_ms):
    """`sandbox sim --scenario farewell --seed 237 --speech 15` with lost answers and environments."""
    world = _play(
        script=speech(sentences=14, words=9), faults=Faults(answer_lost_at_ms=CUT_MS + after_cut_ms), chunk_ms=200
    )
    assert world.forwarded_words() == world.spoken_words()
    assert world.answers_lost == 1
    assert not world.queue_exists


def test_streams_that_break_now_and_then_are_renewed_and_the_speaker_need_not_know():
    world = _play(script=speech(sentences=6, words=8), faults=Faults(stream_fails_at_ms=(2_000, 5_321, 9_000)), seed=3)
    _everything_once(world)
    assert told(world) == []
    assert world.counts.get(metric_names.AUDIO_CHUNKS_DROPPED, 0) == 0
    assert len(world.streams) == 4


def test_a_stream_that_breaks_while_a_result_waits_for_its_final_has_its_words_heard_again():
    """`sandbox sim --scenario mixed --seed 5197 --speech 15 --faults all`: how far the broken stream had come was taken
    for what the next had heard."""
    script = speech(sentences=6, words=8)
    script[0] = replace(script[0], orphan=True)
    world = _play(script=script, faults=Faults(stream_fails_at_ms=(16_500,)), quiet_after_ms=20_000)
    heard = [word.text for word in script[0].words[:-1]]
    assert set(heard) <= set(world.forwarded_words())


def test_streams_that_are_refused_at_first_lose_nothing():
    world = _play(script=speech(sentences=4, words=8), faults=Faults(opening_fails=3))
    _everything_once(world)


def test_the_speaker_is_told_once_that_streams_fail_and_once_that_they_work_again():
    world = _play(script=speech(sentences=4, words=8), faults=Faults(opening_fails=3))
    assert told(world) == ["transcriptionError", "systemRecovered"]
    (error,) = [one for one in world.warnings if one["type"] == "transcriptionError"]
    assert (error["code"], error["retryable"]) == ("LimitExceededException", True)


@pytest.mark.parametrize("opening_fails", [limits.STREAM_ATTEMPTS, 2 * limits.STREAM_ATTEMPTS + 1])
def test_without_transcribe_5_s_are_kept_and_the_rest_is_counted_whichever_worker_waits(opening_fails):
    """A worker gives up after some streams; the next chunk starts another, which inherits no more than 5 s."""
    world = _play(
        script=speech(sentences=40, words=8),
        faults=Faults(opening_fails=opening_fails),
        chunk_ms=200,
    )
    assert isinstance(world.endings[0], StreamsExhaustedError)
    dropped_ms = 200 * world.counts[metric_names.AUDIO_CHUNKS_DROPPED]
    words = [word for one in world.script for word in one.words]
    kept = [word.text for word in words if word.start_ms >= dropped_ms]
    assert dropped_ms > 2_000
    assert world.forwarded_words()[-len(kept) :] == kept
    assert len(world.forwarded_words()) <= len(kept) + 2
    assert world.messages == []
    assert told(world) == ["transcriptionError", "systemRecovered"]


def test_the_queue_keeps_no_more_than_a_few_seconds_of_audio_while_transcribe_is_away():
    """Nothing grows without bound: what is dropped is deleted."""

    async def play() -> list[int]:
        world = World(script=speech(sentences=60, words=8), faults=Faults(opening_fails=1_000), chunk_ms=200)
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        kept = []
        for _ in range(20):
            await asyncio.sleep(8)
            kept.append(200 * len(world.messages))
        world.faults = Faults()
        await speaking
        await world.finish()
        assert world.messages == []
        return kept

    assert max(run(play())) < 12_000


def test_a_slow_transcribe_gets_the_newest_5_s_and_the_rest_is_counted():
    world = _play(script=speech(sentences=12, words=8), faults=Faults(slow_ms=(6_000, 18_000)))
    dropped = world.counts[metric_names.AUDIO_CHUNKS_DROPPED]
    assert 60 <= dropped <= 75
    assert told(world) == ["transcriptionError", "systemRecovered"]
    assert [one["code"] for one in world.warnings if one["type"] == "transcriptionError"] == ["AudioDropped"]
    words = [word for one in world.script for word in one.words]
    late = [word.text for word in words if word.start_ms >= 13_500]
    early = [word.text for word in words if word.end_ms <= 4_500]
    assert world.forwarded_words()[-len(late) :] == late
    assert world.forwarded_words()[: len(early)] == early
    assert len(set(world.forwarded_words())) == len(world.forwarded_words())
    assert world.messages == []


def test_a_transcribe_that_is_slow_for_less_than_5_s_loses_nothing():
    world = _play(script=speech(sentences=8, words=8), faults=Faults(slow_ms=(6_000, 10_500)))
    _everything_once(world)
    assert world.counts.get(metric_names.AUDIO_CHUNKS_DROPPED, 0) == 0
    assert told(world) == []


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


@pytest.mark.parametrize("lost_seq", [84, 90, 99, 123])
def test_a_chunk_that_is_given_up_near_a_cut_is_counted_once(lost_seq):
    """The successor meets the same gap, when it hears again what was not committed."""

    async def play() -> World:
        world = World(script=speech(sentences=8, words=8), lifetime_ms=30_000)
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak(seqs=[seq for seq in range(400) if seq != lost_seq])
        await world.finish()
        return world

    world = run(play())
    assert world.counts[metric_names.HANDOVERS] == 2
    assert world.counts[metric_names.AUDIO_CHUNKS_LOST] == 1


def test_a_session_that_ends_before_its_worker_has_begun_is_heard_all_the_same():
    """What was accepted is said, and the queue is not left behind; whoever begins later finds nothing to do."""

    async def play() -> World:
        world = World(script=speech(sentences=1, words=5), cold_start_ms=8_000)
        world.start_worker(predecessor_token=None, generation=0)
        world.start_worker(predecessor_token=None, generation=0)
        await world.speak()
        await world.finish()
        world.start_worker(predecessor_token=None, generation=0)
        await world.finish()
        return world

    world = run(play())
    _everything_once(world)
    assert world.endings == [Ending.NOT_NEEDED, Ending.SESSION_OVER, Ending.NOT_NEEDED]
    assert not world.queue_exists


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


def _muted_for_four_seconds(faults: Faults, *, until_ms: int) -> World:
    """None of the words of the pause was heard, those up to `until_ms` at least, and all of those around it."""

    async def play() -> World:
        world = World(script=speech(sentences=5, words=8), faults=faults)
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(7)
        world.change(silent=True)
        await asyncio.sleep(4)
        world.change(silent=False)
        await speaking
        await world.finish()
        return world

    world = run(play())
    words = [word for one in world.script for word in one.words]
    muted = {word.text for word in words if word.start_ms > 7_100 and word.end_ms < until_ms}
    audible = {word.text for word in words if word.end_ms < 6_900 or word.start_ms > 11_000}
    assert len(muted) > 5
    assert not muted & set(world.forwarded_words())
    assert audible <= set(world.forwarded_words())
    return world


def test_what_is_sent_while_muted_is_taken_and_not_transcribed():
    world = _muted_for_four_seconds(Faults(), until_ms=10_600)
    assert world.messages == []


def test_nothing_is_heard_that_was_taken_after_a_pause_however_slow_the_worker_looks():
    """It is told of the pause in the order of what is said; and what was said before is heard none the less."""
    _muted_for_four_seconds(Faults(look_takes_ms=1_500), until_ms=10_900)


def test_a_worker_that_begins_after_the_resume_silences_what_was_sent_before_it():
    """Though it never sees the broadcast muted."""

    async def play() -> World:
        world = World(script=speech(sentences=3, words=8), cold_start_ms=5_000)
        world.change(silent=True)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(4)
        world.change(silent=False)
        await speaking
        await world.finish()
        return world

    world = run(play())
    words = [word for one in world.script for word in one.words]
    muted = {word.text for word in words if word.end_ms < 3_600}
    audible = {word.text for word in words if word.start_ms > 4_200}
    assert len(muted) > 5
    assert len(audible) > 5
    assert not muted & set(world.forwarded_words())
    assert audible <= set(world.forwarded_words())


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


def test_the_volume_of_the_broadcast_is_applied_before_transcription():
    async def play() -> World:
        world = World(script=speech(sentences=5, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(7)
        world.change(volume=0.0)
        await asyncio.sleep(4)
        world.change(volume=1.0)
        await speaking
        await world.finish()
        return world

    world = run(play())
    words = [word for one in world.script for word in one.words]
    inaudible = {word.text for word in words if word.start_ms > 7_500 and word.end_ms < 10_600}
    audible = {word.text for word in words if word.end_ms < 6_900 or word.start_ms > 11_500}
    assert len(inaudible) > 5
    assert not inaudible & set(world.forwarded_words())
    assert audible <= set(world.forwarded_words())
    assert world.counts.get(metric_names.AUDIO_CHUNKS_DROPPED, 0) == 0


def silence(_start_ms: int, length_ms: int) -> bytes:
    return bytes(32 * length_ms)


def test_silence_is_told_after_5_s_then_once_a_minute_whichever_worker_listens():
    world = _play(script=speech(sentences=50, words=8), sound=silence, chunk_ms=200)
    assert world.endings.count(Ending.HANDED_OVER) >= 2
    assert {one.get("issue") for one in world.warnings} == {"silence"}
    times_ms = times_told(world, QUALITY)
    assert 5_000 < times_ms[0] < 9_500
    assert [later - sooner for sooner, later in pairwise(times_ms)] == pytest.approx([61_000, 61_000], abs=1_500)


def test_nobody_is_told_of_silence_who_is_muted():
    async def play() -> World:
        world = World(script=speech(sentences=8, words=8), sound=silence)
        world.change(silent=True)
        await _session(world)
        return world

    assert run(play()).warnings == []


def test_a_speaker_that_sends_too_fast_is_warned_once_a_second_and_closed_after_5_s():
    """200 chunks a second, which no environment alone saw: all were accepted."""
    world = _play(script=speech(sentences=6, words=8), chunk_ms=5)
    assert world.closed == ["speaker"]
    assert set(told(world)) == {"rateLimitWarning"}
    times_ms = times_told(world, "rateLimitWarning")
    assert 4 <= len(times_ms) <= 6
    assert min(later - sooner for sooner, later in pairwise(times_ms)) >= limits.RATE_WARNING_EVERY_MS
    assert world.counts[metric_names.CHUNK_RATE_EXCEEDED] == len(times_ms)
    _everything_once(world)


def test_a_speaker_within_the_limit_is_neither_warned_nor_closed():
    world = _play(script=speech(sentences=6, words=8), chunk_ms=20)
    assert (world.closed, told(world)) == ([], [])


def test_a_change_of_the_parameter_retunes_a_running_session():
    """From finals alone to partial results: words come sooner from then on."""

    async def play() -> World:
        world = World(script=speech(sentences=20, words=8))
        world.parameter = {"enabled": False}
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(20)
        world.parameter = {"enabled": True}
        world.switched_at_ms = world.clock.now_ms()
        await speaking
        await world.finish()
        return world

    world = run(play())
    _everything_once(world)
    before: list[bool] = []
    after: list[bool] = []
    for segment in world.segments():
        on_time = segment.releasedAtMs < world.switched_at_ms + limits.CONFIG_EVERY_MS
        (before if on_time else after).append(segment.isFinal)
    assert all(before[:5])
    assert not all(after)


def test_the_last_good_parameter_stays_across_handovers_while_the_stored_one_is_not_valid():
    """A successor that cannot have the configuration goes on with its predecessor's, and not with defaults."""

    async def play() -> World:
        world = World(script=speech(sentences=40, words=8))
        world.parameter = {"enabled": False}
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(10)
        world.parameter = None
        await speaking
        await world.finish()
        return world

    world = run(play())
    assert world.endings.count(Ending.HANDED_OVER) >= 1
    assert {segment.isFinal for segment in world.segments()} == {True}


def test_a_command_is_heard_at_once_and_without_its_message_within_a_second():
    """The message hastens, the renewal of the lease is what it rests on."""

    async def play(*, told: bool) -> World:
        world = World(script=speech(sentences=6, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak())
        await asyncio.sleep(7)
        if told:
            world.change(volume=0.0)
        else:
            world.item["volume"] = 0.0
        await speaking
        await world.finish()
        return world

    def last_heard_ms(world: World) -> int:
        heard = set(world.forwarded_words())
        return max(word.end_ms for one in world.script for word in one.words if word.text in heard)

    assert last_heard_ms(run(play(told=True))) <= 7_300
    assert last_heard_ms(run(play(told=False))) <= 8_400


@pytest.mark.parametrize("begin_ms", range(5_000, 6_000, 340))
def test_no_silence_takes_the_place_of_chunks_while_the_queue_does_not_answer(begin_ms):
    """What comes next is on its way: silence would tear apart the word that is being said. A step may be under way."""
    world = _play(script=speech(sentences=6, words=8), faults=Faults(queue_down_ms=(begin_ms, begin_ms + 3_000)))
    _everything_once(world)
    (stream,) = world.streams
    assert longest_break_ms(stream) <= limits.SILENCE_STEP_MS


def longest_break_ms(stream: FakeStream) -> int:
    """The most silence that was sent between two milliseconds of the session's audio."""
    return max(after - before - 1 for before, after in pairwise(sorted(stream.heard.values())))


@pytest.mark.parametrize("lost_seq", [20, 23, 26])
def test_a_chunk_is_counted_as_soon_as_it_is_given_up(lost_seq):
    """The worker may leave in that moment (`sandbox sim --seed 7 --speech 60 --faults all`)."""

    async def play() -> int:
        world = World(script=speech(sentences=4, words=8))
        world.start_worker(predecessor_token=None, generation=0)
        speaking = asyncio.create_task(world.speak(seqs=[seq for seq in range(200) if seq != lost_seq]))
        shows_after_ms = (lost_seq + 2) * world.chunk_ms
        await asyncio.sleep((shows_after_ms + limits.GAP_WAIT_MS + 100) / 1_000)
        counted = world.counts.get(metric_names.AUDIO_CHUNKS_LOST, 0)
        await speaking
        await world.finish()
        return counted

    assert run(play()) == 1


@pytest.mark.parametrize("late_ms", [1_700, 7_000])
@pytest.mark.parametrize("begin_ms", range(5_000, 5_300, 100))
def test_a_word_that_silence_tore_while_ingest_was_late_is_heard_again(begin_ms, late_ms):
    """Nobody could know of its chunks then, however long the silence; they show when they came to the gateway."""
    faults = Faults(ingest_late_ms=(begin_ms, begin_ms + late_ms))
    world = _play(script=speech(sentences=6, words=8), faults=faults)
    _everything_once(world)
    assert [longest_break_ms(stream) for stream in world.streams] == [0, 0]
    assert metric_names.TRANSCRIBE_ERRORS not in world.counts


class AwaitingCore(AdaptedCore):
    """Notes when it is told that audio is awaited."""

    told_ms: list[int]

    def audio_awaited(self, now_ms: int) -> None:
        self.told_ms.append(now_ms - EPOCH_MS)
        super().audio_awaited(now_ms)


@pytest.mark.parametrize("down_for_ms", [0, 4_000])
def test_the_core_is_told_while_the_stream_waits_for_audio(down_for_ms):
    """From when it has had nothing for longer than a receive takes; neither while somebody speaks nor in a pause."""
    told_ms: list[int] = []

    def make(
        settings: Mapping[str, Any], first_sequence: int, covered_until_ms: int, unsettled: Sequence[Unsettled]
    ) -> AwaitingCore:
        core = AwaitingCore(
            config=configuration(settings),
            first_sequence=first_sequence,
            covered_until_ms=covered_until_ms,
            unsettled=unsettled,
        )
        core.told_ms = told_ms
        return core

    faults = Faults(queue_down_ms=(5_000, 5_000 + down_for_ms))
    world = _play(script=speech(sentences=6, words=8), faults=faults, make_core=make)
    _everything_once(world)
    assert bool(told_ms) is bool(down_for_ms)
    assert all(5_000 + limits.STARVED_MS <= at_ms < 5_000 + down_for_ms + 1_000 for at_ms in told_ms)


@pytest.mark.parametrize("begin_ms", range(5_000, 6_000, 340))
def test_a_queue_that_does_not_answer_for_long_costs_a_stream_and_no_word(begin_ms):
    """Transcribe would end the stream after 15 s without audio; the next hears from its beginning what was being
    said."""
    faults = Faults(queue_down_ms=(begin_ms, begin_ms + 16_000))
    world = _play(script=speech(sentences=8, words=8), faults=faults, quiet_after_ms=10_000)
    _everything_once(world)
    assert len(world.streams) == 2
    assert max(map(longest_break_ms, world.streams)) <= limits.SILENCE_STEP_MS
    assert metric_names.TRANSCRIBE_ERRORS not in world.counts
