"""Which words are excused follows from the audio that the streams were given, and from nothing else."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from sandbox.gateway.observer import digest
from sandbox.sim import speech
from sandbox.sim.invariants.recognisable import Recognisable

CHUNK_MS = 100
TALK = speech.make(seed=24, name="t", duration_ms=12_000)
CHUNKS = list(TALK.recording.chunks(CHUNK_MS))
EVERY = range(len(CHUNKS))
BEHIND_A_PAUSE = next(
    number
    for number, (before, word) in enumerate(pairwise(TALK.words), start=1)
    if word.start_ms - before.end_ms > 4 * CHUNK_MS
)
"""A word that a stream must find its place for, if it does not know how long the pause before it was."""
PAUSE = TALK.words[BEHIND_A_PAUSE].start_ms // CHUNK_MS - 1
"""The last silent chunk before it."""


def excused(*streams: list[int]) -> set[int]:
    """The numbers of the words that are excused when streams were given these chunks, in this order."""
    recognisable = Recognisable()
    for stream_id, chunks in enumerate(streams):
        given(recognisable, str(stream_id), chunks)
    return recognisable.excused(TALK.recording, CHUNK_MS, settles=True)


def given(recognisable: Recognisable, stream_id: str, chunks: Iterable[int]) -> None:
    """A stream is given chunks."""
    for seq in chunks:
        audio = CHUNKS[seq]
        about = {"streamId": stream_id, "digest": digest(audio), "bytes": len(audio)}
        recognisable.note({"t_ms": 0, "kind": "transcribe.audio", **about})


def chunks_of(number: int) -> range:
    """The chunks that a word is in."""
    word = TALK.words[number]
    return range(word.start_ms // CHUNK_MS, (word.end_ms - 1) // CHUNK_MS + 1)


def without(*seqs: int) -> list[int]:
    return [seq for seq in EVERY if seq not in seqs]


def within(number: int) -> int:
    """A chunk in the middle of a word."""
    word = TALK.words[number]
    return (word.start_ms + word.end_ms) // 2 // CHUNK_MS


def test_nothing_is_excused_where_a_stream_was_given_everything():
    """Its successor, which begins near the end, changes nothing."""
    assert excused(list(EVERY), list(EVERY)[-20:]) == set()


def test_words_of_a_chunk_that_no_stream_was_given_are_excused():
    """It was given up, and counted as lost."""
    assert 5 in excused(without(within(5)))


def test_a_word_behind_a_pause_of_unknown_length_is_excused_although_a_successor_begins_later():
    """`sandbox sim --seed 24 --speech 40 --listeners 2 --faults all`: the successor was never given that word."""
    assert any(CHUNKS[PAUSE + 1])
    assert not any(CHUNKS[PAUSE])
    lost = without(PAUSE)
    assert BEHIND_A_PAUSE in excused(lost)
    assert BEHIND_A_PAUSE in excused(lost, list(EVERY)[-20:])


def test_a_word_is_excused_when_its_chunk_turns_up_only_for_a_successor():
    """`sandbox sim --seed 12 --speech 40 --listeners 2 --faults all`: what the first said of it was committed."""
    lost = within(5)
    successor = [seq for seq in EVERY if seq >= lost - 10]
    assert 5 in excused(without(lost), successor)
    assert len(TALK.words) - 1 not in excused(without(lost), successor)


def test_a_word_is_excused_that_only_a_successor_knew_when_the_first_stream_went_on_behind_it():
    """`sandbox sim --seed 600 --speech 60 --faults all`: what the first said next was committed."""
    successor = [seq for seq in EVERY if seq >= PAUSE - 20]
    found = excused(without(PAUSE), successor)
    assert BEHIND_A_PAUSE in found
    assert len(TALK.words) - 1 not in found
    assert excused(without(PAUSE)[: PAUSE + 3], successor) == set()


def test_an_unsaid_word_before_a_gap_is_excused_where_no_final_makes_up_for_it():
    """`sandbox sim --scenario mixed --seed 112 --speech 15 --faults all`: it was to be said where audio was lacking."""
    gap = TALK.words[5].end_ms // CHUNK_MS + 3
    recognisable = Recognisable()
    given(recognisable, "s", without(gap))
    assert 5 not in recognisable.excused(TALK.recording, CHUNK_MS, settles=True)
    assert 5 in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)
    recognisable.note({"t_ms": 0, "kind": "transcribe.partial", "words": [[TALK.words[5].word, False]]})
    assert 5 not in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)


def test_an_unsaid_word_is_excused_before_the_last_chunk_where_silence_came_in_its_place():
    """`sandbox sim --scenario mixed --seed 3532 --speech 15 --faults all`: no chunk came behind the one given up."""
    last, word = chunks_of(len(TALK.words) - 1)[-1], len(TALK.words) - 2
    assert last not in chunks_of(word)
    recognisable = Recognisable()
    given(recognisable, "s", without(last)[:last])
    assert word not in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)
    recognisable.note({"t_ms": 0, "kind": "transcribe.audio", "streamId": "s", "digest": "silence", "bytes": 3_200})
    assert word in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)
    assert word not in recognisable.excused(TALK.recording, CHUNK_MS, settles=True)


def test_a_final_that_came_with_its_streams_end_makes_up_for_nothing():
    """`sandbox sim --scenario mixed --seed 2200 --speech 15 --faults all`: a successor had begun behind its words."""
    gap = TALK.words[5].end_ms // CHUNK_MS + 3
    recognisable = Recognisable()
    given(recognisable, "s", without(gap))
    recognisable.note({"t_ms": 0, "kind": "transcribe.final", "streamId": "s", "words": [[TALK.words[5].word, True]]})
    assert 5 in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)
    recognisable.note({"t_ms": 0, "kind": "transcribe.audio", "streamId": "s", "digest": "silence", "bytes": 3_200})
    assert 5 not in recognisable.excused(TALK.recording, CHUNK_MS, settles=False)


@pytest.mark.parametrize(("sent_ms", "excused_words"), [(499, set()), (501, {5}), (1_500, {5})])
def test_a_word_is_excused_in_whose_midst_there_was_silence_before_the_client_sent_its_rest(sent_ms, excused_words):
    """`sandbox sim --scenario mixed --seed 185 --speech 15 --faults all`: its connection's refresh took seconds. What
    it sent then may come while silence goes on: seed 9 of `--scenario refresh --speech 20` with lost environments.

    Silence in the place of a chunk that had been sent is the worker's fault."""
    rest = within(5) + 1
    assert rest in chunks_of(5)
    recognisable = Recognisable()
    recognisable.note({"t_ms": sent_ms, "kind": "gateway.frame_in", "digest": digest(CHUNKS[rest])})
    given(recognisable, "s", range(rest))
    for at_ms in range(500, 1_500, 100):
        silence = {"streamId": "s", "digest": "silence", "bytes": 3_200}
        recognisable.note({"t_ms": at_ms, "kind": "transcribe.audio", **silence})
    given(recognisable, "s", range(rest, len(CHUNKS)))
    assert recognisable.excused(TALK.recording, CHUNK_MS, settles=True) == excused_words


