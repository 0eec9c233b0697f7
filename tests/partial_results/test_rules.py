"""Each rule of the partial-result core, to the millisecond."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from partial_results import Correction, Item, PartialResultProcessor, PartialResultsConfig, Result, Segment, Unsettled

STABLE, UNSTABLE = 1.0, 0.0


def items(text: str, stable: int | None = None, *, scored: bool = True) -> tuple[Item, ...]:
    """The words and marks of a text, 300 ms each; the first `stable` items are stable, all by default."""
    made: list[Item] = []
    at_ms = 0
    for word in text.split():
        core = word.rstrip(".,?!;:")
        made.append(Item(text=core, is_punctuation=False, start_ms=at_ms, end_ms=at_ms + 280))
        if core != word:
            made.append(Item(text=word[len(core) :], is_punctuation=True, start_ms=at_ms + 280, end_ms=at_ms + 280))
        at_ms += 300
    count = len(made) if stable is None else stable
    return tuple(
        Item(
            text=item.text, is_punctuation=item.is_punctuation, start_ms=item.start_ms, end_ms=item.end_ms,
            stability=(STABLE if index < count else UNSTABLE) if scored else None,
        )
        for index, item in enumerate(made)
    )  # fmt: skip


def partial(text: str, stable: int | None = 0, *, scored: bool = True, result_id: str = "r") -> Result:
    parts = items(text, stable, scored=scored)
    return Result(result_id=result_id, is_partial=True, items=parts, start_ms=0, end_ms=parts[-1].end_ms)


def final(text: str, result_id: str = "r") -> Result:
    parts = items(text)
    return Result(result_id=result_id, is_partial=False, items=parts, start_ms=0, end_ms=parts[-1].end_ms)


def merged(result: Result) -> Result:
    """Without the words `_`, whose time belongs to the word before."""
    return replace(result, items=tuple(item for item in result.items if item.text != "_"))


def core(*, unsettled: Sequence[Unsettled] = (), **changes) -> PartialResultProcessor:
    config = PartialResultsConfig(**{"max_rate_per_second": 100, **changes})
    return PartialResultProcessor(config, unsettled=unsettled)


def said(outputs) -> list[tuple[str, str]]:
    return [(one.text, one.reason) for one in outputs if isinstance(one, Segment)]


def test_a_clause_is_released_when_its_mark_is_stable():
    """Not before: a full stop at the end of a partial is usually spurious."""
    made = core()
    assert said(made.receive(partial("one two, three", 2), 0)) == []
    assert said(made.receive(partial("one two, three", 3), 500)) == [("one two,", "clause")]


def test_four_stable_words_wait_at_most_release_after():
    """Speech without punctuation flows too: at the limit, and not one millisecond before."""
    made = core()
    made.receive(partial("one two three four five", 4), 1000)
    assert made.next_deadline_ms == 2200
    assert said(made.tick(2199)) == []
    assert said(made.tick(2200)) == [("one two three four", "wait")]


def test_fewer_words_wait_for_a_pause():
    """No new word for `pause_threshold`."""
    made = core()
    made.receive(partial("one two three", 2), 1000)
    assert said(made.tick(2999)) == []
    assert said(made.tick(3000)) == [("one two", "pause")]


def test_whatever_stands_ready_leaves_at_max_buffer_timeout():
    """Words keep coming, so there is no pause; three stay too few, so there is no wait."""
    made = core(max_buffer_timeout_ms=3000)
    made.receive(partial("one two three four", 3), 0)
    made.receive(partial("one two three five", 3), 1900)
    assert said(made.tick(2999)) == []
    assert said(made.tick(3000)) == [("one two three", "buffer")]


def test_a_final_releases_the_rest_and_nothing_twice():
    """Only what was not said before."""
    made = core()
    made.receive(partial("one two, three four", 3), 0)
    assert said(made.receive(final("one two, three four."), 900)) == [("three four.", "final")]
    assert said(made.receive(final("one two, three four."), 950)) == []


def test_a_final_without_a_partial_is_said_whole():
    """A short word may have none."""
    assert said(core().receive(final("yes."), 0)) == [("yes.", "final")]


def test_a_full_stop_alone_is_no_segment():
    """When all words were said, the final's stop is swallowed."""
    made = core()
    made.receive(partial("one two three four", 4), 0)
    made.tick(1500)
    assert made.receive(final("one two three four."), 2000) == []