def test_words_whose_audio_was_dropped_while_no_stream_took_it_are_excused():
    """As many chunks as were counted, up to the 500 ms that the stream which follows the failed one hears again."""
    recognisable = Recognisable()
    given(recognisable, "failed", range(60))
    given(recognisable, "next", range(60, len(CHUNKS)))
    recognisable.note({"t_ms": 0, "kind": "metric", "name": "AudioChunksDropped", "sum": 20})
    assert recognisable.excused(TALK.recording, CHUNK_MS, settles=True) == set()
    recognisable.note({"t_ms": 0, "kind": "transcribe.exception", "streamId": "failed"})
    assert any(CHUNKS[59])
    dropped = set(range(60 + 5 - 20, 60 + 5))
    assert recognisable.excused(TALK.recording, CHUNK_MS, settles=True) == {
        number for number in range(len(TALK.words)) if not dropped.isdisjoint(chunks_of(number))
    }


def test_chunks_that_were_given_up_are_none_of_those_that_were_dropped():
    """`sandbox sim --seed 218 --speech 40 --listeners 2` with each service down for seconds: both came to one place."""
    recognisable = Recognisable()
    given(recognisable, "failed", range(70))
    given(recognisable, "next", range(85, len(CHUNKS)))
    recognisable.note({"t_ms": 0, "kind": "metric", "name": "AudioChunksDropped", "sum": 10})
    recognisable.note({"t_ms": 0, "kind": "transcribe.exception", "streamId": "failed"})
    assert all(any(CHUNKS[seq]) for seq in range(65, 90))
    dropped = set(range(70 - 5, 85 + 5))
    assert recognisable.excused(TALK.recording, CHUNK_MS, settles=True) == {
        number for number in range(len(TALK.words)) if not dropped.isdisjoint(chunks_of(number))
    }