def test_without_stability_two_partials_must_agree_and_the_last_word_waits():
    """LocalAgreement-2 and hold-1."""
    made = core(release_after_ms=100, min_release_words=1)
    made.receive(partial("one two thr", scored=False), 0)
    assert said(made.tick(200)) == []
    made.receive(partial("one two three", scored=False), 500)
    assert said(made.tick(700)) == [("one two", "wait")]


def test_an_orphan_is_flushed_once_and_counted_and_its_late_final_repeats_nothing():
    """At `orphan_timeout` after its words last changed, stable or not: no more will be heard of them.

    Partials that repeat themselves do not keep it alive.
    """
    made = core(pause_threshold_ms=30_000, max_buffer_timeout_ms=30_000, min_release_words=50)
    made.receive(partial("one two three", 2), 0)
    for at_ms in range(500, 15_000, 500):
        made.receive(partial("one two three", 2), at_ms)
    assert said(made.tick(14_999)) == []
    assert said(made.tick(15_000)) == [("one two three", "orphan")]
    assert said(made.tick(40_000)) == []
    assert made.counters.orphans_flushed == 1
    assert said(made.receive(final("one two three"), 41_000)) == []
    assert made.counters.late_finals == 1


def test_an_orphan_that_grows_again_is_flushed_again():
    """A recogniser that stood still goes on: what it then says waits for no final either, and is still pending."""
    made = core(pause_threshold_ms=30_000, max_buffer_timeout_ms=30_000, min_release_words=50)
    made.receive(partial("one two three"), 0)
    assert said(made.tick(15_000)) == [("one two three", "orphan")]
    assert not made.has_pending
    made.receive(partial("one two three four"), 20_000)
    assert made.has_pending
    assert said(made.tick(35_000)) == [("four", "orphan")]


def test_words_that_an_earlier_stream_heard_are_orphans_when_they_would_have_been_there():
    """The next stream says them in a result of its own; they have waited since they last changed in the first."""
    first = core()
    first.receive(partial("one two three"), 1_000)
    assert first.unsettled == (Unsettled(start_ms=0, end_ms=880, grown_ms=1_000),)
    second = core(unsettled=first.unsettled)
    second.receive(partial("one two three", result_id="s"), 9_000)
    assert said(second.tick(15_999)) == []
    assert said(second.tick(16_000)) == [("one two three", "orphan")]
    assert second.counters.orphans_flushed == 1


def test_words_that_are_heard_again_late_are_heard_to_their_end():
    """Their time is over when the next stream begins with them: what has not grown there for 3 s is all there is."""
    second = core(unsettled=[Unsettled(start_ms=0, end_ms=880, grown_ms=1_000)])
    second.receive(partial("one", result_id="s"), 17_000)
    second.receive(partial("one two three", result_id="s"), 18_000)
    assert second.next_deadline_ms == 21_000
    assert said(second.tick(20_999)) == []
    assert said(second.tick(21_000)) == [("one two three", "orphan")]


def test_nothing_is_flushed_while_the_recogniser_waits_for_audio():
    """`sandbox sim --scenario breaks --seed 19 --speech 15 --faults environment_lost=60,environment_lost_at_call=10,
    handover_lost=300,call_slow=5,answer_lost=5`: half a word was said, and the whole one left out as said already."""
    made = core(unsettled=[Unsettled(start_ms=0, end_ms=880, grown_ms=1_000)])
    made.receive(partial("one two thr", result_id="s"), 17_000)
    made.audio_awaited(19_500)
    assert made.next_deadline_ms == 22_500
    assert said(made.tick(22_499)) == []
    made.receive(partial("one two three", result_id="s"), 22_499)
    assert said(made.tick(25_499)) == [("one two three", "orphan")]


def test_a_result_with_more_than_an_earlier_stream_heard_has_grown():
    """Its time runs from its own last change."""
    second = core(unsettled=[Unsettled(start_ms=0, end_ms=880, grown_ms=1_000)])
    second.receive(partial("one two three four", result_id="s"), 17_000)
    assert second.next_deadline_ms == 32_000


def test_words_are_left_to_each_next_stream_until_they_are_committed():
    """One that ends before it hears them passes on what it was told; one that hears them does not begin anew."""
    left = (Unsettled(start_ms=300, end_ms=880, grown_ms=1_000),)
    unheard = core(unsettled=left)
    assert unheard.unsettled == left
    again = core(unsettled=unheard.unsettled)
    again.receive(partial("one two three", result_id="s"), 9_000)
    assert again.unsettled == left
    again.receive(final("one two three", result_id="s"), 9_500)
    assert len(again.unsettled) == 0


def test_a_final_that_contradicts_what_was_said_is_a_correction():
    """The segment's text is replaced; the rest is said once."""
    made = core()
    made.receive(partial("to the largest rain forest, on", 6), 0)
    outputs = made.receive(merged(final("to the largest rainforest, _ on the planet.")), 900)
    assert outputs[0] == Correction(
        sequence=1,
        result_id="r",
        corrects=0,
        text="to the largest rainforest,",
        start_ms=0,
        end_ms=1480,
        released_at_ms=900,
    )
    assert said(outputs) == [("on the planet.", "final")]


def test_a_shorter_or_older_partial_changes_nothing():
    """A list shorter than what is committed, and a partial that arrives late."""
    made = core()
    made.receive(partial("one two, three four", 3), 0)
    assert said(made.receive(partial("one", 1), 100)) == []
    assert said(made.receive(final("one two, three four"), 900)) == [("three four", "final")]


def test_partials_are_thinned_to_the_newest_of_each_window_and_finals_never():
    """Five a second: one now, the newest of the others 200 ms later."""
    made = core(max_rate_per_second=5)
    made.receive(partial("a b, c", 0), 0)
    made.receive(partial("a b, c d", 0), 50)
    made.receive(partial("a b, c d e", 3), 100)
    assert made.counters.rate_limited == 1
    assert made.next_deadline_ms == 200
    assert said(made.tick(200)) == [("a b,", "clause")]
    assert said(made.receive(final("a b, c d e"), 210)) == [("c d e", "final")]


def test_disabled_it_forwards_finals_only():
    """The feature flag."""
    made = core(enabled=False)
    assert made.receive(partial("one two, three", 3), 0) == []
    assert said(made.receive(final("one two, three"), 900)) == [("one two, three", "final")]


def test_two_results_are_kept_apart_and_share_the_sequence():
    """Two channels, or a final that comes after the next result has begun."""
    made = core()
    made.receive(partial("one two, x", 3, result_id="a"), 0)
    made.receive(partial("three four, x", 3, result_id="b"), 10)
    sequences = [one.sequence for one in made.receive(final("one two, five", "a"), 20)]
    assert sequences == [2]
    assert made.next_sequence == 3


def later(result: Result, by_ms: int) -> Result:
    """The same, said so much later."""
    moved = tuple(replace(one, start_ms=one.start_ms + by_ms, end_ms=one.end_ms + by_ms) for one in result.items)
    return replace(result, items=moved, start_ms=result.start_ms + by_ms, end_ms=result.end_ms + by_ms)


def test_a_later_result_waits_for_the_final_of_an_earlier_one():
    """Or its words would be numbered before words that were said before them."""
    made = core()
    made.receive(partial("one two", 0), 0)
    second = later(partial("three, four", 3, result_id="s"), 700)
    assert said(made.receive(second, 1_000)) == []
    assert said(made.receive(final("one two."), 1_400)) == [("one two.", "final"), ("three,", "clause")]


def test_it_waits_for_three_seconds_after_the_earlier_ones_words_changed_last():
    """A final that takes longer may never come."""
    made = core()
    made.receive(partial("one two", 0), 500)
    made.receive(later(partial("three, four", 3, result_id="s"), 700), 1_000)
    assert made.next_deadline_ms == 3_500
    assert said(made.tick(3_499)) == []
    assert said(made.tick(3_500)) == [("three, four", "pause")]


def test_it_waits_for_an_earlier_final_that_waits_for_audio():
    """`sandbox sim --scenario steady --seed 500 --speech 60 --faults all`: a chunk was late, and so was the final; what
    was said after it was sent before it."""
    made = core()
    made.receive(partial("one two", 0), 500)
    made.receive(later(partial("three, four", 3, result_id="s"), 700), 1_000)
    made.audio_awaited(2_500)
    assert made.next_deadline_ms == 5_500
    assert said(made.tick(3_500)) == []
    assert said(made.receive(final("one two"), 4_000)) == [("one two", "final"), ("three, four", "pause")]


def test_words_that_wait_for_another_result_leave_at_max_buffer_timeout():
    """However the earlier one grows meanwhile."""
    made = core(max_buffer_timeout_ms=2_000)
    made.receive(partial("one two", 0), 0)
    made.receive(later(partial("three, four", 3, result_id="s"), 3_000), 1_000)
    made.receive(partial("one two five", 0), 2_900)
    assert said(made.tick(2_999)) == []
    assert said(made.tick(3_000)) == [("three, four", "buffer")]


def test_an_orphan_keeps_nobody_waiting():
    """Once it is flushed, whatever follows leaves as if it were alone."""
    made = core(orphan_timeout_ms=1_000)
    made.receive(partial("one two", 0), 0)
    made.receive(later(partial("three, four", 3, result_id="s"), 700), 900)
    assert said(made.tick(1_000)) == [("one two", "orphan"), ("three,", "clause")]


def test_a_speaker_may_say_the_same_twice():
    """Nothing is keyed by text."""
    made = core()
    assert said(made.receive(final("yes.", "a"), 0)) == [("yes.", "final")]
    assert said(made.receive(final("yes.", "b"), 100)) == [("yes.", "final")]


def test_the_end_of_a_stream_flushes_what_was_stable():
    """And no more."""
    made = core()
    made.receive(partial("one two three", 2), 0)
    assert said(made.finish(100)) == [("one two", "finish")]
    assert said(made.finish(200)) == []


def test_what_is_covered_grows_with_what_is_committed():
    """The worker deletes messages up to here; silence that nothing speaks of is covered after a while."""
    made = core()
    made.audio_heard(1000)
    assert made.covered_until_ms == 0
    made.receive(partial("one two, three", 3), 1000)
    assert made.covered_until_ms == 580
    made.receive(final("one two, three."), 2000)
    assert made.covered_until_ms == 880
    made.audio_heard(9_000)
    assert made.covered_until_ms == 6_000


def test_before_a_word_that_waits_nothing_is_covered_that_was_not_said():
    """What a stream has missed, because audio before it was lost, the next one may hear; until long after it."""
    made = core()
    made.receive(final("one two"), 1_000)
    later = partial("_ _ _ four five", result_id="s")
    made.receive(replace(later, items=later.items[3:], start_ms=later.items[3].start_ms), 2_000)
    assert made.covered_until_ms == 580
    assert made.receive(final("one two three", result_id="t"), 2_500)
    assert made.covered_until_ms == 880


@pytest.mark.parametrize(("stability", "released"), [(0.85, True), (0.84, False)])
def test_the_threshold_means_the_same_for_a_recogniser_with_scores(stability, released):
    """At the threshold a word counts, below it not."""
    parts = tuple(
        Item(text=text, is_punctuation=text == ",", start_ms=0, end_ms=100, stability=stability)
        for text in ("one", "two", ",")
    )
    made = core()
    outputs = made.receive(Result(result_id="r", is_partial=True, items=parts, start_ms=0, end_ms=100), 0)
    assert bool(said(outputs)) is released


def timed(*words: tuple[str, int, int], is_partial: bool = True) -> Result:
    """A result of a recogniser without scores: words with their times."""
    parts = tuple(
        Item(text=text, is_punctuation=False, start_ms=start_ms, end_ms=end_ms) for text, start_ms, end_ms in words
    )
    return Result(result_id="r", is_partial=is_partial, items=parts, start_ms=0, end_ms=parts[-1].end_ms)


FOUR = (("hello", 0, 400), ("study", 400, 700), ("rather", 700, 1000), ("cold", 1000, 1300))


def committed_four() -> PartialResultProcessor:
    made = core()
    for now_ms in (0, 400):
        made.receive(timed(*FOUR, ("art", 1300, 1500)), now_ms)
    assert said(made.tick(1600)) == [("hello study rather cold", "wait")]
    return made


def test_words_that_move_because_an_earlier_one_became_two_are_not_said_again():
    """`hello study` became `unless to be`: the audio of the four words is said, `hearted` is what comes next."""
    made = committed_four()
    longer = (("unless", 0, 350), ("to", 350, 500), ("be", 500, 700), *FOUR[2:], ("hearted", 1300, 1800))
    for now_ms in (1700, 2000):
        assert made.receive(timed(*longer, ("and", 1800, 2000)), now_ms) == []
    outputs = made.receive(timed(*longer, ("and", 1800, 2000), is_partial=False), 2400)
    assert said(outputs) == [("hearted and", "final")]
    assert [one.text for one in outputs if isinstance(one, Correction)] == ["unless to be rather cold"]


def test_words_that_move_because_two_became_one_are_not_lost():
    """`hello study` became `molested`: one word fewer is committed, and the next one is said."""
    made = committed_four()
    outputs = made.receive(timed(("molested", 0, 700), *FOUR[2:], ("hearted", 1300, 1800), is_partial=False), 2400)
    assert said(outputs) == [("hearted", "final")]


def test_a_final_that_has_other_words_throughout_repeats_none_of_the_audio():
    """A second pass may change every word; what lies behind the committed audio is said, the rest is corrected."""
    made = committed_four()
    other = (("most", 0, 300), ("of", 300, 500), ("us", 500, 900), ("is", 900, 1290), ("here", 1300, 1800))
    outputs = made.receive(timed(*other, is_partial=False), 2400)
    assert said(outputs) == [("here", "final")]
    assert [one.text for one in outputs if isinstance(one, Correction)] == ["most of us is"]


def test_the_last_committed_word_is_found_where_its_time_has_moved():
    """By more than half of it: the word is said, not said again."""
    made = committed_four()
    moved = (
        ("hello", 0, 400),
        ("steady", 400, 800),
        ("rather", 800, 1150),
        ("cold", 1150, 1500),
        ("hearted", 1500, 1800),
    )
    assert said(made.receive(timed(*moved, is_partial=False), 2400)) == [("hearted", "final")]


def test_a_mark_that_comes_later_between_committed_words_moves_nothing():
    """Words are counted, not items."""
    made = core()
    made.receive(partial("one two three four five", 4), 0)
    made.tick(1200)
    assert made.receive(partial("one, two, three, four five", 7), 1300) == []
    assert said(made.receive(final("one, two, three, four five."), 1400)) == [("five.", "final")]
